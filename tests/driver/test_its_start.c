/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/gic_fixture.h"

/* Taking an ITS over: what it is, its tables, its queue, and all the ways in which that fails. */

static const struct its *its(void)
{
    return CONTAINER_OF(gx.its, struct its, msi);
}

static void taken_over(void **state)
{
    (void)state;
    gx_start();
    assert_true(gicv3_model_its_is_on(gx.model));
    assert_true(gx.its->isolates);
    assert_int_equal(gx.its->base.v, GICV3_MODEL_ITS);
    assert_int_equal(gx.its->size, 0x20000);
    assert_int_equal(gx.its->alone_lg2, 16);
    assert_int_equal(gx.its->irq_first, 8192);
    assert_int_equal(gx.its->irq_count, 8192);
    assert_string_equal(gx.its->name, "its@8080000");
    assert_int_equal(gicv3_model_count(gx.model, ITS_MAPC), 1);
    assert_int_equal(gicv3_model_count(gx.model, ITS_INVALL), 1);
}

/* Firmware left it on: it is switched off, and waited for, before anything is written. */
static void taken_over_while_on(void **state)
{
    (void)state;
    gx.cfg.was_on = true;
    gx_start();
    assert_true(gicv3_model_its_is_on(gx.model));
}

static void targets(void **state)
{
    (void)state;
    for (unsigned pta = 0; pta < 2; pta++) {
        gx.cfg.pta = pta;
        gx.cfg.redists = 3;
        gx.cfg.own = 2;
        gx_start(); /* the model refuses another target */
        gx_close();
    }
}

/* What table a device id of so many bits gets. */
static void shapes(void **state)
{
    static const struct {
        unsigned dev_bits, dev_entry, page_sizes;
        bool flat_only;
        bool two_level;
        uint64_t page, ids;
    } cases[] = {
        {8, 8, 7, false, false, KIB(4), 256},
        {13, 8, 7, false, false, KIB(4), 8192},  /* 64 KiB: one level */
        {14, 8, 7, false, true, KIB(4), 16384},  /* more: two */
        {16, 8, 4, false, true, KIB(64), 65536}, /* only large pages */
        {16, 8, 2, false, true, KIB(16), 65536},
        {20, 8, 7, true, false, KIB(64), UINT64_C(1) << 20},
        {16, 16, 7, true, false, KIB(4), 65536}, /* 1 MiB is 256 pages */
        {17, 16, 7, true, false, KIB(16), UINT64_C(1) << 17},
        {24, 8, 7, false, true, KIB(4), UINT64_C(1) << 24},
        {32, 8, 7, false, true, KIB(64), UINT64_C(1) << 32},
        {24, 8, 1, true, false, KIB(4), 131072}, /* as many as 256 pages hold */
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        gx.cfg.dev_bits = cases[i].dev_bits;
        gx.cfg.dev_entry = cases[i].dev_entry;
        gx.cfg.page_sizes = cases[i].page_sizes;
        gx.cfg.flat_only = cases[i].flat_only;
        gx_start();
        assert_int_equal(its()->devices.two_level, cases[i].two_level);
        assert_int_equal(its()->devices.page, cases[i].page);
        assert_int_equal(its()->devices.ids, cases[i].ids);
        assert_int_equal(gicv3_model_device_baser(gx.model) >> 62 & 1, cases[i].two_level);
        gx_close();
    }
}

static void ids_at_the_end_of_the_table(void **state)
{
    struct msi_controller *c = NULL;
    uint32_t first;

    (void)state;
    gx.cfg.dev_bits = 14;
    gx_start();
    assert_int_equal(gx.its->ops->for_device(gx.its, 1 << 14, 1, &c), -RF_ERANGE);
    assert_int_equal(gx.its->ops->for_device(gx.its, UINT32_MAX, 1, &c), -RF_ERANGE);
    assert_null(c);
    c = gx_device((1 << 14) - 1, 1);
    assert_int_equal(c->ops->alloc(c, 1, &first), 0);
    assert_int_equal(gicv3_model_ring(gx.model, (1 << 14) - 1, 0), first);
    gx_close();
    gx.cfg.dev_bits = 24;
    gx.cfg.page_sizes = 1;
    gx.cfg.flat_only = true;
    gx_start();
    assert_int_equal(gx.its->ops->for_device(gx.its, 131072, 1, &c), -RF_ERANGE);
    (void)gx_device(131071, 1);
}

static void without_tables(void **state)
{
    struct msi_controller *c;
    uint32_t first;

    (void)state;
    gx.cfg.no_device_table = gx.cfg.no_collection_table = true;
    gx.cfg.hcc = 1;
    gx_start();
    c = gx_device(0x108, 4);
    assert_int_equal(c->ops->alloc(c, 4, &first), 0);
    assert_int_equal(gicv3_model_ring(gx.model, 0x108, 3), first + 3);
    gx_close();
    gx.cfg.hcc = 0;
    gx_start_gic();
    assert_int_equal(gx_create_its(), -RF_ENODEV);
    assert_true(gx_log_has("no place for a collection"));
}

