/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/err.h"
#include "lib/boot/rammap.h"

static void expect(const struct rammap *m, const struct range *want, unsigned n)
{
    assert_int_equal(m->count, n);
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(m->r[i].start, want[i].start);
        assert_int_equal(m->r[i].last, want[i].last);
    }
}

#define EXPECT(m, ...)                             \
    expect(m, (const struct range[]){__VA_ARGS__}, \
           ARRAY_SIZE(((const struct range[]){__VA_ARGS__})))

static void add(struct rammap *m, uint64_t start, uint64_t last)
{
    assert_int_equal(rammap_add(m, (struct range){start, last}), 0);
}

static void take(struct rammap *m, uint64_t start, uint64_t last)
{
    assert_int_equal(rammap_remove(m, (struct range){start, last}), 0);
}

static void test_add_sorts_and_merges(void **state)
{
    struct rammap m = {0};

    (void)state;
    add(&m, 100, 199);
    add(&m, 0, 49);
    add(&m, 300, 399);
    EXPECT(&m, {0, 49}, {100, 199}, {300, 399});
    add(&m, 50, 60); /* touches the one below */
    add(&m, 290, 299);
    EXPECT(&m, {0, 60}, {100, 199}, {290, 399});
    add(&m, 30, 150);
    EXPECT(&m, {0, 199}, {290, 399});
    add(&m, 200, 289);
    EXPECT(&m, {0, 399});
    add(&m, 10, 20);
    EXPECT(&m, {0, 399});
}

static void test_add_at_the_end_of_the_space(void **state)
{
    struct rammap m = {0};

    (void)state;
    add(&m, UINT64_MAX - 9, UINT64_MAX);
    add(&m, 0, 9);
    EXPECT(&m, {0, 9}, {UINT64_MAX - 9, UINT64_MAX});
    add(&m, 5, UINT64_MAX);
    EXPECT(&m, {0, UINT64_MAX});
}

static void test_remove_cuts(void **state)
{
    struct rammap m = {0};

    (void)state;
    add(&m, 0, 99);
    add(&m, 200, 299);
    add(&m, 400, 499);
    take(&m, 100, 199);
    EXPECT(&m, {0, 99}, {200, 299}, {400, 499});
    take(&m, 10, 19);
    EXPECT(&m, {0, 9}, {20, 99}, {200, 299}, {400, 499});
    take(&m, 50, 449);
    EXPECT(&m, {0, 9}, {20, 49}, {450, 499});
    take(&m, 0, 9);
    take(&m, 490, UINT64_MAX);
    EXPECT(&m, {20, 49}, {450, 489});
    take(&m, 0, UINT64_MAX);
    assert_int_equal(m.count, 0);
    take(&m, 0, UINT64_MAX);
}

static void test_full_map_is_left_alone(void **state)
{
    struct rammap m = {0}, before;

    (void)state;
    for (uint64_t i = 0; i < RAMMAP_MAX; i++)
        add(&m, i * 100, i * 100 + 50);
    before = m;
    assert_int_equal(rammap_add(&m, (struct range){99999, 99999}), -RF_ENOSPC);
    assert_int_equal(rammap_remove(&m, (struct range){10, 20}), -RF_ENOSPC);
    assert_memory_equal(&m, &before, sizeof(m));
    add(&m, 51, 99); /* closes a gap: there is room again */
    assert_int_equal(m.count, RAMMAP_MAX - 1);
    take(&m, 10, 20);
    assert_int_equal(m.count, RAMMAP_MAX);
}

static void test_page_align(void **state)
{
    struct rammap m = {0};

    (void)state;
    add(&m, 1, 0x1fff);
    add(&m, 0x3001, 0x3fff); /* no whole page */
    add(&m, 0x4800, 0x57ff); /* a page's worth of bytes, and no whole page */
    add(&m, 0x7000, 0x7fff);
    add(&m, 0x9000, 0xafef);
    add(&m, UINT64_MAX - 0x1fff, UINT64_MAX);
    rammap_page_align(&m);
    EXPECT(&m, {0x1000, 0x1fff}, {0x7000, 0x7fff}, {0x9000, 0x9fff},
           {UINT64_MAX - 0x1fff, UINT64_MAX});

    m = (struct rammap){.count = 1, .r = {{UINT64_MAX - 5, UINT64_MAX}}};
    rammap_page_align(&m);
    assert_int_equal(m.count, 0);
    m = (struct rammap){.count = 1, .r = {{0, UINT64_MAX}}};
    rammap_page_align(&m);
    EXPECT(&m, {0, UINT64_MAX});
}

static void test_total_and_contains(void **state)
{
    struct rammap m = {0};

    (void)state;
    assert_int_equal(rammap_total(&m), 0);
    add(&m, 0x1000, 0x2fff);
    add(&m, 0x8000, 0x8fff);
    assert_int_equal(rammap_total(&m), 0x3000);
    assert_true(rammap_contains(&m, (struct range){0x1000, 0x2fff}));
    assert_false(rammap_contains(&m, (struct range){0x1000, 0x3000}));
    assert_false(rammap_contains(&m, (struct range){0x2000, 0x8000}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_sorts_and_merges),
        cmocka_unit_test(test_add_at_the_end_of_the_space),
        cmocka_unit_test(test_remove_cuts),
        cmocka_unit_test(test_full_map_is_left_alone),
        cmocka_unit_test(test_page_align),
        cmocka_unit_test(test_total_and_contains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
