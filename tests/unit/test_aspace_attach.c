/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

static const struct msi_controller frame = {
    .name = "v2m", .base = PADDR(0x09020000), .size = 0x1000, .alone_lg2 = 16};
static const struct msi_message ring = {PADDR(0x09020040), 80};

/* ---- what an attach makes */

static void streams_translate(void **state)
{
    (void)state;
    space_attach(group3);
    assert_ptr_equal(group3->aspace, &space);
    assert_int_equal(space.group_count, 1);
    assert_int_equal(fake_a.attaches, 2);
    assert_int_equal(fake_b.attaches, 1);
    assert_ptr_equal(fake_a.stream[3], fake_a.stream[4]); /* one domain a unit */
    assert_ptr_not_equal(fake_a.stream[3], fake_b.stream[3]);
    aspace_detach(&space, group3);
    assert_null(group3->aspace);
    assert_null(fake_a.stream[3]);
    assert_null(TAILQ_FIRST(&group3->endpoints)->domain);
    assert_true(LIST_EMPTY(&space.domains));
}

static void second_group_joins_the_domain(void **state)
{
    (void)state;
    space_attach(group1);
    space_attach(group3);
    assert_ptr_equal(fake_a.stream[1], fake_a.stream[3]);
    aspace_detach(&space, group1);
    assert_null(fake_a.stream[1]);
    assert_non_null(fake_a.stream[3]);
    aspace_detach(&space, group3);
    space_attach(group1);
    assert_non_null(fake_a.stream[1]);
}

static void (*const no_hook)(const struct iommu_domain *) = NULL;
static unsigned hook_calls;

/* All that the space holds is there before a stream is let in. */
static void expect_all(const struct iommu_domain *d)
{
    struct pt_leaf leaf;

    hook_calls++;
    assert_true(pt_lookup(&d->pt, 0x10000, &leaf));
    assert_true(pt_lookup(&d->pt, MIB(512), &leaf));
    assert_true(pt_lookup(&d->pt, SW_MSI_BASE, &leaf));
    assert_int_equal(leaf.pa.v, 0x09020000);
    assert_int_equal(leaf.prot, PT_READ | PT_WRITE | PT_DEVICE | PT_USER);
    assert_true(pt_lookup(&d->pt, 0x70000000, &leaf));
    assert_int_equal(leaf.pa.v, 0x70000000);
}

static void replay_comes_first(void **state)
{
    uint64_t iova;

    (void)state;
    space_attach(group1);
    space_map(0x10000, USER_RAM, 0x1000);
    space_map(MIB(512), USER_RAM + MIB(2), MIB(2));
    assert_int_equal(aspace_doorbell_get(&space, &frame, ring, &iova), 0);
    space_window(group2, 0x70000000, 0x70003fff, RESV_DIRECT);
    hook_calls = 0;
    fake_b.on_attach = expect_all;
    space_attach(group2);
    assert_int_equal(hook_calls, 1);
    fake_b.on_attach = no_hook;
    space_translates(0x70003000, 0x70003000); /* in the domain that was there, too */
    space_translates(SW_MSI_BASE, 0x09020000);
    space_translates(MIB(512), USER_RAM + MIB(2));
    aspace_doorbell_put(&space, ring);
}

static void maps_made_before_any_attach(void **state)
{
    (void)state;
    assert_int_equal(space_try_map(0x10000, USER_RAM, 0x1000, PT_WRITE), 0);
    assert_int_equal(aspace_find(&space, 0x10000)->prot, PT_WRITE);
    space_attach(group1);
    space_translates(0x10000, USER_RAM);
    assert_int_equal(aspace_find(&space, 0x10000)->prot, PT_READ | PT_WRITE);
}

static void maps_outlive_their_groups(void **state)
{
    (void)state;
    space_attach(group1);
    space_map(0x10000, USER_RAM, 0x1000);
    aspace_detach(&space, group1);
    assert_int_equal(released.calls, 0);
    space_attach(group2);
    space_translates(0x10000, USER_RAM);
    assert_int_equal(space.map_count, 1);
}

/* ---- DIRECT windows */

static void direct_is_not_the_users(void **state)
{
    (void)state;
    space_window(group1, 0x70000000, 0x70001fff, RESV_DIRECT);
    space_attach(group1);
    space_translates(0x70001000, 0x70001000);
    assert_int_equal(space_try_map(0x70001000, USER_RAM, 0x1000, PT_READ), -RF_EINVAL);
    space_map(0x6ffff000, USER_RAM, 0x1000);
    space_unmap(0, UINT64_MAX, 0, 0x1000);
    space_translates(0x70000000, 0x70000000);
    space_translates(0x70001000, 0x70001000);
}

