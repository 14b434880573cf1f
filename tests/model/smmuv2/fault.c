/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

/* The first fault is recorded, a later one only counted, by a bit (chapter 3). */

void sm2_global_fault(struct smmuv2_model *m, uint32_t gfsr, uint32_t sid, uint64_t iova,
                      bool write)
{
    if (m->gfsr) {
        m->gfsr |= GFSR_MULTI;
        return;
    }
    m->gfsr = gfsr;
    m->gfar = iova;
    m->gfsynr0 = (uint32_t)write << 1;
    m->gfsynr1 = sid;
}

bool smmuv2_model_interrupts(const struct smmuv2_model *m)
{
    if (m->gfsr && m->cr0 & CR0_GFIE)
        return true;
    for (unsigned i = 0; i < m->banks; i++)
        if (m->bank[i].fsr & FSR_FAULTS && m->bank[i].sctlr & SCTLR_CFIE)
            return true;
    return false;
}

void sm2_context_fault(struct smmuv2_model *m, unsigned n, uint32_t fsr, uint8_t level,
                       uint32_t sid, uint64_t iova, bool write)
{
    struct bank *b = &m->bank[n];

    if (b->fsr & FSR_FAULTS) {
        b->fsr |= FSR_MULTI;
        return;
    }
    b->fsr = fsr | (b->sctlr & SCTLR_CFCFG ? FSR_SS : 0);
    b->far = iova;
    b->fsynr0 = (level & 3u) | (uint32_t)write << 4;
    b->frsynra = sid;
}
