/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv3_fixture.h"

/* The command queue: order, wrap, errors, time. */

enum { CERROR_ILL = 1, CERROR_ABT = 2, CERROR_UNKNOWN = 0x55 };

#define SECOND UINT64_C(1000000000)

static struct smmuv3_model_config without_ril(void)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    cfg.idr3 &= ~(1u << 10);
    return cfg;
}

/* `pages` pages of 4 KiB, apart from one another when `ranges` > 1. */
static int flush_pages(struct iommu_domain *d, unsigned pages, unsigned ranges)
{
    struct pt_gather g;

    pt_gather_init(&g);
    for (unsigned i = 0; i < ranges; i++)
        pt_gather_add(
            &g, (struct range){FX_IOVA + i * GIB(1), FX_IOVA + i * GIB(1) + pages * PAGE_SIZE - 1},
            12, false);
    return fx.unit->ops->flush(fx.unit, d, &g);
}

static void close_with(struct iommu_domain *d)
{
    iommu_domain_destroy(d);
    fx_close();
}

/* ---- order and wrap -------------------------------------------------------------------------- */

static void ring_wraps(void **state)
{
    struct smmuv3_model_config single = without_ril();
    struct iommu_domain *d;
    uint64_t sent = 0;

    (void)state;
    fx_start(&single);
    d = fx_domain(12);
    smmuv3_model_clear_counts(fx.model);
    for (unsigned pages = 1; sent < 5000; pages = pages % 300 + 7) {
        assert_int_equal(flush_pages(d, pages, 1), 0);
        sent += pages;
    }
    assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), sent);
    close_with(d);
}

/* More commands than the ring has entries, and an SMMU that takes one now and then. */
static void slow_consumer_loses_nothing(void **state)
{
    struct smmuv3_model_config cfg = without_ril();

    (void)state;
    cfg.lazy_commands = true;
    for (cfg.burst = 1; cfg.burst < 200; cfg.burst *= 3) {
        struct iommu_domain *d;

        cfg.sync_delay = cfg.burst * 5;
        fx_start(&cfg);
        d = fx_domain(12);
        smmuv3_model_clear_counts(fx.model);
        assert_int_equal(flush_pages(d, 500, 1), 0);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), 500);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_SYNC), 1);
        close_with(d);
    }
}

static void smallest_queue(void **state)
{
    struct smmuv3_model_config cfg = without_ril();
    struct iommu_domain *d;

    (void)state;
    cfg.idr1 = (cfg.idr1 & ~(0x3ffu << 16)) | 7 << 21; /* 128 commands, one event */
    cfg.lazy_commands = true;
    fx_start(&cfg);
    d = fx_domain(12);
    smmuv3_model_clear_counts(fx.model);
    assert_int_equal(flush_pages(d, 511, 1), 0);
    assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), 511);
    close_with(d);
}

/* MMU-700: no more than 63 commands without a CMD_SYNC. */
static void erratum_syncs_more_often(void **state)
{
    struct smmuv3_model_config cfg = without_ril();
    struct iommu_domain *d;
    char text[400];

    (void)state;
    cfg.iidr = 0x4872043b;
    fx_start(&cfg);
    d = fx_domain(12);
    smmuv3_model_clear_counts(fx.model);
    assert_int_equal(flush_pages(d, 253, 1), 0);
    assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), 253);
    assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_SYNC), 5);
    smmuv3_describe(fx.unit, text, sizeof(text));
    assert_non_null(strstr(text, "errata: MMU-700"));
    close_with(d);
}

/* ---- errors (7.1) ---------------------------------------------------------------------------- */

static void illegal_command_is_replaced(void **state)
{
    (void)state;
    for (unsigned nth = 1; nth <= 4; nth++) {
        struct iommu_domain *d;

        fx_start(&smmuv3_model_virt);
        d = fx_domain(12);
        smmuv3_model_clear_counts(fx.model);
        smmuv3_model_fail_command(fx.model, nth, CERROR_ILL, 1);
        assert_int_equal(flush_pages(d, 1, 3), -RF_EIO);
        assert_true(fx_log_has("CERROR_ILL"));

        /* The followers were consumed; the one became a CMD_SYNC. */
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), nth == 4 ? 3 : 2);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_SYNC), nth == 4 ? 1 : 2);
        assert_int_equal(fx_stats().command_errors, 1);

        assert_int_equal(flush_pages(d, 1, 3), 0); /* and the queue goes on */
        close_with(d);
    }
}

