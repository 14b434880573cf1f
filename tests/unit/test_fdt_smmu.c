/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/dtb_fixture.h"

/* SMMUs of version 1 and 2 in device trees: what they are, and which streams requesters have. */

static const struct hw_pci_host *host_at(const char *name)
{
    for (unsigned i = 0; i < hw.host_count; i++)
        if (strcmp(hw.host[i].name, name) == 0)
            return &hw.host[i];
    fail_msg("no %s", name);
    return NULL;
}

static void parts(void **state)
{
    static const struct {
        const char *name;
        enum hw_smmu_part part;
        uint32_t sid_ignore;
    } want[] = {
        {"iommu@2000000", HW_SMMU_V2, 0},     {"iommu@2100000", HW_SMMU_MMU401, 0},
        {"iommu@2200000", HW_SMMU_AP806, 0},  {"iommu@5000000", HW_SMMU_MMU500, 0x7c00},
        {"iommu@3000000", HW_SMMU_MMU500, 0}, {"iommu@4000000", HW_SMMU_CAVIUM, 0},
        {"iommu@4800000", HW_SMMU_V1, 0},
    };

    (void)state;
    assert_int_equal(hw.iommu_count, ARRAY_SIZE(want));
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        assert_string_equal(hw.iommu[i].name, want[i].name);
        assert_int_equal(hw.iommu[i].kind, HW_SMMUV2);
        assert_int_equal(hw.iommu[i].part, want[i].part);
        assert_int_equal(hw.iommu[i].sid_ignore, want[i].sid_ignore);
    }
}

static void interrupts(void **state)
{
    const struct hw_iommu *plain = &hw.iommu[0], *juno = &hw.iommu[1], *none = &hw.iommu[2];

    (void)state;
    assert_int_equal(plain->combined.id, 32 + 10);
    assert_int_equal(plain->context[0].id, 32 + 12);
    assert_false(plain->context[0].edge);
    assert_int_equal(plain->context[1].id, 32 + 13);
    assert_true(plain->context[1].edge);
    assert_int_equal(plain->context[2].id, 0);
    assert_int_equal(juno->combined.id, 32 + 40); /* one global interrupt unless it is said */
    assert_int_equal(juno->context[0].id, 32 + 40);
    assert_int_equal(none->combined.id, 0);
}

static void streams(void **state)
{
    static const struct {
        const char *host;
        uint16_t rid;
        int err;
        unsigned unit;
        uint32_t stream;
    } rows[] = {
        {"pcie@10000000", 0x000, 0, 1, 0},
        {"pcie@10000000", 0x3ff, 0, 1, 0},
        {"pcie@11000000", 0x000, 0, 2, 0x480},
        {"pcie@11000000", 0x0f8, 0, 2, 0x498}, /* device 31 is 24: the mask leaves 5 bits */
        {"pcie@11000000", 0x100, 0, 2, 0x4a0},
        {"pcie@11000000", 0x21f, 0, 2, 0x4df},
        {"pcie@11000000", 0x300, -RF_ENODEV, 0, 0},
        {"pcie@12000000", 0x000, 0, 3, 0},
        {"pcie@12000000", 0x008, -RF_ENODEV, 0, 0},
        {"pcie@13000000", 0x000, 0, 3, 0x16},
        {"pcie@13000000", 0x100, 0, 3, 0x17}, /* 0x1417, of which bits are ignored */
        {"pcie@14000000", 0x000, 0, 4, 0x1d80},
        {"pcie@14000000", 0x100, 0, 4, 0x1d81},
        {"pcie@14000000", 0x101, -RF_ENODEV, 0, 0},
        {"pcie@15000000", 0x000, 0, 0, 0x4d0},
        {"pcie@15000000", 0x3ff, 0, 0, 0x4d0},
        {"pcie@16000000", 0x100, 0, 4, 0x4d1},
        {"pcie@17000000", 0x100, -RF_ENODEV, 0, 0},
        {"pcie@18000000", 0x100, -RF_ENODEV, 0, 0},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned unit = 99;
        uint32_t stream = 0;
        int err = hwdesc_stream_of(&hw, host_at(rows[i].host), rows[i].rid, &unit, &stream);

        if (err != rows[i].err || (err == 0 && (unit != rows[i].unit || stream != rows[i].stream)))
            fail_msg("%s rid %x: %d unit %u stream %x", rows[i].host, rows[i].rid, err, unit,
                     stream);
    }
}

static void what_is_odd_is_said(void **state)
{
    static const char *const lines[] = {
        "/pcie@12000000: iommu-map has a stream for requester 0 alone",
        "/iommu@4800000: mmu-masters",
        "/pcie@19000000: a host bridge that is not pci-host-ecam-generic",
        "pcie@17000000: iommus has a mask of its own",
        "pcie@18000000: iommus is not one stream",
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
        if (!strstr(logged, lines[i]))
            fail_msg("no \"%s\" in:\n%s", lines[i], logged);
    }
    assert_int_equal(hw.oddity_count, ARRAY_SIZE(lines));
}

static void iommus_that_lie(void **state)
{
    const uint32_t nowhere[] = {0x5555, 1};
    const int gic = fdt_path_offset(tree, "/interrupt-controller@1000000");
    const uint32_t no_iommu[] = {fdt_get_phandle(tree, gic), 1};

    (void)state;
    dtb_set_cells(tree, "/pcie@15000000", "iommus", nowhere, 2);
    assert_int_equal(dtb_parse(tree, size), -RF_EINVAL);
    assert_non_null(strstr(why, "pcie@15000000: iommus points to phandle 0x5555"));
    dtb_set_cells(tree, "/pcie@15000000", "iommus", no_iommu, 2);
    dtb_accept(tree, size); /* a node, but no IOMMU */
    assert_int_equal(host_at("pcie@15000000")->iommu_map_count, 0);
    dtb_set_cells(tree, "/pcie@15000000", "iommus", no_iommu, 0);
    dtb_accept(tree, size);
    dtb_set_cells(tree, "/pcie@15000000", "iommus", nowhere, 1);
    assert_int_equal(dtb_parse(tree, size), -RF_EINVAL);
}

static int setup(void **state)
{
    (void)dtb_setup(state);
    dtb_accept(tree, size);
    return 0;
}

#define TEST(f) cmocka_unit_test_prestate_setup_teardown(f, setup, dtb_teardown, "smmus")

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parts),           TEST(interrupts), TEST(streams), TEST(what_is_odd_is_said),
        TEST(iommus_that_lie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
