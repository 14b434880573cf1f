/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"

/* Invalidations that complete late, or never. */

static void a_late_sync_is_waited_for(void **state)
{
    (void)state;
    for (unsigned delay = 0; delay < 40; delay += 13) {
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
            struct smmuv2_model_config cfg = part_config(&parts[i]);
            struct iommu_domain *d;

            cfg.sync_delay = delay;
            cfg.keeps_routes = true;
            fx_start(&cfg);
            d = fx_attached(SID);
            fx_unmap_sync(d, FX_IOVA, fx_granule());
            fx_assert_faults(SID, FX_IOVA, CF_TRANSLATION);
            fx_detach(d, SID);
            fx_assert_denied(SID);
            iommu_domain_destroy(d);
            fx_close();
        }
    }
}

static void a_sync_that_never_ends_kills_the_unit(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct page_stats stats;
        struct iommu_domain *d;
        uint64_t before;

        cfg.keeps_routes = false; /* what no longer answers may keep what it has */
        fx_start(&cfg);
        before = clock_now_ns();
        d = fx_attached(SID);
        smmuv2_model_set_sync_stuck(fx.model, true);
        assert_int_equal(iommu_domain_remove(d, FX_IOVA, fx_granule()), -RF_ETIMEDOUT);
        assert_true(clock_now_ns() - before < 10000000000u);
        assert_true(fx.unit->dead);
        assert_true(fx_log_has("STATUS"));
        page_get_stats(&stats);
        assert_true(stats.quarantined_pages > 0); /* the tables, which it may still walk */
        fx_assert_blocked(SID, FX_IOVA);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* A stream that cannot be denied for certain takes its unit with it. */
static void a_detach_that_is_not_confirmed_kills_the_unit(void **state)
{
    struct iommu_domain *d;

    (void)state;
    d = start_attached(&smmuv2_model_mmu401);
    fx_attach(d, NEIGHBOUR);
    smmuv2_model_set_sync_stuck(fx.model, true);
    assert_int_equal(iommu_domain_detach(d, SID), -RF_ETIMEDOUT);
    assert_true(fx.unit->dead);
    fx_assert_blocked(SID, FX_IOVA);
    fx_assert_blocked(NEIGHBOUR, FX_IOVA);
    fx_detach_destroy(d, NEIGHBOUR);
    fx_close();
}

/* Nor is one where the registers do not hold what lets a stream in: who else would be? */
static void an_attach_that_does_not_hold_kills_the_unit(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv2_model_mmu401);
    d = fx_attached(NEIGHBOUR);
    for (unsigned group = 1; group < 32; group++)
        smmuv2_model_keep_group(fx.model, group);
    assert_int_equal(iommu_domain_attach(d, SID), -RF_EIO);
    assert_true(fx_log_has("stream 48 stays blocked"));
    assert_true(fx.unit->dead);
    fx_assert_denied(SID);
    fx_assert_denied(NEIGHBOUR);
    fx_detach_destroy(d, NEIGHBOUR);
    fx_close();
}

/* After that nothing is given to it any more. */
static void a_dead_unit_takes_nothing(void **state)
{
    struct iommu_domain *d, *other;

    (void)state;
    fx_start(&smmuv2_model_mmu500);
    d = fx_mapped_domain();
    iommu_unit_kill(fx.unit, "the test says so");
    assert_int_equal(iommu_domain_attach(d, SID), -RF_ENODEV);
    assert_int_equal(iommu_domain_map(d, 0, PADDR(FX_PA), fx_granule(), FX_RW), -RF_ENODEV);
    assert_int_equal(iommu_domain_create(fx.unit, 12, &other), -RF_ENODEV);
    fx_assert_blocked(SID, FX_IOVA);
    iommu_domain_destroy(d);
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_sync_is_waited_for),
        cmocka_unit_test(a_sync_that_never_ends_kills_the_unit),
        cmocka_unit_test(a_detach_that_is_not_confirmed_kills_the_unit),
        cmocka_unit_test(an_attach_that_does_not_hold_kills_the_unit),
        cmocka_unit_test(a_dead_unit_takes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
