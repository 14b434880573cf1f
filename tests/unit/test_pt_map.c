/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

static int setup_4k(void **state)
{
    (void)state;
    ref_count = 0;
    fx_open(12, 48, 48);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fx_close();
    return 0;
}

static void map_both(uint64_t iova, uint64_t pa, uint64_t size)
{
    assert_int_equal(fx_map(iova, pa, size), 0);
    ref_map(iova, pa, size, FX_RW);
    ref_compare();
}

static void unmap_both(uint64_t iova, uint64_t size)
{
    uint64_t bytes;
    assert_int_equal(pt_unmap(&fx.pt, iova, size, &fx.g, &bytes), 0);
    assert_int_equal(bytes, ref_unmap((struct range){iova, iova + size - 1}));
    ref_compare();
}

static unsigned leaves_of_size(uint64_t size)
{
    struct pt_leaf leaf;
    uint64_t at = 0;
    unsigned n = 0;
    for (uint64_t from = 0; pt_next_leaf(&fx.pt, from, &at, &leaf); from = at + BIT(leaf.size_lg2))
        n += BIT(leaf.size_lg2) == size;
    return n;
}

/* ---- refusals ---- */

static void refusals_change_nothing(void **state)
{
    (void)state;
    map_both(MIB(2), MIB(2), MIB(2));
    static const struct {
        uint64_t iova, pa, size;
        int want;
    } rows[] = {
        {0, 0, 0, -RF_EINVAL},
        {0x800, 0, 0x1000, -RF_EINVAL},
        {0, 0x800, 0x1000, -RF_EINVAL},
        {0, 0, 0x800, -RF_EINVAL},
        {~0xffful, 0, 0x2000, -RF_EOVERFLOW},
        {0, ~0xffful, 0x2000, -RF_EOVERFLOW},
        {~0xffful, 0, 0x1000, -RF_ERANGE},
        {0, ~0xffful, 0x1000, -RF_ERANGE},
        {1ul << 48, 0, 0x1000, -RF_ERANGE},
        {(1ul << 48) - 0x1000, 0, 0x2000, -RF_ERANGE},
        {0, (1ul << 48) - 0x1000, 0x2000, -RF_ERANGE},
        {MIB(2), MIB(2), MIB(2), -RF_EEXIST},     /* identical */
        {MIB(3), 0, 0x1000, -RF_EEXIST},          /* inside */
        {MIB(1), MIB(1), MIB(4), -RF_EEXIST},     /* around */
        {MIB(2) - 0x1000, 0, 0x2000, -RF_EEXIST}, /* one page over the start */
        {MIB(4) - 0x1000, 0, 0x2000, -RF_EEXIST}, /* one page over the end */
        {0, 0, GIB(1), -RF_EEXIST},               /* a block over the table */
        {GIB(0), GIB(4), GIB(512), -RF_EEXIST},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(fx_map(rows[i].iova, rows[i].pa, rows[i].size), rows[i].want);
        ref_compare();
    }
    map_both(MIB(2) - 0x1000, 0, 0x1000); /* neighbours are no overlap */
    map_both(MIB(4), 0, 0x1000);
}

