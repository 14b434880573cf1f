/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

/* QEMU virt's frame, which lies inside the window that doorbells are remapped to. */
#define QEMU_FRAME UINT64_C(0x08020000)

static struct msi_controller frame = {.name = "v2m", .alone_lg2 = 16};

static struct msi_message at(uint64_t address)
{
    return (struct msi_message){PADDR(address), 80};
}

static uint64_t get(uint64_t address)
{
    uint64_t iova = 0;

    assert_int_equal(aspace_doorbell_get(&space, &frame, at(address), &iova), 0);
    return iova;
}

static void get_fails(uint64_t address, int expected)
{
    uint64_t iova = 77;

    assert_int_equal(aspace_doorbell_get(&space, &frame, at(address), &iova), expected);
    assert_int_equal(iova, 77);
}

static void put(uint64_t address)
{
    aspace_doorbell_put(&space, at(address));
}

static void attach_both(unsigned granule_lg2)
{
    space.cfg.granule_lg2 = granule_lg2;
    space_attach(group1);
    space_attach(group2);
}

static void page_and_offset(void **state)
{
    (void)state;
    attach_both(12);
    assert_int_equal(get(0x09020040), SW_MSI_BASE + 0x40);
    space_translates(SW_MSI_BASE, 0x09020000);
    space_denies(SW_MSI_BASE + 0x1000); /* the neighbour is not mapped */
    assert_int_equal(fake_a.flushes, 0);
}

static void never_the_physical_address(void **state)
{
    static const unsigned granules[] = {12, 14, 16};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(granules); i++) {
        const uint64_t size = BIT(granules[i]);

        attach_both(granules[i]);
        for (uint64_t n = 0; n < 10; n++) { /* the frame's own slot comes up with 16 and 64 KiB */
            uint64_t address = QEMU_FRAME + n * size + 0x40;
            uint64_t iova = get(address);

            assert_int_not_equal(iova, address);
            assert_true(range_has(space.sw_msi, iova));
            space_translates(iova, address);
        }
        for (uint64_t n = 0; n < 10; n++)
            put(QEMU_FRAME + n * size + 0x40);
        aspace_detach(&space, group1);
        aspace_detach(&space, group2);
    }
}

static void same_page_same_iova(void **state)
{
    uint64_t first;

    (void)state;
    attach_both(16);
    first = get(0x09020040);
    assert_int_equal(get(0x09020040), first);
    assert_int_equal(get(0x09021008), first + 0xfc8); /* another frame in the same granule */
    assert_int_equal(space.doorbells[0].refs, 3);
    assert_int_equal(space.doorbells[1].refs, 0);
    put(0x09020040);
    put(0x09020040);
    space_translates(first, 0x09020040);
    assert_int_equal(fake_a.flushes, 0);
    put(0x09021008);
    space_denies(first);
    assert_int_equal(fake_a.flushes, 1);
    assert_int_equal(fake_b.flushes, 1);
    put(0x09021008); /* one too many does nothing */
    assert_int_equal(fake_a.flushes, 1);
}

static void slot_is_used_again(void **state)
{
    uint64_t first, second;

    (void)state;
    attach_both(12);
    first = get(0x09020040);
    second = get(0x09030040);
    assert_int_not_equal(first, second);
    put(0x09020040);
    assert_int_equal(get(0x09040040), first);
    space_translates(first, 0x09040040);
    space_translates(second, 0x09030040);
}

static void outlives_the_group_that_asked(void **state)
{
    uint64_t iova;

    (void)state;
    attach_both(12);
    iova = get(0x09020040);
    get(0x09020040); /* the second device */
    aspace_detach(&space, group1);
    put(0x09020040);
    space_translates(iova, 0x09020040);
    aspace_detach(&space, group2);
    assert_int_equal(space.sw_msi.start, SW_MSI_BASE); /* still in use */
    space_attach(group3);
    space_translates(iova, 0x09020040);
    put(0x09020040);
    space_denies(iova);
}

