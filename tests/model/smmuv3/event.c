/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

enum { GERROR_EVENTQ_ABT = 1u << 2 };

static unsigned log2size(const struct smmuv3_model *m)
{
    unsigned asked = (unsigned)bits(m->eventq_base, 4, 0);
    unsigned most = (unsigned)bits(m->cfg.idr1, 20, 16);

    return asked < most ? asked : most;
}

static bool is_full(const struct smmuv3_model *m)
{
    return ((m->eventq_prod ^ m->eventq_cons) & ((2u << log2size(m)) - 1)) == 1u << log2size(m);
}

/* OVFLG toggles only when the last overflow was acknowledged (7.4). */
static void overflow(struct smmuv3_model *m)
{
    if (m->cfg.no_overflow_flag)
        sm3_raise_gerror(m, GERROR_EVENTQ_ABT);
    else if (bit(m->eventq_prod, 31) == bit(m->eventq_cons, 31))
        m->eventq_prod ^= 1u << 31;
}

void sm3_event_record(struct smmuv3_model *m, const uint64_t record[4])
{
    uint32_t index = m->eventq_prod & ((2u << log2size(m)) - 1);
    uint64_t pa = keep(m->eventq_base, 51, 5);

    if (!(m->cr0ack & EN_EVENTQ) || ((m->gerror ^ m->gerrorn) & GERROR_EVENTQ_ABT))
        return;
    if (is_full(m)) {
        overflow(m);
        return;
    }
    pa += (uint64_t)(index & ((1u << log2size(m)) - 1)) * 32;
    for (unsigned i = 0; i < 4; i++)
        if (!model_write64(m->memory, pa + 8 * i, record[i])) {
            sm3_raise_gerror(m, GERROR_EVENTQ_ABT);
            return;
        }
    m->eventq_prod = (m->eventq_prod & 1u << 31) | ((index + 1) & ((2u << log2size(m)) - 1));
}
