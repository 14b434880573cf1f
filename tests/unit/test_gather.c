/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "arch/mem.h"
#include "lib/mem/page.h"
#include "lib/pt/gather.h"

static struct pt_gather g;

static void add(uint64_t start, uint64_t last, uint8_t leaf_lg2, bool tables)
{
    pt_gather_add(&g, (struct range){start, last}, leaf_lg2, tables);
}

static void expect(unsigned i, uint64_t start, uint64_t last, unsigned leaf_lg2, bool tables)
{
    assert_true(i < g.count);
    assert_int_equal(g.flush[i].iova.start, start);
    assert_int_equal(g.flush[i].iova.last, last);
    assert_int_equal(g.flush[i].leaf_lg2, leaf_lg2);
    assert_int_equal(g.flush[i].tables, tables);
}

static int setup(void **state)
{
    (void)state;
    pt_gather_init(&g);
    return 0;
}

static void empty(void **state)
{
    (void)state;
    assert_true(pt_gather_empty(&g));
    add(0x1000, 0x1fff, 12, false);
    assert_false(pt_gather_empty(&g));
    pt_gather_release(&g);
    assert_true(pt_gather_empty(&g));
    pt_gather_add_all(&g);
    assert_false(pt_gather_empty(&g));
    pt_gather_quarantine(&g);
    assert_true(pt_gather_empty(&g));
}

static void neighbours_of_one_kind_merge(void **state)
{
    (void)state;
    add(0x2000, 0x2fff, 12, false);
    add(0x3000, 0x3fff, 12, false); /* after */
    add(0x1000, 0x1fff, 12, false); /* before */
    add(0x0000, 0x27ff, 12, false); /* overlapping */
    assert_int_equal(g.count, 1);
    expect(0, 0, 0x3fff, 12, false);
}

static void one_that_fills_a_hole_joins_both_sides(void **state)
{
    (void)state;
    add(0x1000, 0x1fff, 12, false);
    add(0x3000, 0x3fff, 12, false);
    assert_int_equal(g.count, 2);
    add(0x2000, 0x2fff, 12, false);
    assert_int_equal(g.count, 1);
    expect(0, 0x1000, 0x3fff, 12, false);
}

static void other_leaf_sizes_stay_apart_and_sorted(void **state)
{
    (void)state;
    add(0x200000, 0x3fffff, 21, false);
    add(0x1ff000, 0x1fffff, 12, false);
    add(0x400000, 0x400fff, 12, false);
    assert_int_equal(g.count, 3);
    expect(0, 0x1ff000, 0x1fffff, 12, false);
    expect(1, 0x200000, 0x3fffff, 21, false);
    expect(2, 0x400000, 0x400fff, 12, false);
}

static void the_span_of_a_table_takes_in_its_leaves(void **state)
{
    (void)state;
    add(0x1000, 0x1fff, 12, false);
    add(0x5000, 0x5fff, 12, false);
    add(0x200000, 0x200fff, 12, false);
    add(0, 0x1fffff, 0, true);
    assert_int_equal(g.count, 2);
    expect(0, 0, 0x1fffff, 0, true);
    add(0x8000, 0x8fff, 12, false);
    assert_int_equal(g.count, 2);
    expect(1, 0x200000, 0x200fff, 12, false);
}

static void leaves_that_reach_out_of_a_span_stay(void **state)
{
    (void)state;
    add(0, 0x1fffff, 0, true);
    add(0x1ff000, 0x200fff, 12, false);
    assert_int_equal(g.count, 2);
    expect(1, 0x1ff000, 0x200fff, 12, false);
}

static void the_ends_of_the_space_do_not_touch(void **state)
{
    (void)state;
    add(UINT64_MAX - 0xfff, UINT64_MAX, 12, false);
    add(0, 0xfff, 12, false);
    assert_int_equal(g.count, 2);
    add(0, UINT64_MAX, 12, false);
    assert_int_equal(g.count, 1);
}

static void all_takes_in_everything(void **state)
{
    (void)state;
    add(0x1000, 0x1fff, 12, false);
    pt_gather_add_all(&g);
    add(0x5000, 0x5fff, 12, false);
    assert_true(g.all);
    assert_int_equal(g.count, 0);
}

/* Gaps grow with the address, so the first two are the nearest. */
static void overflow_joins_the_nearest_two(void **state)
{
    (void)state;
    uint64_t at = 0;
    for (unsigned i = 0; i < PT_GATHER_RANGES; i++, at += 0x2000 + i * 0x1000)
        add(at, at + 0xfff, 12, false);
    assert_int_equal(g.count, PT_GATHER_RANGES);
    struct range second = g.flush[1].iova;
    add(at + 0x100000, at + 0x100fff, 12, false);
    assert_int_equal(g.count, PT_GATHER_RANGES);
    expect(0, 0, second.last, 12, false);
    expect(PT_GATHER_RANGES - 1, at + 0x100000, at + 0x100fff, 12, false);
}

