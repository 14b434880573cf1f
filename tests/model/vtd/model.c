/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"

#define CAP_QEMU 0x00d2008c222f0606

const struct vtd_model_config vtd_model_legacy = {
    .ver = 0x10, .cap = CAP_QEMU, .ecap = 0x0000000000f00f4b, .haw = 46};
const struct vtd_model_config vtd_model_ss = {
    .ver = 0x10, .cap = CAP_QEMU, .ecap = 0x0001480080f00f4b, .haw = 46};
const struct vtd_model_config vtd_model_fs = {
    .ver = 0x10, .cap = CAP_QEMU | 1ull << 56, .ecap = 0x0001880000f00f4b, .haw = 46};

struct vtd_model *vtd_model_new(const struct vtd_model_config *cfg)
{
    struct vtd_model *m = calloc(1, sizeof(*m));

    m->cfg = *cfg;
    m->fectl = 1u << 31;
    vtm_memory_init(m);
    return m;
}

void vtd_model_free(struct vtd_model *m)
{
    model_memory_free(m->memory);
    vtm_caches_free(m);
    free(m);
}

void vtd_model_drop(struct vtd_model *m, enum vtd_model_type type, bool drop)
{
    m->drop[type] = drop;
}

void vtd_model_fail(struct vtd_model *m, unsigned nth, uint32_t fsts_bit, unsigned times)
{
    m->fail_nth = nth;
    m->fail_bit = fsts_bit;
    m->fail_times = times;
}

void vtd_model_set_wait_stuck(struct vtd_model *m, bool stuck)
{
    m->cfg.wait_stuck = stuck;
}

void vtd_model_set_stuck(struct vtd_model *m, uint32_t gcmd_bits)
{
    m->cfg.stuck = gcmd_bits;
}

void vtd_model_raise_fault(struct vtd_model *m, uint64_t low, uint64_t high)
{
    vtm_record(m, low, high);
}

struct model_watch *vtd_model_watch(struct vtd_model *m)
{
    return &m->watch;
}

unsigned vtd_model_count(const struct vtd_model *m, enum vtd_model_type type)
{
    return m->counts[type];
}

void vtd_model_last(const struct vtd_model *m, enum vtd_model_type type, uint64_t out[2])
{
    memcpy(out, m->last[type], sizeof(m->last[type]));
}

void vtd_model_clear_counts(struct vtd_model *m)
{
    memset(m->counts, 0, sizeof(m->counts));
}

unsigned vtd_model_fault_messages(const struct vtd_model *m)
{
    return m->messages;
}
