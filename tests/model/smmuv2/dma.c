/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

/* With HUPCF = 0 an outstanding fault may hold up what comes after it. */
static bool is_held_up(const struct smmuv2_model *m, unsigned bank)
{
    const struct bank *b = &m->bank[bank];

    return b->fsr & FSR_FAULTS && !(b->sctlr & SCTLR_HUPCF);
}

static struct smmuv2_model_result bypass(uint64_t iova)
{
    return (struct smmuv2_model_result){.passed = true, .bypassed = true, .paddr = iova};
}

/* The way on from a stream's route. Records no fault. */
static struct smmuv2_model_result go(struct smmuv2_model *m, struct route r, uint64_t iova,
                                     bool write, bool fresh, uint8_t *level)
{
    struct walked w;

    switch (r.kind) {
    case ROUTE_FAULT:
        return (struct smmuv2_model_result){.gfsr = r.gfsr};
    case ROUTE_BYPASS:
        return bypass(iova);
    case ROUTE_BANK:
        break;
    }
    if (!(m->bank[r.bank].sctlr & SCTLR_M))
        return bypass(iova);
    if (is_held_up(m, r.bank))
        return (struct smmuv2_model_result){.stalled = m->bank[r.bank].sctlr & SCTLR_CFCFG};
    w = sm2_walk(m, r.bank, iova, write, fresh);
    *level = w.level;
    if (w.fsr)
        return (struct smmuv2_model_result){.fsr = w.fsr};
    return (struct smmuv2_model_result){
        .passed = true, .paddr = w.paddr, .device_memory = w.device_memory};
}

struct smmuv2_model_result smmuv2_model_dma(struct smmuv2_model *m, uint32_t sid, uint64_t iova,
                                            bool write)
{
    struct smmuv2_model_result r, now;
    struct route route;
    uint8_t level = 0;

    if (m->cfg.forget && ++m->accesses % m->cfg.forget == 0)
        sm2_tlb_clear(m);
    now = go(m, sm2_route(m, sid), iova, write, true, &level);
    route = sm2_kept_route(m, sid);
    r = go(m, route, iova, write, false, &level);
    r.stale = r.passed && (!now.passed || now.paddr != r.paddr);
    if (r.gfsr)
        sm2_global_fault(m, r.gfsr, sid, iova, write);
    if (r.fsr) {
        sm2_context_fault(m, route.bank, r.fsr, level, sid, iova, write);
        r.stalled = m->bank[route.bank].fsr & FSR_SS;
    }
    return r;
}
