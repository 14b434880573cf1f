/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_INLINE_ATTACK_H
#define RF_TESTS_DRIVER_INLINE_ATTACK_H

#include "tests/driver/inline/unit_fixture.h"

/* A device that never stops: it writes between any two stores of the driver. */
static struct attack {
    bool allowed; /* an attach or detach is under way */
    unsigned passed, tries;
    bool (*denied)(const struct FX_NAME(model_result) * r); /* for want of an entry */
} attack;

/* The stream translates as mapped or is denied for want of an entry: a half-made structure would be
 * another fault. Its neighbour is never let in. */
static inline void attack_after_store(void *ctx, paddr_t pa, unsigned width)
{
    struct FX_NAME(model_result) r = fx_dma(FX_SID, FX_IOVA, true);
    struct FX_NAME(model_result) neighbour = fx_dma(FX_SID + 1, FX_IOVA, true);

    (void)ctx;
    (void)pa;
    (void)width;
    attack.tries++;
    attack.passed += r.passed;
    assert_true(r.passed ? attack.allowed && r.paddr == FX_PA : attack.denied(&r));
    assert_true(!neighbour.passed && attack.denied(&neighbour));
}

/* Lets the stream in and out, and then another one, while stores become visible in any order. */
static inline void attack_attach_and_detach(struct iommu_domain *d, uint64_t seed,
                                            bool (*denied)(const struct FX_NAME(model_result) * r))
{
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    attack = (struct attack){.denied = denied};
    host_park_enable(seed);
    host_store_hook(attack_after_store, NULL);
    attack.allowed = true;
    fx_attach(d, FX_SID);
    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    fx_detach(d, FX_SID);
    attack.allowed = false;
    fx_attach(d, FX_SID + 2); /* more stores */
    fx_detach(d, FX_SID + 2);
    host_store_hook(NULL, NULL);
    host_park_disable();
    assert_true(attack.tries > 10 && attack.passed > 0);
}

#endif
