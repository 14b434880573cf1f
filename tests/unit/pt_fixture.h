/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_UNIT_PT_FIXTURE_H
#define RF_TESTS_UNIT_PT_FIXTURE_H

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
#include "lib/base/mask.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"
#include "lib/pt/pt.h"

/* What the tests of lib/pt share: a table under test that may not leak, and a reference for it: a
 * sorted list of leaves, made by the slowest rule that can be written down. */

#define FX_ARENA_BASE MIB(512)
#define FX_ARENA_SIZE MIB(64)
#define FX_RW         (PT_READ | PT_WRITE | PT_USER)
#define FX_RO         (PT_READ | PT_USER)

struct fixture {
    struct pt pt;
    struct pt_gather g;
    uint64_t free_at_start;
};

static struct fixture fx;

static inline uint64_t fx_free_pages(void)
{
    struct page_stats s;
    page_get_stats(&s);
    return s.free_pages;
}

static inline int fx_start(void **state)
{
    (void)state;
    host_arena_init(PADDR(FX_ARENA_BASE), FX_ARENA_SIZE);
    page_reset();
    return page_add_range((struct range){FX_ARENA_BASE, FX_ARENA_BASE + FX_ARENA_SIZE - 1});
}

static inline void fx_open_fmt(const struct pt_format *fmt, const struct pt_config *cfg)
{
    inject_after(0);
    fx.free_at_start = fx_free_pages();
    assert_int_equal(pt_init(&fx.pt, fmt, cfg), 0);
    pt_gather_init(&fx.g);
}

static inline void fx_open_cfg(const struct pt_config *cfg)
{
    fx_open_fmt(&pt_arm_s1, cfg);
}

static inline void fx_open(unsigned granule_lg2, unsigned ias, unsigned oas)
{
    fx_open_cfg(&(struct pt_config){.granule_lg2 = (uint8_t)granule_lg2,
                                    .ias = (uint8_t)ias,
                                    .oas = (uint8_t)oas,
                                    .coherent = true});
}

/* Every page that the test took has come back. */
static inline void fx_close(void)
{
    pt_gather_release(&fx.g);
    pt_fini(&fx.pt);
    assert_int_equal(fx_free_pages(), fx.free_at_start);
}

static inline uint64_t fx_granule(void)
{
    return BIT(fx.pt.cfg.granule_lg2);
}

static inline int fx_map(uint64_t iova, uint64_t pa, uint64_t size)
{
    return pt_map(&fx.pt, iova, PADDR(pa), size, FX_RW);
}

static inline int fx_unmap(uint64_t iova, uint64_t size)
{
    return pt_unmap(&fx.pt, iova, size, &fx.g, NULL);
}

static inline void fx_expect(uint64_t iova, uint64_t pa)
{
    struct pt_leaf leaf;
    assert_true(pt_lookup(&fx.pt, iova, &leaf));
    assert_int_equal(leaf.pa.v, pa);
}

static inline void fx_expect_none(uint64_t iova)
{
    struct pt_leaf leaf;
    assert_false(pt_lookup(&fx.pt, iova, &leaf));
}

/* ---- the reference ---- */

#define REF_MAX 20000

struct ref_leaf {
    uint64_t iova;
    uint64_t pa;
    uint64_t size;
    unsigned prot;
};

static struct ref_leaf ref[REF_MAX];
static unsigned ref_count;

static inline uint64_t ref_last(const struct ref_leaf *l)
{
    return l->iova + (l->size - 1);
}

static inline bool ref_hits(const struct ref_leaf *l, struct range r)
{
    return l->iova <= r.last && ref_last(l) >= r.start;
}

static inline bool ref_overlaps(struct range r)
{
    for (unsigned i = 0; i < ref_count; i++) {
        if (ref_hits(&ref[i], r))
            return true;
    }
    return false;
}

static inline bool ref_cuts(struct range r)
{
    for (unsigned i = 0; i < ref_count; i++) {
        if (ref_hits(&ref[i], r) && (ref[i].iova < r.start || ref_last(&ref[i]) > r.last))
            return true;
    }
    return false;
}