static void unmap_refusals_change_nothing(void **state)
{
    (void)state;
    map_both(MIB(2), MIB(2), MIB(4));
    static const struct {
        uint64_t iova, size;
        int want;
    } rows[] = {
        {0, 0, -RF_EINVAL},
        {0x10, 0x1000, -RF_EINVAL},
        {0, 0x10, -RF_EINVAL},
        {~0xffful, 0x2000, -RF_EOVERFLOW},
        {1ul << 48, 0x1000, -RF_ERANGE},
        {MIB(2), 0x1000, -RF_EINVAL},          /* GPT-SPLIT: first page of a block */
        {MIB(4) - 0x1000, 0x1000, -RF_EINVAL}, /* last page */
        {MIB(3), 0x1000, -RF_EINVAL},          /* middle */
        {MIB(2), MIB(4) - 0x1000, -RF_EINVAL}, /* whole block and a cut one */
        {MIB(2) + 0x1000, MIB(4) - 0x1000, -RF_EINVAL},
        {0, MIB(3), -RF_EINVAL},
        {MIB(5), MIB(9), -RF_EINVAL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t bytes = 1;
        assert_int_equal(pt_unmap(&fx.pt, rows[i].iova, rows[i].size, &fx.g, &bytes), rows[i].want);
        assert_int_equal(bytes, 0);
        assert_true(pt_gather_empty(&fx.g));
        ref_compare();
    }
}

/* ---- shapes ---- */

/* GPT-MAP-SIMPLE. */
static void one_leaf_of_every_size(void **state)
{
    (void)state;
    static const uint8_t granules[] = {12, 14, 16};
    for (size_t g = 0; g < ARRAY_SIZE(granules); g++) {
        ref_count = 0;
        fx_open(granules[g], 48, 48);
        for (unsigned lg2 = 12; lg2 < 48; lg2++) {
            if ((fx.pt.leaf_sizes & BIT(lg2)) == 0)
                continue;
            map_both(BIT(40), BIT(41), BIT(lg2));
            assert_int_equal(ref_count, 1);
            unmap_both(BIT(40), BIT(lg2));
            assert_int_equal(fx.pt.leaves, 0);
        }
        fx_close();
    }
}

/* GPT-MIXED. */
static void golden_census(void **state)
{
    (void)state;
    uint64_t start = 0x3fe400000, end = 0x4c0600000;
    map_both(start, start, end - start);
    assert_int_equal(fx.pt.leaves, 20);
    assert_int_equal(leaves_of_size(MIB(2)), 14 + 3);
    assert_int_equal(leaves_of_size(GIB(1)), 3);
    unmap_both(start, end - start);
}

/* GPT-BOUNDARY: addresses that agree modulo no block. */
static void odd_offset_takes_pages_only(void **state)
{
    (void)state;
    map_both(0xfef80000, 0x208b95d000, 0x20000);
    assert_int_equal(leaves_of_size(0x1000), 32);
}

/* GPT-COUNT. */
static void counts(void **state)
{
    (void)state;
    assert_int_equal(fx_map(0, 0x1000, GIB(1)), 0);
    assert_int_equal(fx.pt.leaves, 262144);
    assert_int_equal(fx.pt.tables, 3 + 512);
    assert_int_equal(fx_unmap(0, GIB(1)), 0);
    pt_gather_release(&fx.g);
    map_both(0x1000, 0x1000, MIB(2));
    assert_int_equal(leaves_of_size(0x1000), 512);
    assert_int_equal(fx_map(MIB(2) + 0x1000, MIB(2) + 0x1000, MIB(4) - 0x1000), 0);
    assert_int_equal(leaves_of_size(MIB(2)), 1);
    assert_int_equal(leaves_of_size(0x1000), 512 + 511);
}

static void physical_page_0_is_a_page(void **state)
{
    (void)state;
    map_both(0, 0, 0x1000);
    map_both(GIB(3), 0, GIB(1));
    fx_expect(0, 0);
    unmap_both(0, 0x1000);
    unmap_both(GIB(3), GIB(1));
}

static void the_whole_space_in_one_map(void **state)
{
    (void)state;
    fx_close();
    fx_open(12, 39, 39);
    map_both(0, 0, BIT(39));
    assert_int_equal(fx.pt.leaves, 512);
    assert_int_equal(fx.pt.tables, 1);
    unmap_both(0, BIT(39));
}

/* Holes between maps, and an unmap of more than there is. */
static void unmap_passes_over_holes(void **state)
{
    (void)state;
    map_both(0x1000, 0x9000, 0x1000);
    map_both(0x3000, 0x3000, 0x2000);
    map_both(MIB(2), MIB(4), MIB(2));
    map_both(GIB(5), GIB(6), GIB(1));
    unmap_both(0x2000, 0x1000);
    unmap_both(MIB(8), GIB(4));
    unmap_both(0, GIB(1));
    unmap_both(0, BIT(48));
    assert_int_equal(fx.pt.tables, 1);
    assert_int_equal(leaves_of_size(0x1000), 0);
}

static void next_leaf_from_inside_a_leaf(void **state)
{
    (void)state;
    struct pt_leaf leaf;
    uint64_t at;
    assert_false(pt_next_leaf(&fx.pt, 0, &at, &leaf));
    map_both(MIB(6), MIB(8), MIB(2));
    assert_true(pt_next_leaf(&fx.pt, 0, &at, &leaf));
    assert_int_equal(at, MIB(6));
    assert_true(pt_next_leaf(&fx.pt, MIB(7), &at, &leaf));
    assert_int_equal(at, MIB(6));
    assert_int_equal(leaf.pa.v, MIB(8));
    assert_false(pt_next_leaf(&fx.pt, MIB(8), &at, &leaf));
    assert_false(pt_next_leaf(&fx.pt, UINT64_MAX, &at, &leaf));
    map_both(BIT(48) - 0x1000, 0, 0x1000);
    assert_true(pt_next_leaf(&fx.pt, MIB(8), &at, &leaf));
    assert_int_equal(at, BIT(48) - 0x1000);
}

/* ---- tables ---- */

/* GPT-TBL2OA. A walker that still has the pointer to the old table finds nothing in it, and the
 * table is nobody else's, until the gather is released. */
static void an_emptied_table_gives_way_to_a_block(void **state)
{
    (void)state;
    map_both(MIB(2), MIB(4) + 0x1000, MIB(2));
    uint64_t free_before = fx_free_pages();
    unmap_both(MIB(2), MIB(2));
    assert_int_equal(fx.g.free_count, 3);
    assert_int_equal(fx_free_pages(), free_before);
    paddr_t table = fx.g.free_head;
    for (unsigned n = 0; n < fx.g.free_count; n++) {
        const uint64_t *entry = paddr_to_ptr(table);
        for (unsigned i = 0; i < 512; i++)
            assert_int_equal(entry[i] & 1, 0);
        table = PADDR(entry[0]);
    }
    map_both(MIB(2), MIB(4), MIB(2));
    assert_int_equal(leaves_of_size(MIB(2)), 1);
}

static void gather_names_what_went(void **state)
{
    (void)state;
    map_both(0, 0, 0x5000);
    map_both(MIB(2), MIB(2), MIB(4));
    pt_gather_release(&fx.g);
    unmap_both(0x1000, 0x2000);
    assert_int_equal(fx.g.count, 1);
    assert_int_equal(fx.g.flush[0].iova.start, 0x1000);
    assert_int_equal(fx.g.flush[0].iova.last, 0x2fff);
    assert_int_equal(fx.g.flush[0].leaf_lg2, 12);
    assert_false(fx.g.flush[0].tables);
    pt_gather_release(&fx.g);
    unmap_both(0, MIB(4));
    assert_int_equal(fx.g.count, 2);
    assert_true(fx.g.flush[0].tables);
    assert_int_equal(fx.g.flush[0].iova.last, MIB(2) - 1);
    assert_false(fx.g.flush[1].tables);
    assert_int_equal(fx.g.flush[1].leaf_lg2, 21);
    assert_int_equal(fx.g.free_count, 1);
    unmap_both(MIB(4), MIB(2));
    assert_int_equal(fx.g.count, 1);
    assert_true(fx.g.flush[0].tables);
    assert_int_equal(fx.g.flush[0].iova.last, BIT(39) - 1);
}

/* Start-up tables: a root and one table of pages, not in the allocator's ranges. */
static void adopted_tables_stay(void **state)
{
    (void)state;
    fx_close();
    page_reset();
    page_add_range((struct range){FX_ARENA_BASE + MIB(1), FX_ARENA_BASE + FX_ARENA_SIZE - 1});
    fx.free_at_start = fx_free_pages();
    uint64_t *root = paddr_to_ptr(PADDR(FX_ARENA_BASE));
    uint64_t *pages = paddr_to_ptr(PADDR(FX_ARENA_BASE + 0x1000));
    memset(root, 0, 0x2000);
    const struct pt_config cfg = {
        .granule_lg2 = 12, .ias = 30, .oas = 40, .coherent = true, .global = true};
    root[1] = (FX_ARENA_BASE + 0x1000) | 3;
    pages[7] = 0x40000703; /* a normal, readable and writable page */
    assert_int_equal(pt_adopt(&fx.pt, &pt_arm_s1, &cfg, PADDR(FX_ARENA_BASE)), 0);
    assert_int_equal(fx.pt.leaves, 1);
    fx_expect(MIB(2) + 0x7000, 0x40000000);

    assert_int_equal(fx_map(MIB(2) + 0x7000, 0, 0x1000), -RF_EEXIST);
    assert_int_equal(fx_map(MIB(4), MIB(5), MIB(2)), 0); /* a table of its own */
    assert_int_equal(fx.pt.tables, 1);
    assert_int_equal(fx_unmap(0, BIT(30)), 0);
    assert_int_equal(fx.pt.leaves, 0);
    assert_int_equal(fx.pt.tables, 0);
    assert_int_equal(root[1], (FX_ARENA_BASE + 0x1000) | 3);
    assert_int_equal(root[2], 0);

    assert_int_equal(fx_map(0, 0, MIB(6)), 0); /* a block beside the empty table, pages in it */
    assert_int_equal(leaves_of_size(MIB(2)), 2);
    assert_int_equal(leaves_of_size(0x1000), 512);
    assert_int_equal(fx_free_pages(), fx.free_at_start - 1);
    fx_close();
    assert_int_equal(root[1], (FX_ARENA_BASE + 0x1000) | 3);
    fx_start(state);
    setup_4k(state);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup_4k, teardown)
    const struct CMUnitTest tests[] = {
        CASE(refusals_change_nothing),
        CASE(unmap_refusals_change_nothing),
        cmocka_unit_test(one_leaf_of_every_size),
        CASE(golden_census),
        CASE(odd_offset_takes_pages_only),
        CASE(counts),
        CASE(physical_page_0_is_a_page),
        CASE(the_whole_space_in_one_map),
        CASE(unmap_passes_over_holes),
        CASE(next_leaf_from_inside_a_leaf),
        CASE(an_emptied_table_gives_way_to_a_block),
        CASE(gather_names_what_went),
        CASE(adopted_tables_stay),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
