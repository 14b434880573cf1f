/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pt_fixture.h"

static int setup(void **state)
{
    (void)state;
    fx_open(12, 48, 48);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fx_close();
    return 0;
}

static int protect(uint64_t iova, uint64_t size, unsigned prot)
{
    return pt_protect(&fx.pt, iova, size, prot, &fx.g);
}

static unsigned prot_at(uint64_t iova)
{
    struct pt_leaf leaf;
    assert_true(pt_lookup(&fx.pt, iova, &leaf));
    return leaf.prot;
}

static void only_less_needs_a_flush(void **state)
{
    (void)state;
    assert_int_equal(pt_map(&fx.pt, 0x1000, PADDR(0x1000), 0x3000, FX_RO), 0);
    assert_int_equal(protect(0x2000, 0x1000, FX_RW), 0);
    assert_true(pt_gather_empty(&fx.g));
    assert_int_equal(prot_at(0x1000), FX_RO);
    assert_int_equal(prot_at(0x2000), FX_RW);
    assert_int_equal(prot_at(0x3000), FX_RO);
    assert_int_equal(protect(0x1000, 0x3000, FX_RO), 0);
    assert_int_equal(fx.g.count, 1);
    assert_int_equal(fx.g.flush[0].iova.start, 0x2000);
    assert_int_equal(fx.g.flush[0].iova.last, 0x2fff);
    assert_int_equal(fx.g.flush[0].leaf_lg2, 12);
    assert_int_equal(fx.pt.leaves, 3);
}

static void execute_moves_between_the_sides(void **state)
{
    (void)state;
    assert_int_equal(pt_map(&fx.pt, 0, PADDR(0), 0x1000, PT_READ | PT_EXEC), 0);
    assert_int_equal(protect(0, 0x1000, PT_READ | PT_EXEC | PT_USER), 0);
    assert_int_equal(fx.g.count, 1); /* the privileged side lost it */
    assert_int_equal(prot_at(0), PT_READ | PT_EXEC | PT_USER);
}

static void holes_and_blocks(void **state)
{
    (void)state;
    assert_int_equal(pt_map(&fx.pt, MIB(2), PADDR(MIB(2)), MIB(2), FX_RW), 0);
    assert_int_equal(pt_map(&fx.pt, MIB(8), PADDR(0), 0x1000, FX_RW), 0);
    assert_int_equal(pt_map(&fx.pt, GIB(2), PADDR(0), GIB(1), FX_RW), 0);
    assert_int_equal(protect(0, GIB(512), FX_RO), 0);
    assert_int_equal(prot_at(MIB(3)), FX_RO);
    assert_int_equal(prot_at(MIB(8)), FX_RO);
    assert_int_equal(prot_at(GIB(3) - 1), FX_RO);
    fx_expect(GIB(3) - 1, GIB(1) - 1);
    assert_int_equal(fx.g.count, 3);
}

static void refusals_change_nothing(void **state)
{
    (void)state;
    assert_int_equal(pt_map(&fx.pt, MIB(2), PADDR(MIB(2)), MIB(2), FX_RW), 0);
    assert_int_equal(pt_map(&fx.pt, 0, PADDR(0), 0x2000, FX_RW), 0);
    static const struct {
        uint64_t iova, size;
        unsigned prot;
        int want;
    } rows[] = {
        {0, MIB(3), FX_RO, -RF_EINVAL},
        {MIB(3), MIB(3), FX_RO, -RF_EINVAL},
        {0, 0, FX_RO, -RF_EINVAL},
        {1, 0x1000, FX_RO, -RF_EINVAL},
        {0, 0x1000, PT_USER, -RF_EINVAL},
        {0, 0x1000, PT_WRITE | PT_USER, -RF_EOPNOTSUPP},
        {0, 0x1000, FX_RW | PT_EXEC, -RF_EINVAL},
        {BIT(48), 0x1000, FX_RO, -RF_ERANGE},
        {~0xffful, 0x2000, FX_RO, -RF_EOVERFLOW},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(protect(rows[i].iova, rows[i].size, rows[i].prot), rows[i].want);
        assert_int_equal(prot_at(0), FX_RW);
        assert_int_equal(prot_at(MIB(2)), FX_RW);
        assert_true(pt_gather_empty(&fx.g));
    }
}

static void device_memory_stays_device_memory(void **state)
{
    (void)state;
    assert_int_equal(pt_map(&fx.pt, 0x1000, PADDR(0x1000), 0x1000, FX_RW | PT_DEVICE), 0);
    assert_int_equal(pt_map(&fx.pt, 0x2000, PADDR(0x2000), 0x1000, FX_RW), 0);
    assert_int_equal(protect(0x1000, 0x2000, FX_RO), 0);
    assert_int_equal(prot_at(0x1000), FX_RO | PT_DEVICE);
    assert_int_equal(prot_at(0x2000), FX_RO);
    assert_int_equal(protect(0x1000, 0x2000, FX_RW | PT_DEVICE), 0);
    assert_int_equal(prot_at(0x1000), FX_RW | PT_DEVICE);
    assert_int_equal(prot_at(0x2000), FX_RW);
    assert_int_equal(protect(0x1000, 0x2000, FX_RO | PT_EXEC), -RF_EINVAL);
    assert_int_equal(prot_at(0x2000), FX_RW);
    assert_int_equal(protect(0x2000, 0x2000, FX_RO | PT_EXEC), 0);
    assert_int_equal(prot_at(0x2000), FX_RO | PT_EXEC);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(only_less_needs_a_flush),
        CASE(execute_moves_between_the_sides),
        CASE(holes_and_blocks),
        CASE(refusals_change_nothing),
        CASE(device_memory_stays_device_memory),
    };
    return cmocka_run_group_tests(tests, fx_start, NULL);
}
