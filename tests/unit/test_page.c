/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"

#define ARENA_BASE  MIB(1024)
#define ARENA_SIZE  MIB(16)
#define ARENA_PAGES (ARENA_SIZE / PAGE_SIZE)
#define META_BYTES  (ARENA_PAGES * 4 + ARENA_SIZE / MIB(2) * 8)
#define META_PAGES  ((META_BYTES + PAGE_SIZE - 1) / PAGE_SIZE)

static struct range bytes(uint64_t start, uint64_t size)
{
    return (struct range){start, start + size - 1};
}

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
    return page_add_range(bytes(ARENA_BASE, ARENA_SIZE));
}

static int setup_empty(void **state)
{
    (void)state;
    inject_after(0);
    page_reset();
    return 0;
}

static int start_arena(void **state)
{
    (void)state;
    host_arena_init(PADDR(ARENA_BASE), ARENA_SIZE);
    return 0;
}

/* The message names the address. */
static void expect_panic(void (*fn)(void *pa), paddr_t pa)
{
    char address[32];
    const char *message = host_panic_catch(fn, &pa);
    assert_non_null(message);
    snprintf(address, sizeof(address), "0x%lx", pa.v);
    assert_non_null(strstr(message, address));
}

static void free_order_0(void *pa)
{
    page_free(*(paddr_t *)pa, 0);
}

static void free_order_1(void *pa)
{
    page_free(*(paddr_t *)pa, 1);
}

static void unref(void *pa)
{
    page_unref(*(paddr_t *)pa);
}

static void tag(void *pa)
{
    page_tag(*(paddr_t *)pa);
}

/* ---- ranges ---- */

static void bad_ranges_are_refused(void **state)
{
    (void)state;
    assert_int_equal(page_add_range(bytes(ARENA_BASE + 1, PAGE_SIZE)), -RF_EINVAL);
    assert_int_equal(page_add_range(bytes(ARENA_BASE, PAGE_SIZE + 1)), -RF_EINVAL);
    assert_int_equal(page_add_range((struct range){ARENA_BASE + PAGE_SIZE, ARENA_BASE - 1}),
                     -RF_EINVAL);
    assert_int_equal(stats().total_pages, 0);
}

static void overlaps_are_refused(void **state)
{
    (void)state;
    uint64_t mid = ARENA_BASE + MIB(4);
    assert_int_equal(page_add_range(bytes(mid, MIB(1))), 0);
    assert_int_equal(page_add_range(bytes(mid, PAGE_SIZE)), -RF_EINVAL); /* its metadata */
    assert_int_equal(page_add_range(bytes(mid + MIB(1) - PAGE_SIZE, MIB(1))), -RF_EINVAL);
    assert_int_equal(page_add_range(bytes(mid - MIB(1), MIB(3))), -RF_EINVAL);
    assert_int_equal(page_add_range(bytes(mid - MIB(1), MIB(1))), 0);
    assert_int_equal(page_add_range(bytes(mid + MIB(1), MIB(1))), 0);
}

static void a_range_too_small_is_ignored(void **state)
{
    (void)state;
    assert_int_equal(page_add_range(bytes(ARENA_BASE, PAGE_SIZE)), 0);
    assert_int_equal(stats().total_pages, 0);
    assert_false(paddr_valid(page_alloc(0)));
    assert_int_equal(page_add_range(bytes(ARENA_BASE, 2 * PAGE_SIZE)), 0);
    assert_int_equal(stats().total_pages, 1);
    assert_int_equal(page_alloc(0).v, ARENA_BASE + PAGE_SIZE);
}

static void the_65th_range_is_refused(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 64; i++)
        assert_int_equal(page_add_range(bytes(ARENA_BASE + i * 4 * PAGE_SIZE, 2 * PAGE_SIZE)), 0);
    assert_int_equal(page_add_range(bytes(ARENA_BASE + MIB(8), MIB(1))), -RF_ENOSPC);
    assert_int_equal(stats().total_pages, 64);
}

/* Besides, there are eight bytes about each 2 MiB. */
static void metadata_is_four_bytes_a_page(void **state)
{
    (void)state;
    assert_int_equal(stats().metadata_bytes, META_PAGES * PAGE_SIZE);
    assert_int_equal(stats().total_pages, ARENA_PAGES - META_PAGES);
    assert_int_equal(stats().free_pages, stats().total_pages);
}

