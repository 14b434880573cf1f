/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"

/* The invalidation queue: wrap, waits, errors, time; and the registers where there is none. */

enum { IQE = 1 << 4, ICE = 1 << 5, ITE = 1 << 6 };

#define SECOND UINT64_C(1000000000)

/* `ranges` pages, each of which takes a descriptor. */
static int flush_pages(struct iommu_domain *d, unsigned ranges)
{
    struct pt_gather g;

    pt_gather_init(&g);
    for (unsigned i = 0; i < ranges; i++)
        pt_gather_add(&g, (struct range){i * MIB(4), i * MIB(4) + PAGE_SIZE - 1}, 12, false);
    return fx.unit->ops->flush(fx.unit, d, &g);
}

static unsigned pages_invalidated(void)
{
    return vtd_model_count(fx.model, VTD_INV_IOTLB) + vtd_model_count(fx.model, VTD_INV_PIOTLB);
}

static void close_with(struct iommu_domain *d)
{
    iommu_domain_destroy(d);
    fx_close();
}

/* ---- order and wrap -------------------------------------------------------------------------- */

static void ring_wraps(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;
        unsigned sent = 0;

        fx_start(fx_modes[mode]);
        d = fx_domain();
        vtd_model_clear_counts(fx.model);
        for (unsigned ranges = 1; sent < 2000; ranges = ranges % 32 + 1) {
            assert_int_equal(flush_pages(d, ranges), 0);
            sent += ranges;
        }
        assert_int_equal(pages_invalidated(), sent);
        close_with(d);
    }
}

/* The head moves long before the work is done: only the status tells. */
static void slow_unit_loses_nothing(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;

    (void)state;
    cfg.lazy_queue = true;
    for (cfg.wait_delay = 0; cfg.wait_delay < 300; cfg.wait_delay = 3 * cfg.wait_delay + 1) {
        struct iommu_domain *d;

        fx_start(&cfg);
        d = fx_attached();
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(iommu_domain_remove(d, FX_IOVA, PAGE_SIZE), 0);
            fx_assert_unmapped(FX_SID, FX_IOVA);
            fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
            fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
        }
        fx_detach(d, FX_SID);
        close_with(d);
    }
}

/* ---- errors (6.5.2.10) ----------------------------------------------------------------------- */

/* The bad one is left out, those behind it are carried out, and the caller is told. */
static void invalid_descriptor_is_left_out(void **state)
{
    (void)state;
    for (unsigned nth = 1; nth <= 4; nth++) {
        struct iommu_domain *d;

        fx_start(fx_modes[nth % FX_MODES]);
        d = fx_domain();
        vtd_model_clear_counts(fx.model);
        vtd_model_fail(fx.model, nth, IQE, 1);
        assert_int_equal(flush_pages(d, 3), -RF_EIO);
        assert_true(fx_log_has("IQE, invalid descriptor"));
        assert_int_equal(pages_invalidated(), nth == 4 ? 3 : 2);
        assert_int_equal(fx_stats().errors, 1);
        vtd_model_clear_counts(fx.model);
        assert_int_equal(flush_pages(d, 3), 0); /* and the queue goes on */
        assert_int_equal(pages_invalidated(), 3);
        close_with(d);
    }
}

/* Wherever in the page of the status the next wait writes, and although statuses come late and in
 * any order: what stands for the bad one writes over none. */
static void a_replaced_descriptor_spoils_no_status(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;
    struct iommu_domain *d;

    (void)state;
    cfg.wait_delay = 2;
    fx_start(&cfg);
    d = fx_domain();
    for (unsigned i = 0; i < 1100; i++) {
        vtd_model_fail(fx.model, 1, IQE, 1);
        assert_int_equal(flush_pages(d, 1), -RF_EIO);
    }
    assert_false(fx_log_has("did not complete"));
    close_with(d);
}

/* What a time-out dropped is asked again, all of it. A status that belongs to what was dropped, and
 * comes late, is nobody's. */
