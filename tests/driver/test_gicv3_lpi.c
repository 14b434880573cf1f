/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/gic_fixture.h"

/* Tables of LPIs, and who has which. */

static unsigned reloads, clears;

static void count_reload(struct lpi_block *b, uint32_t id)
{
    assert_in_range(id, b->first, b->first + b->count - 1);
    reloads++;
}

static void count_clear(struct lpi_block *b, uint32_t id)
{
    assert_in_range(id, b->first, b->first + b->count - 1);
    clears++;
}

static struct lpi_block block(void)
{
    return (struct lpi_block){.reload = count_reload, .clear = count_clear};
}

static void start(void)
{
    gx_start_gic();
    assert_int_equal(lpi_start(), 0);
}

static void numbers_of_the_chip(void **state)
{
    (void)state;
    start();
    assert_int_equal(irq_chip()->message_first, 8192);
    assert_int_equal(irq_chip()->message_count, 8192);
    assert_int_equal(lpi_first(), 8192);
    assert_int_equal(lpi_count(), 8192);
    assert_int_equal(lpi_start(), 0); /* once is enough */
}

static void fewer_than_numbers(void **state)
{
    static const struct {
        uint8_t num_lpis;
        uint32_t count;
    } cases[] = {{0, 8192}, {1, 4}, {4, 32}, {12, 8192}, {15, 8192}, {31, 8192}};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        gx.cfg.num_lpis = cases[i].num_lpis;
        start();
        assert_int_equal(irq_chip()->message_count, cases[i].count);
        gx_close();
    }
}

static void none(void **state)
{
    (void)state;
    gx_open();
    assert_int_equal(lpi_start(), -RF_ENODEV); /* before the GIC */
    gx_close();
    gx.cfg.no_lpis = true;
    gx_start_gic();
    assert_int_equal(lpi_start(), -RF_ENODEV);
    assert_int_equal(irq_chip()->message_count, 0);
}

static void left_on(void **state)
{
    (void)state;
    gx.cfg.lpis_are_on = true;
    start();
    gx_close();
    gx.cfg.lpis_stay_on = true;
    gx_start_gic();
    uint64_t before = gx_pages().free_pages;
    assert_int_equal(lpi_start(), -RF_EBUSY);
    assert_true(gx_log_has("firmware left LPIs on"));
    assert_int_equal(irq_chip()->message_count, 0);
    assert_int_equal(gx_pages().free_pages, before);
}

static void no_memory(void **state)
{
    (void)state;
    gx_start_gic();
    uint64_t before = gx_pages().free_pages;
    for (unsigned k = 1; k <= 2; k++) {
        inject_after(k);
        assert_int_equal(lpi_start(), -RF_ENOMEM);
        inject_after(0);
        assert_int_equal(gx_pages().free_pages, before);
        assert_int_equal(irq_chip()->message_count, 0);
    }
    assert_int_equal(lpi_start(), 0);
}

static void told_of_each_change(void **state)
{
    struct lpi_block b = block();

    (void)state;
    start();
    assert_int_equal(lpi_alloc(&b, 4), 0);
    reloads = clears = 0;
    irq_chip()->enable(b.first + 1);
    irq_chip()->disable(b.first + 1);
    assert_int_equal(reloads, 2);
    irq_chip()->clear(b.first + 3);
    assert_int_equal(clears, 1);
    irq_chip()->enable(b.first + 4); /* nobody's */
    irq_chip()->clear(b.first + 4);
    assert_int_equal(reloads + clears, 3);
    assert_false(irq_chip()->is_pending(b.first));
}

static void blocks_are_apart_and_aligned(void **state)
{
    static const unsigned counts[] = {1, 32, 2, 2048, 4, 1, 64};
    struct lpi_block b[ARRAY_SIZE(counts)];

    (void)state;
    start();
    for (unsigned i = 0; i < ARRAY_SIZE(counts); i++) {
        b[i] = block();
        assert_int_equal(lpi_alloc(&b[i], counts[i]), 0);
        assert_int_equal(b[i].first % counts[i], 0);
        assert_in_range(b[i].first, 8192, 16384 - counts[i]);
        for (unsigned n = 0; n < i; n++)
            assert_false(b[n].first < b[i].first + b[i].count &&
                         b[i].first < b[n].first + b[n].count);
    }
}

static void exhausted(void **state)
{
    struct lpi_block a = block(), b = block();

    (void)state;
    gx.cfg.num_lpis = 4; /* 32 */
    start();
    assert_int_equal(lpi_alloc(&a, 64), -RF_ENOSPC);
    assert_int_equal(lpi_alloc(&a, 32), 0);
    assert_int_equal(lpi_alloc(&b, 1), -RF_ENOSPC);
    lpi_free(&a);
    assert_int_equal(lpi_alloc(&b, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GX_TEST(numbers_of_the_chip),
        GX_TEST(fewer_than_numbers),
        GX_TEST(none),
        GX_TEST(left_on),
        GX_TEST(no_memory),
        GX_TEST(told_of_each_change),
        GX_TEST(blocks_are_apart_and_aligned),
        GX_TEST(exhausted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
