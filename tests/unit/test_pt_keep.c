/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

/* Empty tables that stay linked (cfg.keep), and pt_trim, which takes them out. */

#define KEEP 3u

static int setup(void **state)
{
    (void)state;
    ref_count = 0;
    fx_open_cfg(&(struct pt_config){
        .granule_lg2 = 12, .ias = 48, .oas = 48, .coherent = true, .keep = KEEP});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fx_close();
    return 0;
}

static void trim(uint64_t iova, uint64_t size)
{
    assert_int_equal(pt_trim(&fx.pt, iova, size, &fx.g), 0);
}

static void map_and_unmap_page(uint64_t iova)
{
    assert_int_equal(fx_map(iova, 0x1000, 0x1000), 0);
    assert_int_equal(fx_unmap(iova, 0x1000), 0);
}

static void a_page_that_comes_back_finds_its_table(void **state)
{
    (void)state;
    map_and_unmap_page(GIB(5));
    assert_int_equal(fx.pt.kept, 1);
    assert_int_equal(fx.pt.tables, 4);
    fx_expect_none(GIB(5));

    uint64_t free_before = fx_free_pages();
    inject_after(1);
    assert_int_equal(fx_map(GIB(5) + 0x3000, 0x9000, 0x1000), 0);
    assert_int_equal(inject_count(), 0);
    assert_int_equal(fx_free_pages(), free_before);
    assert_int_equal(fx.pt.kept, 0);
    fx_expect(GIB(5) + 0x3000, 0x9000);
}

/* The walk caches may go on to a table that stays, so only the leaf has to be invalidated. */
static void only_the_leaf_is_to_be_invalidated(void **state)
{
    (void)state;
    map_and_unmap_page(GIB(5));
    assert_int_equal(fx.g.count, 1);
    assert_int_equal(fx.g.flush[0].leaf_lg2, 12);
    assert_false(fx.g.flush[0].tables);
    assert_int_equal(fx.g.free_count, 0);
}

static void no_more_are_kept_than_allowed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * KEEP; i++)
        map_and_unmap_page(GIB(i));
    assert_int_equal(fx.pt.kept, KEEP);
    assert_int_equal(fx.pt.tables, 2 + 2 * KEEP); /* a path of two below the two topmost */
    assert_int_equal(fx.g.free_count, 2 * KEEP);
}

static void what_goes_as_a_whole_is_not_kept(void **state)
{
    (void)state;
    assert_int_equal(fx_map(GIB(1), 0x1000, MIB(2)), 0);
    assert_int_equal(fx_unmap(GIB(1), MIB(2)), 0);
    assert_int_equal(fx.g.free_count, 1);
    assert_true(fx.g.flush[0].tables);
    assert_int_equal(fx.pt.kept, 1); /* the table above it */

    map_and_unmap_page(GIB(1));
    assert_int_equal(fx_unmap(0, BIT(48)), 0); /* kept ones go, too */
    assert_int_equal(fx.pt.kept, 0);
    assert_int_equal(fx.pt.tables, 1);
}

static void an_unmap_of_holes_keeps_nothing_twice(void **state)
{
    (void)state;
    map_and_unmap_page(GIB(1));
    for (unsigned i = 0; i < 2 * KEEP; i++)
        assert_int_equal(fx_unmap(GIB(1) + 0x1000 * i, 0x1000), 0);
    assert_int_equal(fx.pt.kept, 1);
}

/* A block has the place of a kept table, after the trim and its invalidation. */
static void a_trim_makes_way_for_a_block(void **state)
{
    (void)state;
    struct pt_leaf leaf;
    map_and_unmap_page(MIB(2));
    map_and_unmap_page(MIB(6));
    pt_gather_release(&fx.g);

    trim(MIB(2), MIB(4)); /* not the table of MIB(6) */
    assert_int_equal(fx.pt.kept, 1);
    assert_int_equal(fx.g.free_count, 1);
    assert_int_equal(fx.g.count, 1);
    assert_true(fx.g.flush[0].tables);
    assert_int_equal(fx.g.flush[0].iova.start, MIB(2));
    assert_int_equal(fx.g.flush[0].iova.last, MIB(4) - 1);
    pt_gather_release(&fx.g);

    assert_int_equal(fx_map(MIB(2), MIB(4), MIB(2)), 0);
    assert_true(pt_lookup(&fx.pt, MIB(2), &leaf));
    assert_int_equal(leaf.size_lg2, 21);
}