/* The queue goes on only when the CMD_SYNC that stands in for the bad command is visible. */
static void replacement_is_visible_in_time(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        struct iommu_domain *d;

        fx_start(&smmuv3_model_virt);
        d = fx_domain(12);
        host_park_enable(seed);
        smmuv3_model_clear_counts(fx.model);
        smmuv3_model_fail_command(fx.model, 1, CERROR_ILL, 1);
        assert_int_equal(flush_pages(d, 1, 1), -RF_EIO);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), 0);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_SYNC), 2);
        host_park_disable();
        close_with(d);
    }
}

static void fetch_abort_is_retried(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    smmuv3_model_fail_command(fx.model, 2, CERROR_ABT, 3);
    smmuv3_model_clear_counts(fx.model);
    assert_int_equal(flush_pages(d, 1, 3), 0);
    assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), 3);
    assert_true(fx_log_has("CERROR_ABT"));
    close_with(d);
}

static void error_that_stays_kills_the_unit(void **state)
{
    static const uint8_t codes[] = {CERROR_ABT, CERROR_UNKNOWN, 0};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        struct iommu_domain *d;
        uint64_t sent;

        fx_start(&smmuv3_model_virt);
        d = fx_domain(12);
        fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
        fx_attach(d, FX_SID);
        fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
        smmuv3_model_fail_command(fx.model, 1, codes[i], 1000000);
        assert_int_equal(flush_pages(d, 1, 1), -RF_EIO);
        sent = fx_stats().commands;
        assert_int_equal(flush_pages(d, 1, 1), -RF_EIO); /* at once, the queue is lost */
        assert_int_equal(fx_stats().commands, sent);
        iommu_unit_kill(fx.unit, "as the core does");
        fx_assert_blocked(FX_SID, FX_IOVA, 0);
        fx_detach(d, FX_SID);
        close_with(d);
    }
}

/* ---- time ------------------------------------------------------------------------------------ */

/* The clock moves a microsecond a look: the bound is the driver's second and a little. */
static void stuck_sync_times_out(void **state)
{
    struct iommu_domain *d;
    struct pt_gather g;
    uint64_t before;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    fx_attach(d, FX_SID);
    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    smmuv3_model_set_sync_stuck(fx.model, true);

    pt_gather_init(&g);
    assert_int_equal(iommu_domain_unmap(d, FX_IOVA, PAGE_SIZE, &g), 0);
    before = clock_now_ns();
    assert_int_equal(iommu_domain_sync(d, &g), -RF_ETIMEDOUT);
    assert_in_range(clock_now_ns() - before, SECOND, SECOND + SECOND / 10);
    assert_true(fx_log_has("SMMU_CMDQ_CONS"));
    assert_true(fx.unit->dead);
    fx_assert_blocked(FX_SID, FX_IOVA, 0);
    fx_detach(d, FX_SID);
    close_with(d);
}

static void stuck_queue_times_out(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;
    uint64_t before;

    (void)state;
    cfg.commands_stuck = true;
    fx_open(&cfg);
    before = clock_now_ns();
    assert_int_equal(iommu_unit_start(fx.unit), -RF_ETIMEDOUT);
    assert_in_range(clock_now_ns() - before, SECOND, 2 * SECOND);
    fx_assert_blocked(FX_SID, FX_IOVA, 0);
    fx_close();
}

static void attach_that_times_out_denies(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    fx_attach(d, FX_SID + 1); /* the level 2 table is there */
    smmuv3_model_set_sync_stuck(fx.model, true);
    assert_int_equal(iommu_domain_attach(d, FX_SID), -RF_ETIMEDOUT);
    assert_true(fx.unit->dead);
    fx_assert_blocked(FX_SID, FX_IOVA, 0);
    fx_assert_blocked(FX_SID + 1, FX_IOVA, 0);
    fx_detach(d, FX_SID + 1);
    close_with(d);
}

static void detach_that_times_out_blocks_all(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    fx_attach(d, FX_SID);
    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    smmuv3_model_set_sync_stuck(fx.model, true);
    assert_int_equal(iommu_domain_detach(d, FX_SID), -RF_ETIMEDOUT);
    assert_true(fx.unit->dead);
    fx_assert_blocked(FX_SID, FX_IOVA, 0);
    close_with(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_wraps),
        cmocka_unit_test(slow_consumer_loses_nothing),
        cmocka_unit_test(smallest_queue),
        cmocka_unit_test(erratum_syncs_more_often),
        cmocka_unit_test(illegal_command_is_replaced),
        cmocka_unit_test(replacement_is_visible_in_time),
        cmocka_unit_test(fetch_abort_is_retried),
        cmocka_unit_test(error_that_stays_kills_the_unit),
        cmocka_unit_test(stuck_sync_times_out),
        cmocka_unit_test(stuck_queue_times_out),
        cmocka_unit_test(attach_that_times_out_denies),
        cmocka_unit_test(detach_that_times_out_blocks_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
