/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

/* Primary fault logging (7.3.1). */

static unsigned record_count(const struct vtd_model *m)
{
    return (unsigned)bits(m->cfg.cap, 47, 40) + 1;
}

static bool any_pending(const struct vtd_model *m)
{
    for (unsigned i = 0; i < record_count(m); i++)
        if (bit(m->frcd[i].high, 63))
            return true;
    return false;
}

uint32_t vtm_fsts(const struct vtd_model *m)
{
    return m->fsts | (any_pending(m) ? S_PPF : 0);
}

void vtm_fault_event(struct vtd_model *m)
{
    m->messages += !bit(m->fectl, 31);
}

/* Nothing is recorded as long as an overflow is not acknowledged. */
void vtm_record(struct vtd_model *m, uint64_t low, uint64_t high)
{
    struct frcd *r = &m->frcd[m->frcd_next];

    if (m->fsts & S_PFO)
        return;
    if (bit(r->high, 63)) {
        m->fsts |= S_PFO;
        return;
    }
    if (!any_pending(m)) {
        m->fsts = (m->fsts & ~0xff00u) | m->frcd_next << 8;
        vtm_fault_event(m);
    }
    *r = (struct frcd){low, high | 1ull << 63};
    m->frcd_next = (m->frcd_next + 1) % record_count(m);
}
