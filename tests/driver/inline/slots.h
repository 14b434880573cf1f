/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_INLINE_SLOTS_H
#define RF_TESTS_DRIVER_INLINE_SLOTS_H

#include "tests/driver/inline/unit_fixture.h"

/* Slots of one page each in a domain, `stride` apart, so that tables come and go with them. */
#define SLOTS 96u

struct slots {
    struct iommu_domain *d;
    uint32_t sid;
    uint64_t page, stride;
    uint64_t pa[SLOTS]; /* 0: not mapped */
    uint64_t seed;
    void (*assert_unmapped)(uint32_t sid, uint64_t iova);
};

static inline uint64_t slots_random(struct slots *s, uint64_t below)
{
    s->seed = s->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (s->seed >> 33) % below;
}

static inline uint64_t slot_iova(const struct slots *s, unsigned i)
{
    return FX_IOVA + i * s->stride;
}

static inline void slots_check(const struct slots *s)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (s->pa[i])
            fx_assert_passes(s->sid, slot_iova(s, i), s->pa[i]);
        else
            s->assert_unmapped(s->sid, slot_iova(s, i));
}

static inline void slots_unmap_some(struct slots *s)
{
    unsigned first = (unsigned)slots_random(s, SLOTS);
    unsigned n = (unsigned)slots_random(s, SLOTS - first) + 1;

    fx_unmap_sync(s->d, slot_iova(s, first), n * s->stride);
    for (unsigned i = first; i < first + n; i++)
        s->pa[i] = 0;
}

static inline void slots_map_some(struct slots *s)
{
    for (unsigned k = 0; k < SLOTS / 2; k++) {
        unsigned i = (unsigned)slots_random(s, SLOTS);
        uint64_t pa = FX_PA + slots_random(s, 1000) * s->page;

        if (s->pa[i])
            continue;
        fx_map(s->d, slot_iova(s, i), pa, s->page);
        s->pa[i] = pa;
    }
}

/* Maps, uses, unmaps and uses pages of the domain, which has nothing mapped and this stream in it.
 */
static inline void slots_come_and_go(struct iommu_domain *d, uint32_t sid, uint64_t stride_pages,
                                     void (*assert_unmapped)(uint32_t sid, uint64_t iova))
{
    struct slots s = {.d = d, .sid = sid, .seed = stride_pages, .assert_unmapped = assert_unmapped};

    s.page = BIT(d->pt.cfg.granule_lg2);
    s.stride = stride_pages * s.page;
    for (unsigned round = 0; round < 6; round++) {
        slots_map_some(&s);
        slots_check(&s);
        slots_unmap_some(&s);
        slots_check(&s);
    }
}

#endif