/* The largest size that may start exactly here. */
static inline uint64_t ref_leaf_size(uint64_t iova, uint64_t pa, uint64_t left)
{
    for (unsigned lg2 = 63; lg2 > 0; lg2--) {
        uint64_t size = BIT(lg2);
        if ((fx.pt.leaf_sizes & size) != 0 && iova % size == 0 && pa % size == 0 && size <= left)
            return size;
    }
    fail_msg("no leaf fits 0x%lx -> 0x%lx", iova, pa);
    return 0;
}

static inline void ref_insert(struct ref_leaf l)
{
    unsigned i = ref_count;
    assert_true(ref_count < REF_MAX);
    for (; i > 0 && ref[i - 1].iova > l.iova; i--)
        ref[i] = ref[i - 1];
    ref[i] = l;
    ref_count++;
}

static inline void ref_map(uint64_t iova, uint64_t pa, uint64_t size, unsigned prot)
{
    while (size != 0) {
        uint64_t step = ref_leaf_size(iova, pa, size);
        ref_insert((struct ref_leaf){iova, pa, step, prot});
        iova += step;
        pa += step;
        size -= step;
    }
}

/* Returns the bytes removed. */
static inline uint64_t ref_unmap(struct range r)
{
    uint64_t bytes = 0;
    unsigned kept = 0;
    for (unsigned i = 0; i < ref_count; i++) {
        if (ref_hits(&ref[i], r))
            bytes += ref[i].size;
        else
            ref[kept++] = ref[i];
    }
    ref_count = kept;
    return bytes;
}

/* Tables that these leaves need and no more, by counting different prefixes. */
static inline uint32_t ref_tables(void)
{
    unsigned index_bits = fx.pt.cfg.granule_lg2 - 3u;
    uint32_t tables = 1;
    for (unsigned level = 0; level < fx.pt.top_level; level++) {
        unsigned table_lg2 = fx.pt.cfg.granule_lg2 + (level + 1) * index_bits;
        uint64_t last = UINT64_MAX;
        for (unsigned i = 0; i < ref_count; i++) {
            uint64_t prefix = ref[i].iova >> table_lg2;
            if (ref[i].size >= BIT(table_lg2) || prefix == last)
                continue;
            last = prefix;
            tables++;
        }
    }
    return tables;
}

static inline void ref_check_leaf(const struct ref_leaf *want, uint64_t iova,
                                  const struct pt_leaf *got)
{
    assert_int_equal(iova, want->iova);
    assert_int_equal(got->pa.v, want->pa);
    assert_int_equal(BIT(got->size_lg2), want->size);
    assert_int_equal(got->prot, want->prot);
    fx_expect(ref_last(want), want->pa + want->size - 1);
}

/* By the slowest rule: the largest size of which an aligned piece is inside. */
static inline uint64_t ref_best_size(uint64_t sizes, uint64_t iova, uint64_t pa, uint64_t size)
{
    for (unsigned lg2 = 47; lg2 >= 12; lg2--) {
        uint64_t s = BIT(lg2), first = (iova + s - 1) / s * s;

        if (sizes & s && iova % s == pa % s && first + s <= iova + size)
            return s;
    }
    return 0;
}

static inline uint64_t fx_largest_leaf(void)
{
    struct pt_leaf leaf;
    uint64_t largest = 0, at = 0;

    for (uint64_t from = 0; pt_next_leaf(&fx.pt, from, &at, &leaf); from = at + BIT(leaf.size_lg2))
        largest = MAX(largest, BIT(leaf.size_lg2));
    return largest;
}

/* The tables say what the reference says, leaf by leaf, and hold the pages that it takes. */
static inline void ref_compare(void)
{
    struct pt_leaf leaf;
    uint64_t at = 0;
    unsigned n = 0;
    for (uint64_t from = 0; pt_next_leaf(&fx.pt, from, &at, &leaf); n++) {
        assert_true(n < ref_count);
        ref_check_leaf(&ref[n], at, &leaf);
        from = at + BIT(leaf.size_lg2);
    }
    assert_int_equal(n, ref_count);
    assert_int_equal(fx.pt.leaves, ref_count);
    assert_int_equal(fx.pt.tables, ref_tables());
    uint64_t table_pages = fx_granule() / PAGE_SIZE;
    assert_int_equal(fx.free_at_start - fx_free_pages(),
                     (fx.pt.tables + fx.g.free_count) * table_pages);
}

#endif