static void in_use_when_hardware_has_a_window(void **state)
{
    (void)state;
    space_attach(group1);
    get(0x09020040);
    aspace_detach(&space, group1);
    space_window(group2, 0xfee00000, 0xfeefffff, RESV_MSI);
    space_attach_fails(group2, -RF_EINVAL, "MSIs are not translated");
    put(0x09020040);
}

static void users_cannot_touch_it(void **state)
{
    uint64_t iova;

    (void)state;
    attach_both(12);
    iova = get(0x09020040);
    assert_int_equal(space_try_map(iova & ~0xffful, USER_RAM, 0x1000, PT_READ), -RF_EINVAL);
    space_map(SW_MSI_BASE - 0x1000, USER_RAM, 0x1000);
    space_map(SW_MSI_BASE + SW_MSI_SIZE, USER_RAM, 0x1000);
    space_unmap(0, UINT64_MAX, 0, 0x2000);
    space_translates(iova, 0x09020040);
}

static void full(void **state)
{
    (void)state;
    attach_both(12);
    for (uint64_t i = 0; i < ASPACE_DOORBELLS; i++)
        get(0x09020040 + i * 0x1000);
    get_fails(0x0a000040, -RF_ENOSPC);
    get(0x09020040); /* one that is there needs no slot */
    put(0x09020040);
    put(0x09020040);
    get(0x0a000040);
}

static void window_has_no_other_page(void **state)
{
    (void)state;
    attach_both(16);
    for (uint64_t i = 0; i < 15; i++)
        get(0x09020040 + i * 0x10000);
    get_fails(0x080f0040, -RF_ENOSPC); /* only its own address is left */
    get(0x0a000040);
    get_fails(0x0b000040, -RF_ENOSPC);
}

static void frame_is_not_alone(void **state)
{
    (void)state;
    frame.alone_lg2 = 12;
    attach_both(16);
    get_fails(0x09020040, -RF_EPERM);
    aspace_detach(&space, group1);
    aspace_detach(&space, group2);
    attach_both(12);
    get(0x09020040);
    frame.alone_lg2 = 16;
}

static void needs_a_group(void **state)
{
    (void)state;
    get_fails(0x09020040, -RF_ENODEV);
    attach_both(12);
    iommu_unit_kill(&fake_a.unit, "test");
    get_fails(0x09020040, -RF_ENODEV);
    assert_false(space.doorbells[0].refs);
}

static void without_memory(void **state)
{
    uint64_t pages;
    unsigned k = 0;
    uint64_t iova = 0;
    int err;

    (void)state;
    attach_both(12);
    pages = fake_free_pages();
    for (;;) {
        inject_after(++k);
        err = aspace_doorbell_get(&space, &frame, at(0x09020040), &iova);
        inject_after(0);
        if (!err)
            break;
        assert_int_equal(err, -RF_ENOMEM);
        assert_int_equal(fake_free_pages(), pages);
        assert_int_equal(space.doorbells[0].refs, 0);
        space_denies(SW_MSI_BASE);
    }
    assert_int_equal(k, 7); /* three tables in each domain */
    put(0x09020040);
    inject_after(1); /* the tables stay for the next one */
    assert_int_equal(get(0x09020040), SW_MSI_BASE + 0x40);
    assert_int_equal(inject_count(), 0);
    inject_after(0);
    put(0x09020040);
    space_denies(SW_MSI_BASE);
    assert_int_equal(fake_free_pages(), pages - 6);
}

static void moved_window(void **state)
{
    (void)state;
    space_window(group1, SW_MSI_BASE, SW_MSI_BASE + 0xfff, RESV_RESERVED);
    attach_both(12);
    assert_int_equal(get(0x09020040), SW_MSI_SIZE + 0x40);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, space_up, space_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_and_offset),
        TEST(never_the_physical_address),
        TEST(same_page_same_iova),
        TEST(slot_is_used_again),
        TEST(outlives_the_group_that_asked),
        TEST(in_use_when_hardware_has_a_window),
        TEST(users_cannot_touch_it),
        TEST(full),
        TEST(window_has_no_other_page),
        TEST(frame_is_not_alone),
        TEST(needs_a_group),
        TEST(without_memory),
        TEST(moved_window),
    };

    return cmocka_run_group_tests_name("doorbell", tests, NULL, NULL);
}