static void errata(void **state)
{
    (void)state;
    gx.cfg.iidr = 0xa100134c; /* a later pass of it */
    gx.cfg.dev_bits = 21;
    gx_start();
    assert_string_equal(its()->feat.errata, "Cavium 22375 24313");
    assert_int_equal(its()->feat.device_bits, 20);
    assert_int_equal(gicv3_model_device_baser(gx.model) >> 59 & 7, 0); /* Device-nGnRnE */
    gx_close();
    gx.cfg.iidr = 0x1070;
    gx.cfg.itt_entry = 8;
    gx_start();
    assert_string_equal(its()->feat.errata, "QDF2400 E0065");
    assert_int_equal(its()->feat.itt_entry, 16);
    gx_close();
    gx.cfg.iidr = 0xa100034d;
    gx_start();
    assert_null(its()->feat.errata);
}

/* Each way not to snoop: firmware says so, or the registers do. */
static void caches(void **state)
{
    struct its_config cfg = gx_its_config();

    (void)state;
    gx.cfg.non_coherent = true;
    gx_start();
    assert_true(its()->devices.clean && its()->queue.clean);
    gx_close();
    gx.cfg.non_coherent = false;
    gx.cfg.no_share = true;
    gx_start();
    assert_true(its()->devices.clean && its()->collections.clean && its()->queue.clean);
    gx_close();
    gx.cfg.no_share = false;
    gx_start_gic();
    cfg.noncoherent = true;
    assert_int_equal(its_create(&cfg, &gx.its), 0);
    assert_true(its()->devices.clean && its()->queue.clean);
    gx_close();
    gx_start();
    assert_false(its()->devices.clean || its()->queue.clean);
}

static void slow_commands(void **state)
{
    (void)state;
    gx.cfg.lazy = true;
    gx_start();
}

static void refused(void **state)
{
    struct its_config cfg = gx_its_config();

    (void)state;
    gx_start_gic();
    cfg.regs.size = 0x10000;
    assert_int_equal(its_create(&cfg, &gx.its), -RF_EINVAL);
    gx_close();
    gx.cfg.no_its = true;
    gx_start_gic();
    assert_int_equal(gx_create_its(), -RF_ENODEV);
    assert_true(gx_log_has("there is no ITS with physical LPIs"));
    gx_close();
    gx.cfg.no_its = false;
    gx.cfg.no_lpis = true;
    gx_start_gic();
    assert_int_equal(gx_create_its(), -RF_ENODEV);
    assert_true(gx_log_has("no LPIs (ENODEV)"));
    assert_null(gx.its);
}

/* It stays busy with firmware's tables: nothing is given to it. */
static void never_quiet(void **state)
{
    (void)state;
    gx.cfg.was_on = gx.cfg.never_quiescent = true;
    gx_start_gic();
    assert_int_equal(gx_create_its(), -RF_ETIMEDOUT);
    assert_true(gx_log_has("GITS_CTLR: waited 1000000 us"));
    assert_null(gx.its);
}

/* Its tables are given back when it is quiet, with the one that LPIs keep. */
static void takes_no_commands(void **state)
{
    (void)state;
    gx_start_gic();
    assert_int_equal(lpi_start(), 0);
    uint64_t before = gx_pages().free_pages;
    gicv3_model_stop_commands(gx.model);
    assert_int_equal(gx_create_its(), -RF_ETIMEDOUT);
    assert_true(gx_log_has("for GITS_CREADR to be 0x60, got 0x0"));
    assert_false(gicv3_model_its_is_on(gx.model));
    assert_int_equal(gx_pages().free_pages, before);
}

static void refuses_its_collection(void **state)
{
    (void)state;
    gx.cfg.stalls = true;
    gx_start_gic();
    gicv3_model_refuse(gx.model, ITS_MAPC, 1);
    assert_int_equal(gx_create_its(), -RF_EIO);
    assert_true(gx_log_has("is refused"));
    assert_false(gicv3_model_its_is_on(gx.model));
}

static void no_memory(void **state)
{
    (void)state;
    gx_start_gic();
    assert_int_equal(lpi_start(), 0);
    uint64_t before = gx_pages().free_pages;
    for (unsigned k = 1; k <= 4; k++) { /* the object, two tables, the queue */
        inject_after(k);
        assert_int_equal(gx_create_its(), -RF_ENOMEM);
        inject_after(0);
        assert_int_equal(gx_pages().free_pages, before);
        assert_false(gicv3_model_its_is_on(gx.model));
    }
    assert_int_equal(gx_create_its(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GX_TEST(taken_over),
        GX_TEST(taken_over_while_on),
        GX_TEST(targets),
        GX_TEST(shapes),
        GX_TEST(ids_at_the_end_of_the_table),
        GX_TEST(without_tables),
        GX_TEST(errata),
        GX_TEST(caches),
        GX_TEST(slow_commands),
        GX_TEST(refused),
        GX_TEST(never_quiet),
        GX_TEST(takes_no_commands),
        GX_TEST(refuses_its_collection),
        GX_TEST(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
