/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/err.h"
#include "lib/iommu/window.h"

#define APERTURE ((struct range){0, (UINT64_C(1) << 48) - 1})

static struct resv_list l;

static int setup(void **state)
{
    (void)state;
    l.count = 0;
    return 0;
}

static void add(uint64_t start, uint64_t last, enum resv_type type, const char *origin)
{
    assert_int_equal(resv_add(&l, (struct range){start, last}, type, origin), 0);
}

static void reserve(uint64_t start, uint64_t last)
{
    add(start, last, RESV_RESERVED, "test");
}

static void expect(unsigned i, uint64_t start, uint64_t last)
{
    assert_true(i < l.count);
    assert_int_equal(l.w[i].r.start, start);
    assert_int_equal(l.w[i].r.last, last);
}

static void sorted_by_start(void **state)
{
    (void)state;
    reserve(0x5000, 0x5fff);
    reserve(0x1000, 0x1fff);
    reserve(0x3000, 0x3fff);
    assert_int_equal(l.count, 3);
    expect(0, 0x1000, 0x1fff);
    expect(1, 0x3000, 0x3fff);
    expect(2, 0x5000, 0x5fff);
}

static void the_same_twice_is_one(void **state)
{
    (void)state;
    reserve(0x1000, 0x1fff);
    reserve(0x1000, 0x1fff);
    assert_int_equal(l.count, 1);
}

static void overlapping_and_adjacent_merge(void **state)
{
    (void)state;
    reserve(0x1000, 0x1fff);
    reserve(0x3000, 0x3fff);
    reserve(0x5000, 0x5fff);
    reserve(0x1800, 0x2fff); /* overlaps the first, touches the second */
    assert_int_equal(l.count, 2);
    expect(0, 0x1000, 0x3fff);
    expect(1, 0x5000, 0x5fff);
}

static void kinds_stay_apart(void **state)
{
    (void)state;
    add(0x1000, 0x2fff, RESV_RESERVED, "pci-window");
    add(0x1000, 0x1fff, RESV_RESERVED, "dma-ranges");
    add(0x2000, 0x3fff, RESV_DIRECT, "pci-window");
    assert_int_equal(l.count, 3);
}

static void ends_of_the_space_do_not_wrap(void **state)
{
    (void)state;
    reserve(UINT64_MAX - 0xfff, UINT64_MAX);
    reserve(0, 0xfff);
    assert_int_equal(l.count, 2); /* UINT64_MAX + 1 is not 0's neighbour */
    reserve(0x1000, UINT64_MAX);
    assert_int_equal(l.count, 1);
    expect(0, 0, UINT64_MAX);
}

static void empty_window_is_ignored(void **state)
{
    (void)state;
    reserve(0x1000, 0x0fff);
    assert_int_equal(l.count, 0);
}

static void fill(void)
{
    for (unsigned i = 0; i < RESV_MAX; i++)
        reserve(i * 0x2000ul, i * 0x2000ul + 0xfff);
}

static void full_list_is_unchanged(void **state)
{
    struct resv_list before;
    struct resv_list more = {0};

    (void)state;
    fill();
    before = l;
    assert_int_equal(resv_add(&l, (struct range){0x10000000, 0x10000fff}, RESV_MSI, "test"),
                     -RF_ENOSPC);
    assert_memory_equal(&l, &before, sizeof(l));
    assert_int_equal(resv_add(&more, (struct range){0x1000, 0x1fff}, RESV_RESERVED, "test"), 0);
    assert_int_equal(resv_add(&more, (struct range){0x8000, 0x80ff}, RESV_MSI, "test"), 0);
    assert_int_equal(resv_add(&more, (struct range){0x9000, 0x90ff}, RESV_MSI, "test"), 0);
    assert_int_equal(resv_add_all(&l, &more), -RF_ENOSPC); /* after one that merged two */
    assert_memory_equal(&l, &before, sizeof(l));
}

static void full_list_still_merges(void **state)
{
    (void)state;
    fill();
    reserve(0x1000, 0x1fff);
    assert_int_equal(l.count, RESV_MAX - 1);
}