static void time_out_of_a_device_is_repeated(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;

    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct iommu_domain *d;

        cfg.late_status = i % 2;
        cfg.wait_delay = i & 4 ? 5 : 0;
        fx_start(&cfg);
        d = fx_attached();
        vtd_model_fail(fx.model, i & 2 ? 2 : 1, ITE, i % 3 + 1);
        assert_int_equal(iommu_domain_remove(d, FX_IOVA, PAGE_SIZE), 0);
        assert_true(fx_log_has("ITE"));
        fx_assert_unmapped(FX_SID, FX_IOVA);
        fx_detach(d, FX_SID);
        close_with(d);
    }
}

/* Each time what is repeated comes behind what stands: the ring is never overrun. */
static void repeated_batches_do_not_fill_the_ring(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;
    struct iommu_domain *d;
    struct pt_gather g;

    (void)state;
    cfg.late_status = true;
    fx_start(&cfg);
    d = fx_domain();
    pt_gather_init(&g);
    for (uint64_t i = 0; i < PT_GATHER_RANGES; i++) /* two descriptors each */
        pt_gather_add(&g, (struct range){GIB(i + 1) - PAGE_SIZE, GIB(i + 1) + PAGE_SIZE - 1}, 12,
                      false);
    vtd_model_fail(fx.model, 1, ITE, 4);
    assert_int_equal(iommu_domain_sync(d, &g), -RF_EIO);
    assert_true(fx.unit->dead);
    close_with(d);
}

static void unexpected_answer_is_only_reported(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&vtd_model_fs);
    d = fx_attached();
    vtd_model_fail(fx.model, 1, ICE, 1);
    assert_int_equal(iommu_domain_remove(d, FX_IOVA, PAGE_SIZE), 0);
    assert_true(fx_log_has("ICE"));
    fx_assert_unmapped(FX_SID, FX_IOVA);
    fx_detach(d, FX_SID);
    close_with(d);
}

/* An error that does not go away: bounded, and the queue is not used again. The unit is blocked by
 * a fresh queue. */
static void error_that_stays_kills_the_unit(void **state)
{
    static const uint32_t errors[] = {IQE, ITE};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        struct iommu_domain *d;

        fx_start(&vtd_model_fs);
        d = fx_attached();
        vtd_model_fail(fx.model, 1, errors[i], 20);
        assert_int_equal(flush_pages(d, 1), -RF_EIO);
        assert_int_equal(flush_pages(d, 1), -RF_EIO); /* at once, the queue is lost */
        vtd_model_fail(fx.model, 0, 0, 0);
        iommu_unit_kill(fx.unit, "as the core does");
        fx_assert_denied(FX_SID);
        fx_detach(d, FX_SID);
        close_with(d);
    }
}

/* ---- time ------------------------------------------------------------------------------------ */

/* The clock moves a microsecond a look: the bound is the driver's second and a little. */
static void stuck_wait_times_out(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;
        struct pt_gather g;
        uint64_t before;

        fx_start(fx_modes[mode]);
        d = fx_attached();
        vtd_model_set_wait_stuck(fx.model, true);
        pt_gather_init(&g);
        assert_int_equal(iommu_domain_unmap(d, FX_IOVA, PAGE_SIZE, &g), 0);
        before = clock_now_ns();
        assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), -RF_ETIMEDOUT);
        assert_in_range(clock_now_ns() - before, SECOND, SECOND + SECOND / 10);
        assert_true(fx_log_has("IQH_REG"));
        assert_int_equal(iommu_domain_sync(d, &g), -RF_EIO);
        assert_true(fx.unit->dead);
        assert_true(fx_log_has("what it has cached may still pass"));
        vtd_model_set_wait_stuck(fx.model, false);
        assert_false(fx_dma(FX_SID, FX_IOVA + PAGE_SIZE, true).passed); /* nothing new does */
        fx_detach(d, FX_SID);
        close_with(d);
    }
}

/* It answers again when it is killed: then nothing is left. What it may have cached is lost, and
 * counted: a context table for each of two buses, and the PASID tables of two streams. */