/* Only where the range has all that a table spans, a leaf could be in its place. */
static void what_is_in_nobodys_way_stays(void **state)
{
    (void)state;
    map_and_unmap_page(MIB(2)); /* three tables, of MIB(2), GIB(1) and GIB(512) */
    pt_gather_release(&fx.g);
    assert_int_equal(pt_make_way(&fx.pt, 0x1000, MIB(2), &fx.g), 0);
    assert_int_equal(pt_make_way(&fx.pt, MIB(4), GIB(1), &fx.g), 0);
    assert_int_equal(fx.pt.tables, 4);

    assert_int_equal(pt_make_way(&fx.pt, 0, GIB(1) - MIB(2), &fx.g), 0);
    assert_int_equal(fx.pt.tables, 3);
    assert_int_equal(fx.pt.kept, 1); /* the table above, which is empty now */
    assert_int_equal(pt_make_way(&fx.pt, 0, GIB(1), &fx.g), 0);
    assert_int_equal(fx.pt.tables, 2);
    assert_int_equal(fx.g.free_count, 2);
}

static void a_trim_takes_nothing_that_is_in_use(void **state)
{
    (void)state;
    assert_int_equal(fx_map(MIB(2), 0x1000, 0x1000), 0);
    map_and_unmap_page(GIB(3));
    trim(0, BIT(48));
    assert_int_equal(fx.pt.kept, 0);
    assert_int_equal(fx.pt.tables, 4);
    fx_expect(MIB(2), 0x1000);
    assert_int_equal(pt_trim(&fx.pt, 0x800, 0x1000, &fx.g), -RF_EINVAL);
    assert_int_equal(pt_trim(&fx.pt, BIT(48), 0x1000, &fx.g), -RF_ERANGE);
}

/* Addresses that agree modulo a page only: every leaf is one. */
static void random_step(void)
{
    uint64_t pages = (uint64_t)(rand() % 8 == 0 ? 1 + rand() % 1500 : 1 + rand() % 4);
    uint64_t iova = (uint64_t)(rand() % 2) * GIB(7) + (uint64_t)(rand() % 4096) * 0x1000;
    struct range r = {iova, iova + pages * 0x1000 - 1};
    uint64_t bytes;
    if (rand() % 2 == 0) {
        assert_int_equal(pt_unmap(&fx.pt, iova, pages * 0x1000, &fx.g, &bytes), 0);
        assert_int_equal(bytes, ref_unmap(r));
    } else if (ref_overlaps(r)) {
        assert_int_equal(fx_map(iova, iova + 0x1000, pages * 0x1000), -RF_EEXIST);
    } else {
        assert_int_equal(fx_map(iova, iova + 0x1000, pages * 0x1000), 0);
        ref_map(iova, iova + 0x1000, pages * 0x1000, FX_RW);
    }
    pt_gather_release(&fx.g);
}

/* After a trim of all there are the tables that the leaves take, and no more. */
static void random_maps_and_trims(void **state)
{
    (void)state;
    srand(7);
    for (unsigned round = 0; round < 300; round++) {
        for (unsigned step = 0; step < 20; step++) {
            random_step();
            assert_true(fx.pt.kept <= KEEP);
        }
        trim(0, BIT(48));
        pt_gather_release(&fx.g);
        ref_compare();
    }
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_page_that_comes_back_finds_its_table),
        CASE(only_the_leaf_is_to_be_invalidated),
        CASE(no_more_are_kept_than_allowed),
        CASE(what_goes_as_a_whole_is_not_kept),
        CASE(an_unmap_of_holes_keeps_nothing_twice),
        CASE(a_trim_makes_way_for_a_block),
        CASE(what_is_in_nobodys_way_stays),
        CASE(a_trim_takes_nothing_that_is_in_use),
        CASE(random_maps_and_trims),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
