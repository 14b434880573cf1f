/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

#define APERTURE_LAST ((UINT64_C(1) << 48) - 1)

static int up_with_two_units(void **state)
{
    if (space_up(state))
        return -1;
    space_attach(group1);
    space_attach(group2);
    return 0;
}

static void exact_and_larger(void **state)
{
    (void)state;
    space_map(0x10000, USER_RAM, 0x1000);
    space_map(0x20000, USER_RAM, 0x2000);
    space_map(0x30000, USER_RAM, 0x3000);
    space_unmap(0x10000, 0x10fff, 0, 0x1000);
    space_unmap(0x18000, 0x3ffff, 0, 0x5000); /* two maps and the holes between them */
    assert_int_equal(released.calls, 3);
    assert_int_equal(released.bytes, 0x6000);
    assert_int_equal(released.lost, 0);
    assert_int_equal(space.map_count, 0);
    assert_int_equal(space.mapped_bytes, 0);
    space_denies(0x20000);
}

static void nothing_there(void **state)
{
    (void)state;
    space_unmap(0x10000, 0x1ffff, 0, 0);
    space_map(0x20000, USER_RAM, 0x1000);
    space_unmap(0x10000, 0x1ffff, 0, 0); /* one before */
    space_unmap(0x21000, 0x21fff, 0, 0); /* one after */
    assert_int_equal(fake_a.flushes, 0);
    assert_int_equal(released.calls, 0);
}

static void cut_maps_stay_whole(void **state)
{
    (void)state;
    space_map(0x10000, USER_RAM, 0x3000);
    space_map(0x20000, USER_RAM, 0x1000);
    space_unmap(0x11000, 0x11fff, -RF_EINVAL, 0);
    space_unmap(0x11000, 0x20fff, -RF_EINVAL, 0);
    space_unmap(0x10000, 0x11fff, -RF_EINVAL, 0);
    space_unmap(0x00000, 0x207ff, -RF_EINVAL, 0);
    space_translates(0x10000, USER_RAM);
    space_translates(0x20000, USER_RAM);
    assert_int_equal(released.calls, 0);
}

static void one_wait_a_domain(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 600; i++)
        space_map(MIB(512) + i * 0x2000, USER_RAM + i * 0x1000, 0x1000);
    space_unmap(0, UINT64_MAX, 0, 600 * 0x1000);
    assert_int_equal(fake_a.flushes, 1);
    assert_int_equal(fake_b.flushes, 1);
    assert_int_equal(released.bytes, 600 * 0x1000);
}

/* Pieces are joined as long as no pin of them can have counted a group (lib/mem/page.h). */
static void neighbours_are_released_together(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 1024; i++)
        space_map(MIB(512) + i * 0x1000, USER_RAM + i * 0x1000, 0x1000);
    space_map(GIB(1), USER_RAM + MIB(4), MIB(2));
    space_map(GIB(2), USER_RAM + MIB(6), 0x1000);
    space_unmap(MIB(512), MIB(512) + 0x7fff, 0, 0x8000);
    assert_int_equal(released.calls, 1);
    space_unmap(0, UINT64_MAX, 0, MIB(6) + 0x1000 - 0x8000);
    assert_int_equal(released.bytes, MIB(6) + 0x1000);
    assert_int_equal(released.largest, MIB(2));
    assert_int_equal(released.calls, 1 + 2 + 1 + 1); /* 511, 505, the group, its neighbour */
}

/* More slots than the gather has room for, of two sizes in turn: still one wait, nothing stale. */
static void any_number_of_slots(void **state)
{
    static const unsigned counts[] = {0, 1, 31, 32, 33, 63, 64, 65, 511, 512, 513};

    (void)state;
    for (size_t k = 0; k < ARRAY_SIZE(counts); k++) {
        unsigned before = fake_a.flushes;
        uint64_t bytes = 0;
        paddr_t pa;

        for (uint64_t i = 0; i < counts[k]; i++) {
            uint64_t size = i % 2 ? MIB(2) : 0x1000;

            space_map(GIB(1) + i * MIB(4), USER_RAM + i * MIB(4), size);
            assert_true(fake_access(&fake_a, 1, GIB(1) + i * MIB(4), &pa));
            bytes += size;
        }
        space_unmap(GIB(1), GIB(8) - 1, 0, bytes);
        assert_int_equal(fake_a.flushes - before, counts[k] != 0);
        assert_int_equal(fake_a.cached, 0);
    }
}

