/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/dtb_fixture.h"

/* A GICv3 and its ITSs: registers, doorbells, and which device id a requester has. */

#define GIC  "/interrupt-controller@2f000000"
#define ITS0 GIC "/msi-controller@2f020000"
#define ITS1 GIC "/msi-controller@2f060000"
#define PCI0 "/pcie@40000000"

static void set(const char *node, const char *prop, const uint32_t *cells, unsigned count)
{
    dtb_set_cells(tree, node, prop, cells, count);
}

static void controllers(void **state)
{
    (void)state;
    dtb_accept(tree, size);
    assert_int_equal(hw.gic.version, 3);
    expect_range(hw.gic.dist, 0x2f000000, 0x2f00ffff);
    assert_int_equal(hw.gic.redist_count, 2);
    expect_range(hw.gic.redist[0], 0x2f100000, 0x2f17ffff);
    expect_range(hw.gic.redist[1], 0x2f200000, 0x2f23ffff);
    assert_false(hw.gic.noncoherent);
    assert_int_equal(hw.timer_irq, 27);
    assert_int_equal(hw.msi_count, 2);
    assert_int_equal(hw.msi[0].kind, HW_MSI_ITS);
    assert_string_equal(hw.msi[0].name, "msi-controller@2f020000");
    expect_range(hw.msi[0].regs, 0x2f020000, 0x2f03ffff);
    assert_false(hw.msi[0].noncoherent);
    assert_true(hw.msi[1].noncoherent);
    assert_int_equal(hw.oddity_count, 0);
}

static void one_region_where_none_is_counted(void **state)
{
    int gic = fdt_path_offset(tree, GIC);

    (void)state;
    assert_int_equal(fdt_delprop(tree, gic, "#redistributor-regions"), 0);
    assert_int_equal(fdt_setprop_empty(tree, gic, "dma-noncoherent"), 0);
    dtb_accept(tree, size);
    assert_int_equal(hw.gic.redist_count, 1);
    assert_true(hw.gic.noncoherent);
}

/* The doorbell is the second frame; the first one is as foreign to a device as any neighbour. */
static void alone_is_the_doorbell(void **state)
{
    static const struct {
        const char *node;
        unsigned index;
        uint32_t base;
        uint8_t lg2;
    } cases[] = {
        {ITS0, 0, 0x2f020000, 16}, {ITS1, 1, 0x2f060000, 16}, {ITS0, 0, 0x2f021000, 12},
        {ITS0, 0, 0x2f022000, 13}, {ITS1, 1, 0x2f061000, 12}, {ITS1, 1, 0x2f068000, 15},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        const uint32_t reg[] = {0, cases[i].base, 0, 0x20000};

        set(cases[i].node, "reg", reg, 4);
        dtb_accept(tree, size);
        assert_int_equal(hw.msi[cases[i].index].alone_lg2, cases[i].lg2);
        dtb_load("gicv3");
    }
}

static void expect_id(unsigned host, uint16_t rid, int err, unsigned frame, uint32_t id)
{
    unsigned got_frame = 99;
    uint32_t got = 0;

    assert_int_equal(hwdesc_msi_of(&hw, &hw.host[host], rid, &got_frame, &got), err);
    if (err)
        return;
    assert_int_equal(got_frame, frame);
    assert_int_equal(got, id);
}

static void device_ids(void **state)
{
    const uint32_t mask[] = {0xff};

    (void)state;
    dtb_accept(tree, size);
    expect_id(0, 0x0000, 0, 0, 0x10000);
    expect_id(0, 0x00ff, 0, 0, 0x100ff);
    expect_id(0, 0x0100, -RF_ENODEV, 0, 0);
    expect_id(0, 0x01ff, -RF_ENODEV, 0, 0);
    expect_id(0, 0x0200, 0, 1, 0);
    expect_id(0, 0x0fff, 0, 1, 0xdff);
    expect_id(0, 0x1000, -RF_ENODEV, 0, 0);
    expect_id(1, 0x0208, 0, 1, 0x208); /* msi-parent: the requester id itself */
    set(PCI0, "msi-map-mask", mask, 1);
    dtb_accept(tree, size);
    expect_id(0, 0x0208, 0, 0, 0x10008);
}