static void find_skips_relaxable(void **state)
{
    (void)state;
    add(0x1000, 0x1fff, RESV_DIRECT_RELAXABLE, "test");
    assert_null(resv_find(&l, (struct range){0, UINT64_MAX}));
    add(0x3000, 0x3fff, RESV_DIRECT, "test");
    assert_ptr_equal(resv_find(&l, (struct range){0, UINT64_MAX}), &l.w[1]);
    assert_ptr_equal(resv_find(&l, (struct range){0x3fff, 0x4000}), &l.w[1]);
    assert_null(resv_find(&l, (struct range){0x4000, 0x4fff}));
    assert_null(resv_find(&l, (struct range){0x2000, 0x2fff}));
}

static void types_have_names(void **state)
{
    (void)state;
    assert_string_equal(resv_type_name(RESV_DIRECT), "direct");
    assert_string_equal(resv_type_name(RESV_DIRECT_RELAXABLE), "direct-relaxable");
    assert_string_equal(resv_type_name(RESV_RESERVED), "reserved");
    assert_string_equal(resv_type_name(RESV_MSI), "msi");
    assert_string_equal(resv_type_name(RESV_SW_MSI), "sw-msi");
    assert_string_equal(resv_type_name((enum resv_type)99), "unknown");
}

/* ---- the place of the doorbells */

static void expect_sw_msi(struct range aperture, uint64_t start)
{
    struct range r;

    assert_int_equal(resv_place_sw_msi(&l, aperture, NULL, NULL, &r), 0);
    assert_int_equal(r.start, start);
    assert_int_equal(r.last, start + 0xfffff);
}

static void sw_msi_is_at_its_base(void **state)
{
    (void)state;
    expect_sw_msi(APERTURE, 0x08000000);
    reserve(0x08100000, 0x080fffff + MIB(64)); /* touching is free */
    reserve(0x07f00000, 0x07ffffff);
    expect_sw_msi(APERTURE, 0x08000000);
}

static void sw_msi_slides(void **state)
{
    (void)state;
    reserve(0x080fffff, 0x080fffff);
    expect_sw_msi(APERTURE, 0x00100000); /* not at 0 */
    reserve(0, 0x2000000);
    expect_sw_msi(APERTURE, 0x02100000);
    expect_sw_msi((struct range){0x03000001, 0xffffffff}, 0x03100000);
}

static void sw_msi_finds_the_last_place(void **state)
{
    (void)state;
    reserve(0, 0xffefffff);
    expect_sw_msi(APERTURE, 0xfff00000);
}

static void sw_msi_has_no_place(void **state)
{
    struct range r = {1, 2};

    (void)state;
    assert_int_equal(resv_place_sw_msi(&l, (struct range){0, 0xfffff}, NULL, NULL, &r), -RF_ENOSPC);
    reserve(0, 0xffffffff); /* all is free above 4 GiB, which does not help */
    assert_int_equal(resv_place_sw_msi(&l, APERTURE, NULL, NULL, &r), -RF_ENOSPC);
    assert_int_equal(r.start, 1);
}

/* ---- usable ranges */

static void nothing_reserved(void **state)
{
    struct range out[4];

    (void)state;
    assert_int_equal(resv_usable(&l, APERTURE, out, 4), 1);
    assert_memory_equal(&out[0], &APERTURE, sizeof(out[0]));
    assert_int_equal(resv_usable(&l, (struct range){0, UINT64_MAX}, out, 4), 1);
    assert_int_equal(out[0].last, UINT64_MAX);
}

