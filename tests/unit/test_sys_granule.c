/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sys_vfio_fixture.h"

/* An IOMMU that maps nothing smaller than 64 KiB below a CPU with pages of 4 KiB. */

static int only_64k(void **state)
{
    int err;

    only_granule = 16;
    err = open_up(state);
    only_granule = 0;
    return err;
}

static void expect_refused(int64_t err, const char *why)
{
    assert_int_equal(err, -RF_EINVAL);
    if (!strstr(fx_log, why))
        fail_msg("no \"%s\" in:\n%s", why, fx_log);
    fx_log_clear();
}

/* Memory comes in pieces that such an IOMMU can map, whoever touches it first, and in which order.
 */
static void memory_for_an_iommu_of_64k(void **state)
{
    (void)state;
    uint64_t at = fx_map(MIB(1), FX_RW);
    paddr_t pa;

    assert_int_equal(vm_fault(at + 0x51000, PT_WRITE), 0);
    assert_int_equal(vm_fault(at + 0x2000, PT_READ), 0);
    assert_int_equal(map_size(at, IOVA, MIB(1)), 0);
    for (uint64_t piece = 0; piece < MIB(1); piece += KIB(64)) {
        struct pt_leaf leaf;

        assert_true(fake_access(&fake_a, SID, IOVA + piece, &pa));
        assert_true(is_aligned(pa.v, KIB(64)));
        assert_true(pt_lookup(vm_pt(), at + piece + 0xf000, &leaf));
        assert_int_equal(leaf.pa.v, pa.v + 0xf000); /* the program sees the same piece */
    }
}

static void less_than_64k_is_refused(void **state)
{
    static const char *const why = "not a multiple of 0x10000, the smallest page of the IOMMU";
    uint64_t at = fx_map(MIB(1), FX_RW);

    (void)state;
    expect_refused(map(at, IOVA), why);
    expect_refused(map_size(at, IOVA + 0x1000, KIB(64)), why);
    expect_refused(map_size(at + 0x1000, IOVA, KIB(64)), why);
    assert_int_equal(map_size(at, IOVA, KIB(64)), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, only_64k, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_for_an_iommu_of_64k),
        TEST(less_than_64k_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
