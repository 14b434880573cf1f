/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

/* Every way in which a group may be refused a space, with the words that tell why. */

static const struct msi_controller frame = {.name = "v2m", .alone_lg2 = 16};

static void twice(void **state)
{
    (void)state;
    space_attach(group1);
    space_attach_fails(group1, -RF_EINVAL, "attached already");
}

static void group_with_a_refusal(void **state)
{
    (void)state;
    group1->refusal = "the root port has no ACS";
    space_attach_fails(group1, -RF_EPERM, "the root port has no ACS");
}

static void group_without_streams(void **state)
{
    (void)state;
    space_attach_fails(iommu_group_get(9), -RF_EINVAL, "behind an IOMMU");
}

static void dead_unit(void **state)
{
    (void)state;
    iommu_unit_kill(&fake_b.unit, "test");
    space_attach_fails(group2, -RF_ENODEV, "fake@b");
    space_attach_fails(group3, -RF_ENODEV, "fake@b");
    assert_true(LIST_EMPTY(&space.domains));
    space_attach(group1);
}

static void stream_beyond_the_table(void **state)
{
    struct iommu_group *g = space_group(9);

    (void)state;
    space_stream(g, &fake_a, FAKE_STREAMS);
    space_attach_fails(g, -RF_ERANGE, "stream 0x10");
    assert_true(LIST_EMPTY(&space.domains));
}

static void interrupts_of_two_spaces(void **state)
{
    struct iommu_aspace other;
    const char *why;

    (void)state;
    space_init(&other, (struct aspace_config){0});
    space_attach(group1);
    assert_int_equal(aspace_attach(&other, group2, &why), -RF_EPERM);
    assert_non_null(strstr(why, "allow-unsafe-interrupts"));
    other.cfg.allow_unsafe_interrupts = true; /* the other space did not agree */
    assert_int_equal(aspace_attach(&other, group2, &why), -RF_EPERM);
    group2->msi_isolated = true;
    assert_int_equal(aspace_attach(&other, group2, &why), 0);
    aspace_detach(&other, group2);
    group2->msi_isolated = false;
    space.cfg.allow_unsafe_interrupts = true;
    assert_int_equal(aspace_attach(&other, group2, &why), 0);
    aspace_detach(&other, group2);
    aspace_fini(&other);
}

static void window_on_a_map(void **state)
{
    (void)state;
    space_attach(group1);
    space_map(0x10000, USER_RAM, 0x1000);
    space_window(group2, 0x10000, 0x10fff, RESV_DIRECT_RELAXABLE);
    space_attach(group2);
    aspace_detach(&space, group2);
    space_window(group2, 0x10fff, 0x1ffff, RESV_RESERVED);
    space_attach_fails(group2, -RF_EINVAL, "reserved window [0x10fff, 0x1ffff] (test)");
    aspace_detach(&space, group1);
    space_attach_fails(group2, -RF_EINVAL, "[0x10000, 0x10fff]");
}

/* The window of doorbells makes room as long as no device was told of it. */
static void window_on_the_doorbells(void **state)
{
    const struct msi_message ring = {PADDR(0x09020040), 80};
    uint64_t iova;

    (void)state;
    space_attach(group1);
    assert_int_equal(aspace_doorbell_get(&space, &frame, ring, &iova), 0);
    space_window(group2, SW_MSI_BASE + 0x1000, SW_MSI_BASE + 0x1fff, RESV_RESERVED);
    space_attach_fails(group2, -RF_EINVAL, "doorbells are in use");
    assert_int_equal(space.sw_msi.start, SW_MSI_BASE);
    aspace_doorbell_put(&space, ring);
    space_map(SW_MSI_SIZE, USER_RAM, 0x1000);
    space_attach(group2);
    assert_int_equal(space.sw_msi.start, 2 * SW_MSI_SIZE);
    assert_int_equal(aspace_doorbell_get(&space, &frame, ring, &iova), 0);
    assert_int_equal(iova, 2 * SW_MSI_SIZE + 0x40);
    space_map(SW_MSI_BASE, USER_RAM, 0x1000); /* its old place is free now */
    aspace_doorbell_put(&space, ring);
}

static void end_below_the_doorbells(void **state)
{
    const struct msi_message ring = {PADDR(0x09020040), 80};
    uint64_t iova;

    (void)state;
    fake_b.unit.caps.ias = 27;
    space_attach(group1);
    assert_int_equal(aspace_doorbell_get(&space, &frame, ring, &iova), 0);
    space_attach_fails(group2, -RF_EINVAL, "its IOMMU's last address is in the way");
    aspace_doorbell_put(&space, ring);
    space_attach(group2);
    assert_int_equal(space.sw_msi.start, SW_MSI_SIZE);
}

static void map_on_the_doorbells(void **state)
{
    (void)state;
    space_map(SW_MSI_BASE, USER_RAM, 0x1000);
    space_attach(group1);
    assert_int_equal(space.sw_msi.start, SW_MSI_SIZE);
    space_translates(SW_MSI_BASE, USER_RAM);
}