static void gaps_between_windows(void **state)
{
    struct range out[4];

    (void)state;
    reserve(0x2000, 0x2fff);
    add(0x2800, 0x3fff, RESV_DIRECT, "test"); /* overlaps: the usable set is less both */
    add(0x6000, 0x6fff, RESV_DIRECT_RELAXABLE, "test");
    reserve(0x8000, 0x8fff);
    assert_int_equal(resv_usable(&l, (struct range){0, 0xffff}, out, 4), 3);
    assert_int_equal(out[0].start, 0);
    assert_int_equal(out[0].last, 0x1fff);
    assert_int_equal(out[1].start, 0x4000);
    assert_int_equal(out[1].last, 0x7fff);
    assert_int_equal(out[2].start, 0x9000);
    assert_int_equal(out[2].last, 0xffff);
    assert_int_equal(resv_usable(&l, (struct range){0, 0xffff}, out, 2), 2);
}

static void windows_at_and_beyond_the_ends(void **state)
{
    struct range out[4];

    (void)state;
    reserve(0, 0xfff);
    reserve(0xf000, 0x1ffff);
    reserve(0x30000, 0x3ffff);
    assert_int_equal(resv_usable(&l, (struct range){0, 0xffff}, out, 4), 1);
    assert_int_equal(out[0].start, 0x1000);
    assert_int_equal(out[0].last, 0xefff);
    reserve(UINT64_MAX, UINT64_MAX);
    assert_int_equal(resv_usable(&l, (struct range){0x40000, UINT64_MAX}, out, 4), 1);
    assert_int_equal(out[0].last, UINT64_MAX - 1);
}

static void the_whole_aperture_is_reserved(void **state)
{
    struct range out[4];

    (void)state;
    reserve(0, UINT64_MAX);
    assert_int_equal(resv_usable(&l, APERTURE, out, 4), 0);
    l.count = 0;
    reserve(0, APERTURE.last);
    assert_int_equal(resv_usable(&l, APERTURE, out, 4), 0);
}

/* A byte map of a small space against the list. */
static void random_windows(void **state)
{
    struct range out[RESV_MAX + 1];

    (void)state;
    srand(20160509);
    for (unsigned round = 0; round < 300; round++) {
        bool taken[64] = {false};

        l.count = 0;
        for (unsigned n = (unsigned)rand() % 12; n > 0; n--) {
            unsigned start = (unsigned)rand() % 64;
            unsigned last = start + (unsigned)rand() % (64 - start);

            add(start, last, rand() % 2 ? RESV_DIRECT : RESV_RESERVED, "test");
            memset(&taken[start], true, last - start + 1);
        }
        unsigned n = resv_usable(&l, (struct range){0, 63}, out, ARRAY_SIZE(out));
        for (unsigned x = 0; x < 64; x++) {
            bool usable = false;

            for (unsigned i = 0; i < n; i++)
                usable |= range_has(out[i], x);
            assert_int_equal(usable, !taken[x]);
            assert_int_equal(resv_find(&l, (struct range){x, x}) != NULL, taken[x]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sorted_by_start, setup),
        cmocka_unit_test_setup(the_same_twice_is_one, setup),
        cmocka_unit_test_setup(overlapping_and_adjacent_merge, setup),
        cmocka_unit_test_setup(kinds_stay_apart, setup),
        cmocka_unit_test_setup(ends_of_the_space_do_not_wrap, setup),
        cmocka_unit_test_setup(empty_window_is_ignored, setup),
        cmocka_unit_test_setup(full_list_is_unchanged, setup),
        cmocka_unit_test_setup(full_list_still_merges, setup),
        cmocka_unit_test_setup(find_skips_relaxable, setup),
        cmocka_unit_test_setup(types_have_names, setup),
        cmocka_unit_test_setup(sw_msi_is_at_its_base, setup),
        cmocka_unit_test_setup(sw_msi_slides, setup),
        cmocka_unit_test_setup(sw_msi_finds_the_last_place, setup),
        cmocka_unit_test_setup(sw_msi_has_no_place, setup),
        cmocka_unit_test_setup(nothing_reserved, setup),
        cmocka_unit_test_setup(gaps_between_windows, setup),
        cmocka_unit_test_setup(windows_at_and_beyond_the_ends, setup),
        cmocka_unit_test_setup(the_whole_aperture_is_reserved, setup),
        cmocka_unit_test_setup(random_windows, setup),
    };

    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
