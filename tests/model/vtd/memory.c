/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

#include "arch/host/host.h"
#include "arch/mem.h"

/* Memory as the unit sees it: by snooping, or a copy. With RWBF that is behind a write buffer. */

enum { CAP_RWBF = 4, ECAP_C = 0, ECAP_SMTS = 43, ECAP_SMPWC = 48 };

static bool is_buffered(const struct vtd_model *m)
{
    return bit(m->cfg.cap, CAP_RWBF);
}

static bool needs_copy(const struct vtd_model *m)
{
    return !bit(m->cfg.ecap, ECAP_C) ||
           (bit(m->cfg.ecap, ECAP_SMTS) && !bit(m->cfg.ecap, ECAP_SMPWC)) || is_buffered(m);
}

/* ECAP.C for what hangs below the root table, ECAP.SMPWC for tables below PASID-table entries. */
static bool snoops(const struct vtd_model *m, enum memory kind)
{
    if (kind == MEM_QUEUE)
        return true;
    if (is_buffered(m))
        return false;
    return bit(m->cfg.ecap, kind == MEM_PAGING && is_scalable(m) ? ECAP_SMPWC : ECAP_C);
}

bool vtm_read(struct vtd_model *m, enum memory kind, uint64_t pa, uint64_t *out, unsigned words)
{
    struct model_memory *copy = snoops(m, kind) ? NULL : m->memory;
    bool there = true;

    for (unsigned i = 0; i < words; i++)
        there = there && model_read64(copy, pa + 8 * i, &out[i]);
    return there;
}

bool vtm_write32(uint64_t pa, uint32_t value)
{
    if (!host_arena_has((struct range){pa, pa + 3}))
        return false;
    *(volatile uint32_t *)paddr_to_ptr(PADDR(pa)) = value;
    return true;
}

void vtm_flush_write_buffer(struct vtd_model *m)
{
    if (is_buffered(m))
        model_memory_flush(m->memory);
}

void vtm_memory_init(struct vtd_model *m)
{
    if (!needs_copy(m))
        return;
    m->memory = is_buffered(m) ? model_memory_new_buffered(m->cfg.ram_base, m->cfg.ram_size)
                               : model_memory_new(m->cfg.ram_base, m->cfg.ram_size);
}