static void a_killed_unit_forgets_all(void **state)
{
    static const uint64_t lost[FX_MODES] = {2, 2 + 2 * 2, 2 + 2 * 2};

    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;
        struct page_stats s;

        fx_start(fx_modes[mode]);
        d = fx_attached();
        fx_attach(d, FX_SID + 0x100);
        vtd_model_set_wait_stuck(fx.model, true);
        assert_int_equal(flush_pages(d, 1), -RF_ETIMEDOUT);
        vtd_model_set_wait_stuck(fx.model, false);
        iommu_unit_kill(fx.unit, "the test says so");
        page_get_stats(&s);
        assert_int_equal(s.quarantined_pages, lost[mode]);
        fx_assert_denied(FX_SID);
        fx_detach(d, FX_SID);
        fx_detach(d, FX_SID + 0x100);
        close_with(d);
    }
}

static void detach_that_times_out_kills_the_unit(void **state)
{
    struct iommu_domain *d;
    struct page_stats s;

    (void)state;
    fx_start(&vtd_model_fs);
    d = fx_attached();
    vtd_model_set_wait_stuck(fx.model, true);
    assert_int_equal(iommu_domain_detach(d, FX_SID), -RF_ETIMEDOUT);
    assert_true(fx.unit->dead);
    page_get_stats(&s);
    assert_int_equal(s.quarantined_pages,
                     3); /* context and PASID tables, which it may still read */
    close_with(d);
}

static void attach_that_times_out_kills_the_unit(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;
    struct iommu_domain *d;

    (void)state;
    fx_set(&cfg.cap, FX_CAP_CM, true);
    fx_start(&cfg);
    d = fx_domain();
    vtd_model_set_wait_stuck(fx.model, true);
    assert_int_equal(iommu_domain_attach(d, FX_SID), -RF_ETIMEDOUT);
    assert_true(fx.unit->dead);
    fx_assert_denied(FX_SID);
    close_with(d);
}

/* ---- without a queue ------------------------------------------------------------------------- */

static struct vtd_model_config without_queue(void)
{
    struct vtd_model_config cfg = vtd_model_legacy;

    fx_set(&cfg.ecap, FX_ECAP_QI, false);
    return cfg;
}

static void registers_do_the_same(void **state)
{
    struct vtd_model_config cfg = without_queue();

    (void)state;
    for (cfg.wait_delay = 0; cfg.wait_delay < 20; cfg.wait_delay += 6) {
        struct iommu_domain *d;

        fx_start(&cfg);
        d = fx_attached();
        vtd_model_clear_counts(fx.model);
        assert_int_equal(flush_pages(d, 3), 0);
        assert_int_equal(vtd_model_count(fx.model, VTD_INV_IOTLB), 3);
        assert_int_equal(iommu_domain_remove(d, FX_IOVA, PAGE_SIZE), 0);
        fx_assert_unmapped(FX_SID, FX_IOVA);
        fx_detach(d, FX_SID);
        close_with(d);
    }
}

static void registers_that_do_not_answer(void **state)
{
    struct vtd_model_config cfg = without_queue();

    (void)state;
    for (int refused = 0; refused <= 1; refused++) {
        cfg.direct_refused = refused;
        cfg.direct_stuck = !refused;
        fx_open(&cfg);
        assert_int_equal(iommu_unit_start(fx.unit), refused ? -RF_EIO : -RF_ETIMEDOUT);
        assert_true(fx_log_has("CCMD_REG"));
        assert_true(fx.unit->dead);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_wraps),
        cmocka_unit_test(slow_unit_loses_nothing),
        cmocka_unit_test(invalid_descriptor_is_left_out),
        cmocka_unit_test(a_replaced_descriptor_spoils_no_status),
        cmocka_unit_test(time_out_of_a_device_is_repeated),
        cmocka_unit_test(repeated_batches_do_not_fill_the_ring),
        cmocka_unit_test(unexpected_answer_is_only_reported),
        cmocka_unit_test(error_that_stays_kills_the_unit),
        cmocka_unit_test(stuck_wait_times_out),
        cmocka_unit_test(a_killed_unit_forgets_all),
        cmocka_unit_test(detach_that_times_out_kills_the_unit),
        cmocka_unit_test(attach_that_times_out_kills_the_unit),
        cmocka_unit_test(registers_do_the_same),
        cmocka_unit_test(registers_that_do_not_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
