/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "lib/mem/heap.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"

#define ARENA_BASE MIB(1024)
#define ARENA_SIZE MIB(16)

static struct page_stats stats(void)
{
    struct page_stats s;
    page_get_stats(&s);
    return s;
}

static int setup(void **state)
{
    (void)state;
    inject_after(0);
    page_reset();
    return page_add_range((struct range){ARENA_BASE, ARENA_BASE + ARENA_SIZE - 1});
}

static int start_arena(void **state)
{
    (void)state;
    host_arena_init(PADDR(ARENA_BASE), ARENA_SIZE);
    return 0;
}

static void expect_panic(void (*fn)(void *pa), paddr_t pa)
{
    assert_non_null(host_panic_catch(fn, &pa));
}

static void free_order_4(void *pa)
{
    page_free(*(paddr_t *)pa, 4);
}

static void unref(void *pa)
{
    page_unref(*(paddr_t *)pa);
}

static void a_block_has_no_references_before_the_split(void **state)
{
    (void)state;
    paddr_t pa = page_alloc(1);
    expect_panic(unref, pa);
    expect_panic(unref, paddr_add(pa, PAGE_SIZE));
}

/* ---- references and tags ---- */

static void the_last_reference_frees(void **state)
{
    (void)state;
    paddr_t pa = page_alloc(0);
    uint64_t before = stats().free_pages;
    assert_int_equal(page_refs(pa), 1);
    page_ref(pa);
    page_ref(pa);
    assert_int_equal(page_refs(pa), 3);
    assert_false(page_unref(pa));
    assert_false(page_unref(pa));
    assert_int_equal(stats().free_pages, before);
    assert_true(page_unref(pa));
    assert_int_equal(stats().free_pages, before + 1);
}

static void saturated_references_stay(void **state)
{
    (void)state;
    paddr_t pa = page_alloc(0);
    for (unsigned i = 0; i < 70000; i++)
        page_ref(pa);
    assert_int_equal(page_refs(pa), 65536);
    for (unsigned i = 0; i < 70001; i++)
        assert_false(page_unref(pa));
    assert_int_equal(page_refs(pa), 65536);
}

static void split_pages_go_one_by_one(void **state)
{
    (void)state;
    uint64_t before = stats().free_pages;
    paddr_t pa = page_alloc(3);
    page_split(pa, 3);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(page_refs(paddr_add(pa, i * PAGE_SIZE)), 1);
        assert_true(page_unref(paddr_add(pa, i * PAGE_SIZE)));
    }
    assert_int_equal(stats().free_pages, before);
    assert_true(paddr_valid(page_alloc(11)));
}

static void a_row_is_counted_page_by_page(void **state)
{
    (void)state;
    uint64_t before = stats().free_pages;
    paddr_t pa = page_alloc(3);
    page_split(pa, 3);
    page_pin_row(paddr_add(pa, PAGE_SIZE), 6 * PAGE_SIZE);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(page_refs(paddr_add(pa, i * PAGE_SIZE)), i == 0 || i == 7 ? 1 : 2);
    page_quarantine(paddr_add(pa, 2 * PAGE_SIZE), 0);
    page_unref_row(pa, 8 * PAGE_SIZE);
    assert_int_equal(stats().free_pages, before - 6);
    page_unpin_row(paddr_add(pa, PAGE_SIZE), 6 * PAGE_SIZE);
    assert_int_equal(stats().free_pages, before - 1);
}

struct row {
    paddr_t pa;
    uint64_t size;
};

static void unref_row(void *row)
{
    const struct row *r = row;
    page_unref_row(r->pa, r->size);
}

/* Neither a page that is nobody's in it nor the end of memory goes unseen, and what comes before in
 * the row is as it was. */
static void a_row_is_of_owned_pages_only(void **state)
{
    (void)state;
    paddr_t pa = page_alloc(1);
    page_split(pa, 1);
    page_free(paddr_add(pa, PAGE_SIZE), 0);
    assert_non_null(host_panic_catch(unref_row, &(struct row){pa, 2 * PAGE_SIZE}));
    assert_int_equal(page_refs(pa), 1);

    paddr_t last = PADDR(ARENA_BASE + ARENA_SIZE - PAGE_SIZE);
    while (page_alloc(0).v != last.v) {
    }
    assert_non_null(host_panic_catch(unref_row, &(struct row){last, 2 * PAGE_SIZE}));
}

static void a_tag_belongs_to_its_block(void **state)
{
    (void)state;
    paddr_t a = page_alloc(2);
    paddr_t b = page_alloc(2);
    assert_int_equal(*page_tag(a), 0);
    *page_tag(a) = 8192;
    *page_tag(b) = 1;
    assert_int_equal(*page_tag(a), 8192);
    page_free(a, 2);
    assert_int_equal(*page_tag(b), 1);
    assert_int_equal(page_alloc(2).v, a.v);
    assert_int_equal(*page_tag(a), 0);
}

/* ---- quarantine ---- */

static void quarantine_is_for_ever(void **state)
{
    (void)state;
    uint64_t before = stats().free_pages;
    paddr_t block = page_alloc(4);
    page_quarantine(block, 4);
    page_quarantine(block, 4); /* another holder's invalidation failed as well */
    assert_int_equal(stats().quarantined_pages, 16);
    assert_int_equal(stats().free_pages, before - 16);
    expect_panic(free_order_4, block);
    while (paddr_valid(page_alloc(0))) {
    }
    assert_int_equal(stats().quarantined_pages, 16);
}

static void other_holders_may_let_go_of_a_quarantined_page(void **state)
{
    (void)state;
    paddr_t pa = page_alloc(0);
    page_ref(pa);
    page_quarantine(pa, 0);
    uint64_t before = stats().free_pages;
    assert_false(page_unref(pa));
    assert_false(page_unref(pa));
    assert_int_equal(stats().free_pages, before);
}

/* ---- fault injection, heap ---- */

static void the_kth_allocation_fails_once(void **state)
{
    (void)state;
    inject_after(3);
    assert_true(paddr_valid(page_alloc(0)));
    void *p = heap_alloc(10);
    assert_non_null(p);
    assert_false(paddr_valid(page_alloc_zeroed(0)));
    assert_true(paddr_valid(page_alloc(0)));
    assert_int_equal(inject_count(), 4);
    inject_after(1);
    assert_null(heap_alloc(10));
    inject_after(0);
    assert_true(paddr_valid(page_alloc(0)));
    heap_free(p);
    heap_free(NULL);
}

static void heap_objects_are_zero(void **state)
{
    (void)state;
    for (size_t n = 1; n < 5000; n += 317) {
        unsigned char *p = heap_alloc(n);
        assert_non_null(p);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
        heap_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_block_has_no_references_before_the_split, setup),
        cmocka_unit_test_setup(the_last_reference_frees, setup),
        cmocka_unit_test_setup(saturated_references_stay, setup),
        cmocka_unit_test_setup(split_pages_go_one_by_one, setup),
        cmocka_unit_test_setup(a_row_is_counted_page_by_page, setup),
        cmocka_unit_test_setup(a_row_is_of_owned_pages_only, setup),
        cmocka_unit_test_setup(a_tag_belongs_to_its_block, setup),
        cmocka_unit_test_setup(quarantine_is_for_ever, setup),
        cmocka_unit_test_setup(other_holders_may_let_go_of_a_quarantined_page, setup),
        cmocka_unit_test_setup(the_kth_allocation_fails_once, setup),
        cmocka_unit_test_setup(heap_objects_are_zero, setup),
    };
    return cmocka_run_group_tests(tests, start_arena, NULL);
}
