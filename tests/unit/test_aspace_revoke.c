/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_space.h"

/* Maps of registers, which go away before the registers do. */

#define REGS UINT64_C(0x11000000)

static int device, other_device; /* whose they are: only their addresses count */

static int try_map_registers(uint64_t iova, uint64_t pa, uint64_t size, const void *registers)
{
    struct aspace_seg seg = {PADDR(pa), size};

    return fake_map(&space, (struct range){iova, iova + (size - 1)}, &seg, 1, PT_READ | PT_WRITE,
                    registers);
}

static void map_registers(uint64_t iova, uint64_t pa, uint64_t size, const void *registers)
{
    assert_int_equal(try_map_registers(iova, pa, size, registers), 0);
}

static void they_are_device_memory(void **state)
{
    const struct iommu_domain *d;
    struct pt_leaf leaf;

    (void)state;
    space_attach(group1);
    space_attach(group2);
    map_registers(0x10000, REGS, 0x2000, &device);
    LIST_FOREACH (d, &space.domains, link) {
        assert_true(pt_lookup(&d->pt, 0x11000, &leaf));
        assert_int_equal(leaf.pa.v, REGS + 0x1000);
        assert_int_equal(leaf.prot, PT_READ | PT_WRITE | PT_DEVICE | PT_USER);
    }
    space_map(0x20000, USER_RAM, 0x1000);
    assert_int_equal(aspace_find(&space, 0x20000)->prot, PT_READ | PT_WRITE);
}

static void only_theirs_go(void **state)
{
    paddr_t pa;

    (void)state;
    space_attach(group1);
    space_attach(group2);
    map_registers(0x10000, REGS, 0x2000, &device);
    map_registers(0x40000, REGS, 0x1000, &device);
    map_registers(0x30000, REGS + MIB(1), 0x1000, &other_device);
    space_map(0x20000, USER_RAM, 0x1000);
    assert_true(fake_access(&fake_a, 1, 0x11000, &pa)); /* cached from here on */
    assert_int_equal(aspace_revoke(&space, &device), 0);
    assert_int_equal(fake_a.flushes, 1); /* one wait a domain for any number of maps */
    assert_int_equal(fake_b.flushes, 1);
    space_denies(0x11000);
    space_denies(0x40000);
    assert_false(fake_access(&fake_a, 1, 0x11000, &pa));
    space_translates(0x30000, REGS + MIB(1));
    space_translates(0x20000, USER_RAM);
    assert_int_equal(aspace_revoke(&space, &device), 0); /* twice is nothing more */
    assert_int_equal(fake_a.flushes, 1);
}

static void their_place_stays_taken(void **state)
{
    (void)state;
    space_attach(group1);
    map_registers(0x10000, REGS, 0x2000, &device);
    assert_int_equal(aspace_revoke(&space, &device), 0);
    assert_int_equal(space_try_map(0x11000, USER_RAM, 0x1000, PT_READ), -RF_EEXIST);
    assert_int_equal(released.calls, 0);
    assert_int_equal(space.mapped_bytes, 0x2000);
    space_unmap(0x10000, 0x11fff, 0, 0x2000);
    assert_int_equal(released.calls, 0);           /* registers are nobody's memory */
    map_registers(0x10000, REGS, 0x2000, &device); /* a new map, when they are back */
    space_translates(0x10000, REGS);
}

static void they_are_not_replayed(void **state)
{
    (void)state;
    space_attach(group1);
    map_registers(0x10000, REGS, 0x1000, &device);
    map_registers(0x20000, REGS + MIB(1), 0x1000, &other_device);
    assert_int_equal(aspace_revoke(&space, &device), 0);
    space_attach(group2);
    space_denies(0x10000);
    space_translates(0x20000, REGS + MIB(1));
}

static void write_only_stays_device_memory(void **state)
{
    struct aspace_seg seg = {PADDR(REGS), 0x1000};

    (void)state;
    space_attach(group1);
    assert_int_equal(fake_map(&space, (struct range){0x10000, 0x10fff}, &seg, 1, PT_WRITE, &device),
                     0);
    assert_int_equal(aspace_find(&space, 0x10000)->prot, PT_READ | PT_WRITE | PT_DEVICE);
}

static void revoke_allocates_nothing(void **state)
{
    (void)state;
    space_attach(group3);
    map_registers(0x10000, REGS, 0x2000, &device);
    inject_after(1);
    assert_int_equal(aspace_revoke(&space, &device), 0);
    assert_int_equal(inject_count(), 0);
}

/* The wait of either domain: its unit is blocked, so the registers may go all the same. */
static void revoke_without_an_answer(void **state)
{
    for (unsigned k = 1; k <= 2; k++) {
        paddr_t pa;

        space_down(state);
        assert_int_equal(space_up(state), 0);
        space_attach(group1);
        space_attach(group2);
        map_registers(0x10000, REGS, 0x2000, &device);
        assert_true(fake_access(&fake_a, 1, 0x10000, &pa));
        assert_true(fake_access(&fake_b, 2, 0x10000, &pa));
        fake_fail(k);
        assert_int_equal(aspace_revoke(&space, &device), -RF_ETIMEDOUT);
        fake_fail(0);
        assert_int_equal(fake_a.unit.dead + fake_b.unit.dead, 1);
        assert_false(fake_access(&fake_a, 1, 0x10000, &pa));
        assert_false(fake_access(&fake_b, 2, 0x10000, &pa));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, space_up, space_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_are_device_memory),         TEST(only_theirs_go),
        TEST(their_place_stays_taken),        TEST(they_are_not_replayed),
        TEST(write_only_stays_device_memory), TEST(revoke_allocates_nothing),
        TEST(revoke_without_an_answer),
    };

    return cmocka_run_group_tests_name("aspace revoke", tests, NULL, NULL);
}