/* Only the metadata and the first bytes of each free block may be written. */
static void giving_a_range_touches_few_pages(void **state)
{
    (void)state;
    memset(paddr_to_ptr(PADDR(ARENA_BASE)), 0x5a, ARENA_SIZE);
    assert_int_equal(page_add_range(bytes(ARENA_BASE, ARENA_SIZE)), 0);
    unsigned touched = 0;
    for (uint64_t at = META_PAGES * PAGE_SIZE; at < ARENA_SIZE; at += PAGE_SIZE) {
        const unsigned char *page = paddr_to_ptr(PADDR(ARENA_BASE + at));
        touched += page[0] != 0x5a || page[8] != 0x5a;
        assert_int_equal(page[64], 0x5a);
    }
    assert_true(touched <= 12);
}

static void neighbouring_ranges_never_merge(void **state)
{
    (void)state;
    assert_int_equal(page_add_range(bytes(ARENA_BASE + PAGE_SIZE, 3 * PAGE_SIZE)), 0);
    assert_int_equal(page_add_range(bytes(ARENA_BASE + 4 * PAGE_SIZE, 5 * PAGE_SIZE)), 0);
    paddr_t all[6];
    for (unsigned i = 0; i < 6; i++)
        all[i] = page_alloc(0);
    assert_false(paddr_valid(page_alloc(0)));
    for (unsigned i = 0; i < 6; i++)
        page_free(all[i], 0);
    assert_int_equal(stats().free_pages, 6);
    assert_false(paddr_valid(page_alloc(2)));
    assert_true(paddr_valid(page_alloc(1)));
}

/* ---- blocks ---- */

static void blocks_are_aligned_and_apart(void **state)
{
    (void)state;
    static uint8_t owner[ARENA_PAGES];
    memset(owner, 0, sizeof(owner));
    for (unsigned order = 0; order <= 8; order++) {
        for (unsigned n = 0; n < 3; n++) {
            paddr_t pa = page_alloc(order);
            assert_true(paddr_valid(pa));
            assert_true(is_aligned(pa.v, PAGE_SIZE << order));
            assert_true(page_is_managed(pa));
            uint64_t first = (pa.v - ARENA_BASE) / PAGE_SIZE;
            assert_true(first >= META_PAGES && first + (1u << order) <= ARENA_PAGES);
            for (uint64_t p = first; p < first + (1u << order); p++)
                assert_int_equal(owner[p]++, 0);
        }
    }
}

static void what_follows_is_handed_out_if_it_is_free(void **state)
{
    (void)state;
    paddr_t first = page_alloc(4), at = first;
    for (unsigned i = 0; i < 64; i++) {
        paddr_t next = page_alloc_at(paddr_add(at, PAGE_SIZE << 4), 4);
        assert_int_equal(next.v, at.v + (PAGE_SIZE << 4));
        at = next;
    }
    paddr_t other = page_alloc_at(first, 4); /* taken: another place then */
    assert_true(paddr_valid(other));
    assert_int_not_equal(other.v, first.v);
    assert_int_equal(page_alloc_at(paddr_add(at, 1), 0).v % PAGE_SIZE, 0);
    assert_true(paddr_valid(page_alloc_at(PADDR_INVALID, 0)));
}

/* Cut out of the middle of a block, and given back, it is part of that block again. */
static void a_block_from_the_middle_goes_back(void **state)
{
    (void)state;
    uint64_t before = stats().free_pages;
    paddr_t middle = PADDR(ARENA_BASE + MIB(8) + 5 * PAGE_SIZE);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(page_alloc_at(paddr_add(middle, i * PAGE_SIZE), 0).v,
                         middle.v + i * PAGE_SIZE);
    assert_int_equal(stats().free_pages, before - 3);
    for (unsigned i = 0; i < 3; i++)
        page_free(paddr_add(middle, i * PAGE_SIZE), 0);
    assert_int_equal(page_alloc_at(PADDR(ARENA_BASE + MIB(8)), 11).v, ARENA_BASE + MIB(8));
    assert_int_equal(stats().free_pages, before - 2048);
}

static void exhaustion_returns_nothing_and_changes_nothing(void **state)
{
    (void)state;
    assert_false(paddr_valid(page_alloc(12)));
    assert_false(paddr_valid(page_alloc(PAGE_ORDER_MAX + 1)));
    uint64_t n = 0;
    while (paddr_valid(page_alloc(0)))
        n++;
    assert_int_equal(n, ARENA_PAGES - META_PAGES);
    assert_int_equal(stats().free_pages, 0);
    assert_false(paddr_valid(page_alloc_zeroed(3)));
}