/* An ITS that firmware does not want is none; what points to it has no interrupts. */
static void an_its_that_is_disabled(void **state)
{
    (void)state;
    assert_int_equal(fdt_setprop_string(tree, fdt_path_offset(tree, ITS0), "status", "disabled"),
                     0);
    dtb_accept(tree, size);
    assert_int_equal(hw.msi_count, 1);
    expect_id(0, 0x0000, -RF_EINVAL, 0, 0);
    expect_id(0, 0x0200, 0, 0, 0);
}

static void a_doorbell_elsewhere(void **state)
{
    const uint32_t reg[] = {0, 0x2f020000, 0, 0x10000};

    (void)state;
    set(ITS0, "reg", reg, 4);
    dtb_accept(tree, size);
    assert_int_equal(hw.oddity_count, 1);
    assert_non_null(strstr(logged, "the frame that devices write to is not in reg"));
    assert_int_equal(hw.msi[0].alone_lg2, 0);
}

static const struct dtb_lie lies[] = {
    {GIC, "#redistributor-regions", 1, {0}, "#redistributor-regions is 0, 1 to 256"},
    {GIC, "#redistributor-regions", 1, {257}, "#redistributor-regions is 257"},
    {GIC, "#redistributor-regions", 1, {9}, GIC ": reg has no entry 4"},
    {GIC, "reg", 4, {0, 0x2f000000, 0, 0x10000}, GIC ": reg has no entry 1"},
    {GIC,
     "reg",
     12,
     {0, 0x2f000000, 0, 0x10000, 0, 0x2f100000, 0, 0x80000, 0, 0x2f170000, 0, 0x20000},
     "overlaps GIC redistributors 0x2f100000..0x2f17ffff"},
    {GIC,
     "reg",
     12,
     {0, 0x2f000000, 0, 0x200000, 0, 0x2f100000, 0, 0x80000, 0, 0x2f200000, 0, 0x20000},
     "overlaps GIC registers"},
    {GIC,
     "reg",
     12,
     {0, 0x2f000000, 0, 0x10000, 0, 0x80000000, 0, 0x80000, 0, 0x2f200000, 0, 0x20000},
     "overlaps RAM"},
    {GIC,
     "reg",
     12,
     {0, 0x2f000000, 0, 0x10000, 0xffffffff, 0xfff00000, 0, 0x200000, 0, 0x2f200000, 0, 0x20000},
     "interrupt-controller@2f000000: "},
    {GIC, "#interrupt-cells", 1, {2}, "#interrupt-cells is 2, a GIC has 3 or 4"},
    {ITS0, "reg", 4, {0, 0x2f120000, 0, 0x20000}, "overlaps GIC redistributors"},
    {ITS0, "reg", 4, {0, 0x2f060000, 0, 0x20000}, "overlaps MSI frame"},
    {ITS0, "reg", 3, {0, 0x2f020000, 0}, ITS0 ": reg"},
    {ITS0, "phandle", 1, {0x7777}, "msi-map points to phandle"},
    {PCI0, "msi-map", 3, {0, 1, 0}, "msi-map of 12 bytes"},
    {PCI0, "msi-map", 4, {0, 0x5555, 0, 0x10000}, "msi-map points to phandle 0x5555"},
    {PCI0, "msi-map", 4, {0x8000, 1, 0, 0x8001}, "are not below 0x10000"},
    {PCI0, "msi-map", 4, {0, 1, 0xffff0001, 0x10000}, "wrap"},
    {PCI0, "msi-map", 8, {0, 1, 0, 0x100, 0xff, 1, 0, 1}, "requester id 0xff is in two entries"},
    {"/pcie@41000000", "msi-parent", 1, {0x5555}, "phandle 0x5555, which no node has"},
};

static void trees_that_lie(void **state)
{
    (void)state;
    dtb_refuse_all("gicv3", lies, ARRAY_SIZE(lies));
}

#define TEST(f) DTB_TEST(f, "gicv3")

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(controllers),    TEST(one_region_where_none_is_counted), TEST(alone_is_the_doorbell),
        TEST(device_ids),     TEST(an_its_that_is_disabled),          TEST(a_doorbell_elsewhere),
        TEST(trees_that_lie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
