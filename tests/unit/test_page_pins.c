/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "lib/mem/page.h"

/* Pins of rows: a page is free when it has neither references nor pins. */

#define ARENA_BASE MIB(1024)
#define ARENA_SIZE MIB(16)
#define GROUP      MIB(2)
#define GROUPS     3u
#define PAGES      (GROUPS * 512u)

static paddr_t row; /* of PAGES pages with one reference each, aligned */
static uint64_t free_at_start;

static uint64_t free_pages(void)
{
    struct page_stats s;
    page_get_stats(&s);
    return s.free_pages;
}

static paddr_t page(uint64_t i)
{
    return paddr_add(row, i * PAGE_SIZE);
}

static int setup(void **state)
{
    (void)state;
    host_arena_init(PADDR(ARENA_BASE), ARENA_SIZE);
    page_reset();
    assert_int_equal(page_add_range((struct range){ARENA_BASE, ARENA_BASE + ARENA_SIZE - 1}), 0);
    free_at_start = free_pages();
    row = page_alloc(11); /* four groups, of which the last one is given back */
    assert_true(paddr_valid(row));
    page_split(row, 11);
    page_unref_row(page(PAGES), GROUP);
    return 0;
}

static void unref_all(void)
{
    page_unref_row(row, PAGES * PAGE_SIZE);
}

static void a_pinned_group_outlives_its_references(void **state)
{
    (void)state;
    page_pin_row(page(512), GROUP);
    unref_all();
    assert_int_equal(free_pages(), free_at_start - 512);
    page_unpin_row(page(512), GROUP);
    assert_int_equal(free_pages(), free_at_start);
    assert_true(paddr_valid(page_alloc(11)));
}

static void the_last_pin_frees_what_has_no_reference(void **state)
{
    (void)state;
    page_pin_row(row, GROUP);
    page_pin_row(row, GROUP);
    page_unref_row(row, 3 * PAGE_SIZE);
    page_unpin_row(row, GROUP);
    assert_int_equal(free_pages(), free_at_start - PAGES);
    page_unpin_row(row, GROUP);
    assert_int_equal(free_pages(), free_at_start - PAGES + 3);
    page_unref_row(page(3), (PAGES - 3) * PAGE_SIZE);
    assert_int_equal(free_pages(), free_at_start);
}

static void every_group_of_a_row_is_looked_at(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GROUPS; i++) {
        page_pin_row(row, PAGES * PAGE_SIZE);
        page_unref(page(i * 512));
        assert_int_equal(free_pages(), free_at_start - PAGES + i);
        page_unpin_row(row, PAGES * PAGE_SIZE);
        assert_int_equal(free_pages(), free_at_start - PAGES + i + 1);
    }
    for (unsigned i = 0; i < GROUPS; i++)
        page_unref_row(page(i * 512 + 1), 511 * PAGE_SIZE);
}

static void a_row_across_groups(void **state)
{
    (void)state;
    page_pin_row(page(500), (12 + 512 + 1) * PAGE_SIZE); /* parts of two groups, and one between */
    assert_int_equal(page_refs(page(499)), 1);
    assert_int_equal(page_refs(page(500)), 2);
    assert_int_equal(page_refs(page(1024)), 2);
    assert_int_equal(page_refs(page(1025)), 1);
    unref_all();
    assert_int_equal(free_pages(), free_at_start - (12 + 512 + 1));
    page_unpin_row(page(500), (12 + 512 + 1) * PAGE_SIZE);
    assert_int_equal(free_pages(), free_at_start);
}

static void a_pinned_page_can_be_lost(void **state)
{
    (void)state;
    page_pin_row(row, GROUP);
    page_unref(page(1));
    for (unsigned i = 0; i < 512; i++)
        page_quarantine(page(i), 0);
    page_unref_row(page(512), (PAGES - 512) * PAGE_SIZE);
    assert_int_equal(free_pages(), free_at_start - 512);
}

static void unpin_first(void *unused)
{
    (void)unused;
    page_unpin_row(row, GROUP);
}

static void a_group_that_is_not_pinned_cannot_be_unpinned(void **state)
{
    (void)state;
    assert_non_null(host_panic_catch(unpin_first, NULL));
}

/* ---- random rows, against a count for each page ---- */

static struct {
    uint64_t first, n;
} rows[64];
static unsigned count;
static unsigned held[PAGES];

static void pin_some(void)
{
    uint64_t first = (uint64_t)rand() % PAGES, n = 1 + (uint64_t)rand() % (PAGES - first);
    if (rand() % 3 == 0)
        n = MIN(n, UINT64_C(4));
    page_pin_row(page(first), n * PAGE_SIZE);
    for (uint64_t i = first; i < first + n; i++)
        held[i]++;
    rows[count].first = first;
    rows[count++].n = n;
}

static void unpin_some(void)
{
    unsigned k = (unsigned)rand() % count;
    page_unpin_row(page(rows[k].first), rows[k].n * PAGE_SIZE);
    for (uint64_t i = rows[k].first; i < rows[k].first + rows[k].n; i++)
        held[i]--;
    rows[k] = rows[--count];
}

static void random_rows(void **state)
{
    (void)state;
    srand(5);
    for (unsigned step = 0; step < 3000; step++) {
        if (count == 0 || (count < ARRAY_SIZE(rows) && rand() % 2 == 0))
            pin_some();
        else
            unpin_some();
        assert_int_equal(free_pages(), free_at_start - PAGES);
    }
    for (unref_all(); count != 0; unpin_some()) {
        uint64_t pinned = 0;
        for (unsigned i = 0; i < PAGES; i++)
            pinned += held[i] != 0;
        assert_int_equal(free_pages(), free_at_start - pinned);
    }
    assert_int_equal(free_pages(), free_at_start);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup(fn, setup)
    const struct CMUnitTest tests[] = {
        CASE(a_pinned_group_outlives_its_references),
        CASE(the_last_pin_frees_what_has_no_reference),
        CASE(every_group_of_a_row_is_looked_at),
        CASE(a_row_across_groups),
        CASE(a_pinned_page_can_be_lost),
        CASE(a_group_that_is_not_pinned_cannot_be_unpinned),
        CASE(random_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
