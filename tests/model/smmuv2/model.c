/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"

/* IDR0: S2TS SMS ATOSNS, long descriptors, CTTW, 15 stream id bits, 32 groups. */
const struct smmuv2_model_config smmuv2_model_mmu401 = {
    .version = 1,
    .granule_64k = true,
    .idr0 = 1u << 29 | 1u << 27 | 1u << 26 | 1u << 24 | 4u << 16 | 1u << 14 | 15u << 9 | 32,
    .idr1 = 2u << 28 | 4u << 16 | 4,
    .idr2 = 2u << 4 | 2u,
    .sid_bits = 0x7fff,
    .mask_bits = 0x7fff,
    .cr0 = CR0_CLIENTPD,
};

/* IDR0: S1TS S2TS NTS SMS, both AArch32 formats, CTTW, 15 stream id bits, 16 groups. */
const struct smmuv2_model_config smmuv2_model_v1 = {
    .version = 1,
    .idr0 = 7u << 28 | 1u << 27 | 8u << 16 | 1u << 14 | 15u << 9 | 16,
    .idr1 = 2u << 28 | 2u << 16 | 8,
    .idr2 = 2u << 4 | 2u,
    .sid_bits = 0x7fff,
    .mask_bits = 0x7fff,
    .cr0 = CR0_CLIENTPD,
};

/* IDR0: S1TS S2TS NTS SMS, both AArch32 formats, CTTW, BTM, 15 stream id bits, 48 groups; IDR2:
 * 16-bit VMIDs, three granules, 49-bit bus, 48 bits out and in. */
const struct smmuv2_model_config smmuv2_model_mmu500 = {
    .version = 2,
    .mmu500 = true,
    .idr0 = 7u << 28 | 1u << 27 | 1u << 14 | 1u << 13 | 15u << 9 | 48,
    .idr1 = 3u << 28 | 2u << 16 | 16,
    .idr2 = 0xfu << 12 | 5u << 8 | 5u << 4 | 5u,
    .idr7 = 0x24,
    .sid_bits = 0x7fff,
    .mask_bits = 0x7fff,
    .cr0 = CR0_CLIENTPD,
};

/* ---- life ------------------------------------------------------------------------------------ */

/* MMU-500 prefetches until it is told not to, and is locked until that lock is opened. */
static void reset(struct smmuv2_model *m)
{
    m->cr0 = m->cfg.cr0;
    m->acr = m->cfg.mmu500 ? 1u << 26 : 0;
    for (unsigned i = 0; i < m->groups; i++) {
        m->smr[i] = m->cfg.smr;
        m->s2cr[i] = m->cfg.s2cr;
    }
    for (unsigned i = 0; i < m->banks; i++)
        m->bank[i].actlr = m->cfg.mmu500 ? 2 : 0;
}

struct smmuv2_model *smmuv2_model_new(const struct smmuv2_model_config *cfg)
{
    struct smmuv2_model *m = calloc(1, sizeof(*m));
    bool matching = bit(cfg->idr0, 27);

    m->cfg = *cfg;
    m->groups = (unsigned)(matching ? bits(cfg->idr0, 7, 0) : 1u << bits(cfg->idr0, 12, 9));
    m->groups = m->groups < GROUPS_MAX ? m->groups : GROUPS_MAX;
    m->banks = (unsigned)bits(cfg->idr1, 7, 0);
    m->s2_banks = (unsigned)bits(cfg->idr1, 23, 16);
    reset(m);
    if (cfg->non_coherent)
        m->memory = model_memory_new(cfg->ram_base, cfg->ram_size);
    return m;
}

void smmuv2_model_free(struct smmuv2_model *m)
{
    model_memory_free(m->memory);
    sm2_tlb_clear(m);
    sm2_drop_routes(m, -1);
    free(m->pending);
    free(m);
}

static uint64_t mmio_read(void *ctx, uint64_t off, unsigned width)
{
    return smmuv2_model_read(ctx, (uint32_t)off, width);
}

static void mmio_write(void *ctx, uint64_t off, unsigned width, uint64_t value)
{
    smmuv2_model_write(ctx, (uint32_t)off, width, value);
}

void smmuv2_model_map(struct smmuv2_model *m, uint64_t base)
{
    static const struct host_mmio_ops ops = {.read = mmio_read, .write = mmio_write};

    host_mmio_register(base, smmuv2_model_size(m), &ops, m);
}

/* ---- what it saw ----------------------------------------------------------------------------- */

struct model_watch *smmuv2_model_watch(struct smmuv2_model *m)
{
    return &m->watch;
}

unsigned smmuv2_model_count(const struct smmuv2_model *m, enum smmuv2_model_op op)
{
    return m->counts[op];
}

void smmuv2_model_clear_counts(struct smmuv2_model *m)
{
    memset(m->counts, 0, sizeof(m->counts));
}

/* ---- errors on demand ------------------------------------------------------------------------ */

void smmuv2_model_drop(struct smmuv2_model *m, enum smmuv2_model_op op, bool drop)
{
    m->drop[op] = drop;
}

void smmuv2_model_set_sync_stuck(struct smmuv2_model *m, bool stuck)
{
    m->cfg.sync_stuck = stuck;
}

void smmuv2_model_keep_group(struct smmuv2_model *m, unsigned group)
{
    m->kept[group] = true;
}

void smmuv2_model_set_silent(struct smmuv2_model *m, uint32_t value)
{
    m->cfg.silent = true;
    m->cfg.silent_value = value;
}

void smmuv2_model_raise_global(struct smmuv2_model *m, uint32_t gfsr, uint32_t sid, uint64_t iova)
{
    sm2_global_fault(m, gfsr, sid, iova, false);
}

void smmuv2_model_raise_context(struct smmuv2_model *m, unsigned bank, uint32_t fsr, uint32_t sid,
                                uint64_t iova, bool write)
{
    sm2_context_fault(m, bank, fsr, 3, sid, iova, write);
}
