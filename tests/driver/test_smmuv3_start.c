/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv3_fixture.h"

/* Starting a unit: what is waited for, what is invalidated, and what is lost when it fails. */

static void small_window_is_refused(void **state)
{
    struct smmuv3_config unit = fx_unit_config();
    struct model_write first;
    struct iommu_unit *u;

    (void)state;
    fx_open(&smmuv3_model_virt);
    unit.regs.size = 0x1ffff;
    assert_int_equal(smmuv3_create(&unit, &u), -RF_EINVAL);
    assert_true(fx_log_has("127 KiB, an SMMUv3 needs 128"));
    unit.page0_only = true;
    unit.regs.size = 0xffff;
    assert_int_equal(smmuv3_create(&unit, &u), -RF_EINVAL);
    inject_after(1);
    unit.regs.size = 0x10000;
    assert_int_equal(smmuv3_create(&unit, &u), -RF_ENOMEM);
    assert_int_equal(model_writes(fx_watch(), &first, 1), 0);
    fx_close();
}

/* An update that firmware began is over before the next one. */
static void gbpa_update_of_firmware_ends_first(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    (void)state;
    cfg.ack_delay = 20;
    fx_open(&cfg);
    smmuv3_model_preset(fx.model, 0x44, UINT32_C(1) << 31);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    fx_close();
}

/* EL2's translations are dropped where there are any (IDR0.HYP). */
static void every_regime_is_invalidated(void **state)
{
    (void)state;
    for (unsigned hyp = 0; hyp <= 1; hyp++) {
        struct smmuv3_model_config cfg = smmuv3_model_virt;

        cfg.idr0 = (cfg.idr0 & ~(1u << 9)) | hyp << 9;
        fx_start(&cfg);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_CFGI_ALL), 1);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_EL2_ALL), hyp);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NSNH_ALL), 1);
        fx_close();
    }
}

static void stick_when_on(void *ctx)
{
    (void)ctx;
    if (smmuv3_model_read(fx.model, 0x24, 4) != 0) /* CR0ACK */
        smmuv3_model_set_cr0ack_stuck(fx.model, true);
}

/* Its queues are on and cannot be switched off: it may still read and write them. */
static void memory_of_a_unit_that_stays_on_is_lost(void **state)
{
    struct page_stats stats;
    uint64_t free_pages;

    (void)state;
    fx_open(&smmuv3_model_virt);
    free_pages = fx_free_pages();
    assert_int_equal(fx.unit->ops->probe(fx.unit), 0);
    model_on_access(fx_watch(), stick_when_on, NULL);
    assert_int_equal(fx.unit->ops->enable(fx.unit), -RF_ETIMEDOUT);
    model_on_access(fx_watch(), NULL, NULL);
    page_get_stats(&stats);
    assert_true(stats.quarantined_pages > 0);
    assert_int_equal(stats.free_pages + stats.quarantined_pages, free_pages);
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_window_is_refused),
        cmocka_unit_test(gbpa_update_of_firmware_ends_first),
        cmocka_unit_test(every_regime_is_invalidated),
        cmocka_unit_test(memory_of_a_unit_that_stays_on_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