static void tables_are_freed_after_the_wait(void **state)
{
    uint64_t empty = fake_free_pages();
    uint64_t mapped;

    (void)state;
    space_map(GIB(4), USER_RAM + 0x1000, MIB(2)); /* a table of pages */
    mapped = fake_free_pages();
    space_unmap(0, UINT64_MAX, 0, MIB(2));
    assert_true(fake_a.last_flush.free_count > 0);
    assert_int_equal(fake_a.free_at_flush, mapped + fake_b.last_flush.free_count);
    assert_int_equal(fake_b.free_at_flush, mapped); /* its unit is the first to be asked */
    fake_trim(&space);
    assert_int_equal(fake_free_pages(), empty);
}

static void physical_page_0(void **state)
{
    (void)state;
    space_map(0x10000, 0, 0x1000);
    space_translates(0x10000, 0);
    space_unmap(0x10000, 0x10fff, 0, 0x1000);
    assert_int_equal(released.bytes, 0x1000);
    space_denies(0x10000);
}

static void allocates_nothing(void **state)
{
    (void)state;
    space_map(0x10000, USER_RAM, 0x1000);
    space_map(MIB(2), USER_RAM, MIB(2));
    inject_after(1);
    space_unmap(0, UINT64_MAX, 0, MIB(2) + 0x1000);
    assert_int_equal(inject_count(), 0);
}

static void last_page_of_the_space(void **state)
{
    struct aspace_config cfg = {0};

    (void)state;
    space_map(APERTURE_LAST - 0xfff, USER_RAM, 0x1000);
    space_unmap(APERTURE_LAST - 0xfff, UINT64_MAX, 0, 0x1000);
    aspace_detach(&space, group1);
    aspace_detach(&space, group2);
    aspace_fini(&space);
    space_init(&space, cfg);
    space_map(UINT64_MAX - 0xfff, USER_RAM, 0x1000); /* nothing is attached: no aperture yet */
    assert_non_null(aspace_find(&space, UINT64_MAX));
    space_unmap(0, UINT64_MAX, 0, 0x1000);
    assert_null(aspace_find(&space, UINT64_MAX));
}

/* The fake keeps what the device used until a flush names it. */
static void device_never_sees_the_old_page(void **state)
{
    paddr_t pa;

    (void)state;
    space_map(0x10000, USER_RAM, 0x1000);
    assert_true(fake_access(&fake_a, 1, 0x10000, &pa));
    assert_true(fake_access(&fake_b, 2, 0x10000, &pa));
    space_unmap(0x10000, 0x10fff, 0, 0x1000);
    assert_false(fake_access(&fake_a, 1, 0x10000, &pa));
    space_map(0x10000, USER_RAM + MIB(1), 0x1000);
    assert_true(fake_access(&fake_a, 1, 0x10000, &pa));
    assert_int_equal(pa.v, USER_RAM + MIB(1));
}

static void unmap_without_an_answer(void **state)
{
    (void)state;
    space_map(0x10000, USER_RAM, 0x1000);
    space_map(0x20000, USER_RAM, 0x1000);
    space_map(0x30000, USER_RAM, 0x1000);
    fake_fail(1);
    space_unmap(0x10000, 0x20fff, -RF_ETIMEDOUT, 0x2000);
    assert_int_equal(released.calls, 2);
    assert_int_equal(released.lost, 2);
    assert_int_equal(fake_a.unit.dead + fake_b.unit.dead, 1);
    assert_int_equal(fake_a.quiesces + fake_b.quiesces, 1);
    assert_int_equal(space.map_count, 1);
    space_unmap(0x30000, 0x30fff, -RF_EIO, 0x1000);
    assert_int_equal(released.lost, 3);
    assert_int_equal(space_try_map(0x10000, USER_RAM, 0x1000, PT_READ), -RF_ENODEV);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, up_with_two_units, space_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exact_and_larger),
        TEST(nothing_there),
        TEST(cut_maps_stay_whole),
        TEST(one_wait_a_domain),
        TEST(neighbours_are_released_together),
        TEST(any_number_of_slots),
        TEST(tables_are_freed_after_the_wait),
        TEST(physical_page_0),
        TEST(allocates_nothing),
        TEST(last_page_of_the_space),
        TEST(device_never_sees_the_old_page),
        TEST(unmap_without_an_answer),
    };

    return cmocka_run_group_tests_name("aspace unmap", tests, NULL, NULL);
}