static void no_place_for_doorbells(void **state)
{
    (void)state;
    space_window(group1, 0, 0xffffffff, RESV_RESERVED);
    space_attach_fails(group1, -RF_ENOSPC, "4 GiB");
}

static void nothing_usable(void **state)
{
    (void)state;
    fake_a.unit.caps.ias = 32;
    space_window(group1, 0, SW_MSI_BASE - 1, RESV_RESERVED);
    space_window(group1, SW_MSI_BASE + SW_MSI_SIZE, 0xffffffff, RESV_RESERVED);
    space_attach_fails(group1, -RF_EINVAL, "no usable address");
}

static void map_above_the_aperture(void **state)
{
    (void)state;
    space_attach(group1);
    space_map(GIB(4), USER_RAM, 0x1000);
    fake_b.unit.caps.ias = 32;
    space_attach_fails(group2, -RF_EINVAL, "0xffffffff");
    space_unmap(GIB(4), GIB(5), 0, 0x1000);
    space_attach(group2);
    assert_int_equal(space.aperture.last, 0xffffffff);
    assert_int_equal(space_try_map(GIB(4), USER_RAM, 0x1000, PT_READ), -RF_ERANGE);
    aspace_detach(&space, group2);
    space_map(GIB(4), USER_RAM, 0x1000); /* wide again */
}

static void too_many_windows(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < RESV_MAX; i++)
        space_window(group1, GIB(1) + i * 0x2000, GIB(1) + i * 0x2000 + 0xfff, RESV_RESERVED);
    space_attach_fails(group1, -RF_ENOSPC, "reserved windows");
}

static void no_granule_in_common(void **state)
{
    (void)state;
    fake_b.unit.caps.granules = BIT(16);
    fake_a.unit.caps.granules = BIT(12);
    space_attach(group1);
    space_attach_fails(group2, -RF_EINVAL, "no common page size: fake@b has no 4 KiB granule");
}

static void granule_that_all_units_have(void **state)
{
    (void)state;
    fake_b.unit.caps.granules = BIT(16);
    space_attach(group1); /* looks ahead */
    space_attach(group2);
    assert_int_equal(aspace_quantum(&space), 0x10000);
    assert_int_equal(space_try_map(0x11000, USER_RAM, 0x10000, PT_READ), -RF_EINVAL);
    assert_int_equal(space_try_map(0x10000, USER_RAM + 0x1000, 0x10000, PT_READ), -RF_EINVAL);
    space_map(0x10000, USER_RAM, 0x10000);
}

static void granule_that_was_asked_for(void **state)
{
    (void)state;
    space.cfg.granule_lg2 = 14;
    space_attach(group1);
    assert_int_equal(aspace_quantum(&space), 0x4000);
    space_attach(group2);
    aspace_detach(&space, group1);
    aspace_detach(&space, group2);
    space.cfg.granule_lg2 = 13;
    space_attach_fails(group1, -RF_EINVAL, "no 8 KiB granule");
}

static void small_map_and_a_large_granule(void **state)
{
    (void)state;
    space_map(0x1000, USER_RAM, 0x1000);
    space.cfg.granule_lg2 = 16;
    space_attach_fails(group1, -RF_EINVAL, "the map [0x1000, 0x1fff]");
}

static void hardware_msi_window(void **state)
{
    uint64_t iova = 0;
    const struct msi_message m = {PADDR(0xfee00000), 0x31};

    (void)state;
    space_window(group1, 0xfee00000, 0xfeefffff, RESV_MSI);
    space_attach(group1);
    assert_int_equal(space.sw_msi.last, 0);
    assert_int_equal(aspace_doorbell_get(&space, &frame, m, &iova), 0);
    assert_int_equal(iova, 0xfee00000);
    space_denies(0xfee00000);
    aspace_doorbell_put(&space, m);
    assert_int_equal(space_try_map(0xfee00000, USER_RAM, 0x1000, PT_READ), -RF_EINVAL);
    space_attach_fails(group2, -RF_EINVAL, "its MSIs are translated");
    aspace_detach(&space, group1);
    space_attach(group2);
    assert_int_equal(space.sw_msi.start, SW_MSI_BASE);
    space_attach_fails(group1, -RF_EINVAL, "its MSIs are not translated");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, space_up, space_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(twice),
        TEST(group_with_a_refusal),
        TEST(group_without_streams),
        TEST(dead_unit),
        TEST(stream_beyond_the_table),
        TEST(interrupts_of_two_spaces),
        TEST(window_on_a_map),
        TEST(window_on_the_doorbells),
        TEST(end_below_the_doorbells),
        TEST(map_on_the_doorbells),
        TEST(no_place_for_doorbells),
        TEST(nothing_usable),
        TEST(map_above_the_aperture),
        TEST(too_many_windows),
        TEST(no_granule_in_common),
        TEST(granule_that_all_units_have),
        TEST(granule_that_was_asked_for),
        TEST(small_map_and_a_large_granule),
        TEST(hardware_msi_window),
    };

    return cmocka_run_group_tests_name("aspace refuse", tests, NULL, NULL);
}