static void zeroed_is_zero(void **state)
{
    (void)state;
    static const unsigned char zero[PAGE_SIZE * 4];
    paddr_t pa = page_alloc(2);
    memset(paddr_to_ptr(pa), 0xff, sizeof(zero));
    page_free(pa, 2);
    assert_int_equal(page_alloc_zeroed(2).v, pa.v);
    assert_memory_equal(paddr_to_ptr(pa), zero, sizeof(zero));
}

struct block {
    paddr_t pa;
    unsigned order;
};

/* Random sizes and lifetimes: every block keeps its own pattern, the books balance at each step,
 * and at the end everything has merged again. */
static void random_life(void **state)
{
    (void)state;
    enum { SLOTS = 200, STEPS = 20000 };
    static struct block slot[SLOTS];
    memset(slot, 0xff, sizeof(slot));
    uint64_t used = 0;
    srand(7);
    for (unsigned step = 0; step < STEPS; step++) {
        struct block *b = &slot[rand() % SLOTS];
        if (paddr_valid(b->pa)) {
            uint64_t *p = paddr_to_ptr(b->pa);
            assert_int_equal(p[0], b->pa.v);
            assert_int_equal(p[((PAGE_SIZE << b->order) / 8) - 1], b->order);
            page_free(b->pa, b->order);
            used -= 1u << b->order;
            b->pa = PADDR_INVALID;
            continue;
        }
        b->order = (unsigned)rand() % 7;
        b->pa = page_alloc(b->order);
        if (!paddr_valid(b->pa))
            continue;
        uint64_t *p = paddr_to_ptr(b->pa);
        p[0] = b->pa.v;
        p[((PAGE_SIZE << b->order) / 8) - 1] = b->order;
        used += 1u << b->order;
        assert_int_equal(stats().free_pages + used, stats().total_pages);
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        if (paddr_valid(slot[i].pa))
            page_free(slot[i].pa, slot[i].order);
    }
    assert_int_equal(stats().free_pages, stats().total_pages);
    assert_true(paddr_valid(page_alloc(11))); /* 8 MiB: half of the arena is whole again */
}

/* ---- misuse ---- */

static void wrong_frees_panic(void **state)
{
    (void)state;
    paddr_t pa = page_alloc(1);
    expect_panic(free_order_0, pa);                             /* wrong order */
    expect_panic(free_order_0, paddr_add(pa, PAGE_SIZE));       /* inside a block */
    expect_panic(free_order_1, paddr_add(pa, 8));               /* not a page */
    expect_panic(free_order_0, PADDR(ARENA_BASE));              /* metadata */
    expect_panic(free_order_0, PADDR(ARENA_BASE + ARENA_SIZE)); /* foreign */
    expect_panic(free_order_0, PADDR_INVALID);
    page_free(pa, 1);
    expect_panic(free_order_1, pa); /* double, merged into a larger block */
    paddr_t a = page_alloc(0);
    page_alloc(0);
    page_free(a, 0);
    expect_panic(free_order_0, a); /* double, not merged */
    expect_panic(tag, a);
    expect_panic(unref, a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bad_ranges_are_refused, setup_empty),
        cmocka_unit_test_setup(overlaps_are_refused, setup_empty),
        cmocka_unit_test_setup(a_range_too_small_is_ignored, setup_empty),
        cmocka_unit_test_setup(the_65th_range_is_refused, setup_empty),
        cmocka_unit_test_setup(metadata_is_four_bytes_a_page, setup),
        cmocka_unit_test_setup(giving_a_range_touches_few_pages, setup_empty),
        cmocka_unit_test_setup(neighbouring_ranges_never_merge, setup_empty),
        cmocka_unit_test_setup(blocks_are_aligned_and_apart, setup),
        cmocka_unit_test_setup(what_follows_is_handed_out_if_it_is_free, setup),
        cmocka_unit_test_setup(a_block_from_the_middle_goes_back, setup),
        cmocka_unit_test_setup(exhaustion_returns_nothing_and_changes_nothing, setup),
        cmocka_unit_test_setup(zeroed_is_zero, setup),
        cmocka_unit_test_setup(random_life, setup),
        cmocka_unit_test_setup(wrong_frees_panic, setup),
    };
    return cmocka_run_group_tests(tests, start_arena, NULL);
}