static void overflow_of_mixed_kinds_asks_for_more(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < PT_GATHER_RANGES; i++)
        add(i << 30, (i << 30) + (i == 0 ? 0x1fffff : 0xfff), i == 0 ? 0 : 12, i == 0);
    add(UINT64_C(1) << 40, (UINT64_C(1) << 40) + 0xfff, 12, false);
    expect(0, 0, (UINT64_C(1) << 30) + 0xfff, 0, true);
}

/* The block is longer than a page, so it is nearer to the page after it than the others are. */
static void overflow_of_mixed_leaf_sizes_forgets_the_size(void **state)
{
    (void)state;
    for (uint64_t i = 0; i <= PT_GATHER_RANGES; i++)
        add(i << 30, (i << 30) + (i == 1 ? 0x1fffff : 0xfff), i == 1 ? 21 : 12, false);
    expect(1, UINT64_C(1) << 30, (UINT64_C(2) << 30) + 0xfff, 0, false);
}

static bool flushed(uint64_t iova, uint8_t leaf_lg2)
{
    for (unsigned i = 0; i < g.count; i++) {
        const struct pt_flush *f = &g.flush[i];
        if (range_has(f->iova, iova) && (f->tables || f->leaf_lg2 == 0 || f->leaf_lg2 == leaf_lg2))
            return true;
    }
    return false;
}

/* Whatever was added is covered, the list is sorted, and spans are still flushed as tables. */
static void random_additions_are_never_lost(void **state)
{
    (void)state;
    enum { ROUNDS = 200, ADDS = 100, PAGES = 4096 };
    static uint8_t wanted[PAGES]; /* 0, 12, or 1 for a table's span */
    srand(1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        memset(wanted, 0, sizeof(wanted));
        pt_gather_init(&g);
        for (unsigned n = 0; n < ADDS; n++) {
            bool table = rand() % 8 == 0;
            uint64_t pages = table ? 64 : 1 + (uint64_t)rand() % 9;
            uint64_t first = ((uint64_t)rand() % (PAGES - pages)) & ~(table ? 63ul : 0);
            add(first << 12, ((first + pages) << 12) - 1, table ? 0 : 12, table);
            for (uint64_t p = first; p < first + pages; p++)
                wanted[p] = table ? 1 : wanted[p] == 1 ? 1 : 12;
        }
        for (uint64_t p = 0; p < PAGES; p++)
            assert_true(wanted[p] == 0 || flushed(p << 12, wanted[p]));
        for (unsigned i = 1; i < g.count; i++)
            assert_true(g.flush[i - 1].iova.start <= g.flush[i].iova.start);
        assert_true(g.count <= PT_GATHER_RANGES);
    }
}

static uint64_t free_pages(void)
{
    struct page_stats s;
    page_get_stats(&s);
    return s.free_pages;
}

/* Table pages at physical address 0 are legal, so the arena starts there. */
static void chain_tables(unsigned n, unsigned order)
{
    host_arena_init(PADDR(0), MIB(1));
    page_reset();
    assert_int_equal(page_add_range((struct range){0, MIB(1) - 1}), 0);
    for (unsigned i = 0; i < n; i++) {
        paddr_t table = page_alloc(order);
        *(uint64_t *)paddr_to_ptr(table) = 3;
        pt_gather_add_table(&g, table, (uint8_t)order);
        assert_int_equal(*(uint64_t *)paddr_to_ptr(table) & (PAGE_SIZE - 1), 0);
    }
    assert_int_equal(g.free_count, n);
}

static void release_frees_every_table(void **state)
{
    (void)state;
    chain_tables(20, 2);
    assert_int_equal(free_pages(), 255 - 80);
    pt_gather_release(&g);
    assert_int_equal(free_pages(), 255);
    assert_int_equal(g.free_count, 0);
}

static void quarantine_frees_none(void **state)
{
    (void)state;
    chain_tables(20, 2);
    pt_gather_quarantine(&g);
    struct page_stats s;
    page_get_stats(&s);
    assert_int_equal(s.free_pages, 255 - 80);
    assert_int_equal(s.quarantined_pages, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(empty, setup),
        cmocka_unit_test_setup(neighbours_of_one_kind_merge, setup),
        cmocka_unit_test_setup(one_that_fills_a_hole_joins_both_sides, setup),
        cmocka_unit_test_setup(other_leaf_sizes_stay_apart_and_sorted, setup),
        cmocka_unit_test_setup(the_span_of_a_table_takes_in_its_leaves, setup),
        cmocka_unit_test_setup(leaves_that_reach_out_of_a_span_stay, setup),
        cmocka_unit_test_setup(the_ends_of_the_space_do_not_touch, setup),
        cmocka_unit_test_setup(all_takes_in_everything, setup),
        cmocka_unit_test_setup(overflow_joins_the_nearest_two, setup),
        cmocka_unit_test_setup(overflow_of_mixed_kinds_asks_for_more, setup),
        cmocka_unit_test_setup(overflow_of_mixed_leaf_sizes_forgets_the_size, setup),
        cmocka_unit_test_setup(random_additions_are_never_lost, setup),
        cmocka_unit_test_setup(release_frees_every_table, setup),
        cmocka_unit_test_setup(quarantine_frees_none, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