static void direct_goes_with_its_last_group(void **state)
{
    (void)state;
    space_window(group1, 0x70000000, 0x703fffff, RESV_DIRECT);
    space_window(group2, 0x70001000, 0x70001fff, RESV_DIRECT); /* a part of the other's */
    space_window(group2, 0x71000000, 0x71000fff, RESV_DIRECT);
    space_attach(group1);
    space_attach(group2);
    space_translates(0x71000000, 0x71000000);
    aspace_detach(&space, group1);
    space_denies(0x70000000);
    space_translates(0x70001000, 0x70001000);
    space_denies(0x70002000);
    space_map(0x70000000, USER_RAM, 0x1000);
    assert_int_equal(space_try_map(0x70001000, USER_RAM, 0x1000, PT_READ), -RF_EINVAL);
}

static void direct_of_a_group_that_stays(void **state)
{
    (void)state;
    space_window(group1, 0x70000000, 0x70000fff, RESV_DIRECT);
    space_window(group3, 0x70000000, 0x70001fff, RESV_DIRECT);
    space_attach(group1);
    space_attach(group3);
    aspace_detach(&space, group3);
    space_translates(0x70000000, 0x70000000);
    space_denies(0x70001000);
}

static void direct_of_odd_size(void **state)
{
    (void)state;
    space_window(group1, 0x70000000, 0x70000fff, RESV_DIRECT);
    space.cfg.granule_lg2 = 16;
    space_attach_fails(group1, -RF_EINVAL, "whole 64 KiB pages");
}

static void direct_beyond_the_output(void **state)
{
    (void)state;
    space_window(group1, UINT64_C(1) << 44, (UINT64_C(1) << 44) + 0xfff, RESV_DIRECT);
    space_attach_fails(group1, -RF_ERANGE, "direct windows");
}

/* ---- detach */

static void detach_recomputes(void **state)
{
    struct range out[8];

    (void)state;
    space_window(group1, GIB(1), GIB(2) - 1, RESV_RESERVED);
    space_window(group2, GIB(2), GIB(3) - 1, RESV_RESERVED); /* one entry with the other's */
    space_attach(group1);
    space_attach(group2);
    assert_int_equal(space.windows.count, 2);
    assert_int_equal(aspace_usable(&space, out, 8), 3);
    aspace_detach(&space, group1);
    assert_int_equal(aspace_usable(&space, out, 8), 3);
    assert_int_equal(out[1].last, GIB(2) - 1);
    assert_int_equal(space.pgsizes, BIT(12) | BIT(21) | BIT(30));
    space_map(GIB(1), USER_RAM, 0x1000);
    aspace_detach(&space, group2);
    assert_int_equal(space.windows.count, 0);
    assert_int_equal(space.sw_msi.last, 0);
    assert_int_equal(space.aperture.last, UINT64_MAX);
    assert_int_equal(space.pgsizes, 0);
}

static void detach_without_an_answer(void **state)
{
    (void)state;
    for (unsigned op = 1; op <= 2; op++) { /* the stream, the whole-ASID flush */
        space_attach(group1);
        space_map(0x10000, USER_RAM, 0x1000);
        fake_fail(op);
        aspace_detach(&space, group1);
        assert_true(fake_a.unit.dead);
        assert_null(group1->aspace);
        space_attach(group2); /* another unit is none the worse */
        space_map(0x20000, USER_RAM, 0x1000);
        space_unmap(0x10000, 0x10fff, -RF_EIO, 0x1000); /* that one may still be reachable */
        assert_int_equal(released.lost, op);
        space_unmap(0x20000, 0x20fff, 0, 0x1000);
        assert_int_equal(released.lost, op);
        aspace_detach(&space, group2);
        fake_a.unit.dead = false;
    }
}

/* Memory that a dead unit may reach, and its neighbour that it cannot know of. */
static void what_is_lost_stays_apart(void **state)
{
    (void)state;
    space_attach(group1);
    space_map(0x10000, USER_RAM, 0x1000);
    fake_fail(1);
    aspace_detach(&space, group1);
    space_attach(group2);
    space_map(0x11000, USER_RAM + 0x1000, 0x1000);
    space_unmap(0x10000, 0x11fff, -RF_EIO, 0x2000);
    assert_int_equal(released.calls, 2);
    assert_int_equal(released.lost, 1);
    assert_int_equal(released.largest, 0x1000);
    aspace_detach(&space, group2);
    fake_a.unit.dead = false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, space_up, space_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(streams_translate),
        TEST(second_group_joins_the_domain),
        TEST(replay_comes_first),
        TEST(maps_made_before_any_attach),
        TEST(maps_outlive_their_groups),
        TEST(direct_is_not_the_users),
        TEST(direct_goes_with_its_last_group),
        TEST(direct_of_a_group_that_stays),
        TEST(direct_of_odd_size),
        TEST(direct_beyond_the_output),
        TEST(detach_recomputes),
        TEST(what_is_lost_stays_apart),
        TEST(detach_without_an_answer),
    };

    return cmocka_run_group_tests_name("aspace attach", tests, NULL, NULL);
}
