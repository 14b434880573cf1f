/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/dtb_fixture.h"

/* Trees that lie: each is tests/data/virt.dts with one change, is refused, and the reason names the
 * node and what is wrong. */

#define PCI  "/pcie@10000000"
#define SMMU "/smmuv3@9050000"
#define GIC  "/intc@8000000"
#define V2M  "/intc@8000000/v2m@8020000"
#define MEM  "/memory@40000000"
#define RSV  "/reserved-memory/secure@4f000000"

static const struct dtb_lie lies[] = {
    /* memory */
    {MEM, "reg", 3, {0, 0x40000000, 0}, MEM ": reg of 12 bytes is no whole number"},
    {MEM, "reg", 4, {UINT32_MAX, 0xfffff000, 0, 0x2000}, "reg entry 0 is empty or wraps"},
    {MEM, "reg", 4, {0xffff, 0, 1, 0x1000}, "beyond 48 bits"},
    {MEM,
     "reg",
     8,
     {0, 0x40000000, 0, 0x10000000, 0, 0x48000000, 0, 0x10000000},
     MEM ": RAM 0x48000000..0x57ffffff overlaps RAM"},
    {MEM, "reg", 4, {0, 0x8000000, 0, 0x40000000}, "overlaps RAM"},
    {MEM, "reg", 0, {0}, "a memory node without reg"},
    {RSV, "reg", 4, {0, 0x4f000000, 0, 0}, RSV ": reg entry 0 is empty"},
    {"/", "#address-cells", 1, {3}, "reg has 3 address and 2 size cells"},
    {"/", "#size-cells", 1, {0}, "size cells"},
    {"/", "#address-cells", 2, {2, 2}, "address and 2 size cells"},
    {"/reserved-memory", "ranges", 3, {1, 2, 3}, "ranges of reserved-memory cannot be read"},
    {RSV, "iommu-addresses", 6, {0x4321, 0, 0, 0, 0, 1}, "phandle 0x4321, which no device has"},
    {RSV, "iommu-addresses", 6, {0, 0, 0, 0, 0, 1}, "phandle 0, which no device has"},
    {RSV, "iommu-addresses", 4, {0x8003, 0, 0, 0}, "ends in the middle of an entry"},
    {RSV, "iommu-addresses", 5, {0x8003, 0, 0, 0, 0}, "is empty or wraps"},
    {RSV,
     "iommu-addresses",
     5,
     {0x8003, UINT32_MAX, 0xfffff000, 0, 0x2000},
     "secure@4f000000: a range of iommu-addresses is empty or wraps"},
    {RSV, "iommu-addresses", 2, {0x9999, 0}, "with 1 address and 0 size cells"},
    /* initrd */
    {"/chosen", "linux,initrd-start", 1, {0x30000000}, "is not in RAM"},
    {"/chosen", "linux,initrd-end", 1, {0x50000001}, "is not in RAM"},
    {"/chosen", "linux,initrd-end", 1, {0x4f000001}, "is in secure@4f000000, which is no-map"},
    {"/chosen", "linux,initrd-end", 1, {0x44000000}, "before it starts"},
    {"/chosen", "linux,initrd-end", 3, {0, 0, 0}, "must both have 4 or 8 bytes"},
    {"/chosen", "bootargs", 1, {0x61616161}, "bootargs is not terminated"},
    /* controllers */
    {GIC, "reg", 4, {0, 0x8000000, 0, 0x10000}, GIC ": reg has no entry 1"},
    {GIC,
     "reg",
     8,
     {0, 0x8000000, 0, 0x20000, 0, 0x8010000, 0, 0x10000},
     "overlaps GIC registers 0x8000000..0x801ffff"},
    {GIC,
     "reg",
     8,
     {0, 0x8000000, 0, 0x1000, 0, 0x9050000, 0, 0x1000},
     "overlaps IOMMU registers 0x9050000..0x906ffff"},
    {GIC, "#interrupt-cells", 1, {2}, "#interrupt-cells is 2"},
    {GIC, "ranges", 6, {0, 0, 0, 0, 0, 0x1000}, "is not in the ranges of intc@8000000"},
    {GIC, "ranges", 6, {0, 0, UINT32_MAX, 0xf0000000, 0, 0x20000000}, "is empty or wraps"},
    {V2M, "reg", 4, {0, 0x8010000, 0, 0x1000}, V2M ": MSI frame"},
    {V2M, "arm,msi-base-spi", 1, {64}, "belong together"},
    {"/timer",
     "interrupts",
     12,
     {1, 13, 4, 1, 14, 4, 1, 16, 4, 1, 10, 4},
     "timer: interrupt 2 is <1 16>"},
    /* IOMMU */
    {SMMU, "reg", 4, {0, 0x40001000, 0, 0x20000}, "overlaps RAM 0x40000000..0x4fffffff"},
    {SMMU, "interrupts", 3, {0, 988, 1}, "smmuv3@9050000: interrupt 0 is <0 988>"},
    {SMMU, "interrupts", 3, {2, 1, 1}, "which no GIC has"},
    /* PCI */
    {PCI, "reg", 4, {0x40, 0x10000000, 0, 0xfffff}, "no room for the 1 MiB"},
    {PCI, "reg", 4, {0, 0x08000000, 0, 0x10000000}, "configuration space"},
    {PCI, "bus-range", 2, {5, 4}, "bus-range"},
    {PCI, "bus-range", 2, {0, 256}, "bus-range"},
    {PCI, "bus-range", 1, {0}, "bus-range"},
    {PCI, "linux,pci-domain", 1, {0x10000}, "does not fit 16 bits"},
    {PCI, "ranges", 3, {1, 2, 3}, PCI ": ranges of 12 bytes"},
    {PCI, "#address-cells", 1, {2}, "ranges has 2+2+2 cells"},
    {PCI,
     "ranges",
     7,
     {0x02000000, 0, 0xf0000000, 0, 0x10000000, 0, 0x10000001},
     "above 4 GiB on the bus"},
    {PCI,
     "ranges",
     7,
     {0x03000000, UINT32_MAX, 0xf0000000, 0, 0x10000000, 0, 0x10000001},
     "empty or wraps"},
    {PCI,
     "ranges",
     7,
     {0x02000000, 0, 0x10000000, 0, 0x48000000, 0, 0x1000},
     "PCI window 0x48000000..0x48000fff overlaps RAM"},
    {PCI,
     "ranges",
     7,
     {0x03000000, 0, 0x10000000, 0x40, 0x18000000, 0, 0x1000},
     "overlaps configuration space"},
    {PCI,
     "ranges",
     7,
     {0x03000000, 0, 0x10000000, 0xffff, 0xf0000000, 0, 0x20000000},
     "beyond 48 bits"},
    {PCI,
     "ranges",
     14,
     {0x02000000, 0, 0x10000000, 0, 0x10000000, 0, 0x2000, 0x02000000, 0, 0x10001000, 0, 0x20000000,
      0, 0x2000},
     "windows 0 and 1 overlap on the bus at 0x10001000"},
    {PCI,
     "ranges",
     14,
     {0x02000000, 0, 0x10000000, 0, 0x10000000, 0, 0x2000, 0x02000000, 0, 0x20000000, 0, 0x10001000,
      0, 0x2000},
     "overlaps PCI window"},
    {PCI,
     "dma-ranges",
     14,
     {0x02000000, 0, 0x1000, 0, 0x1000, 0, 0x2000, 0x02000000, 0, 0x2000, 0, 0x2000, 0, 0x2000},
     "dma-ranges overlap at 0x2000"},
    {PCI, "dma-ranges", 7, {0x02000000, 0, 0, 0, 0, 0, 0}, "empty or wraps"},
    {PCI, "iommu-map", 4, {0, 0x5555, 0, 0x10000}, "phandle 0x5555, which no node has"},
    {PCI, "iommu-map", 3, {0, 0x8004, 0}, "iommu-map of 12 bytes"},
    {PCI, "iommu-map", 4, {0, 0x8004, 0, 0}, "requester ids 0 + 0 "},
    {PCI, "iommu-map", 4, {1, 0x8004, 0, 0x10000}, "are not below 0x10000"},
    {PCI, "iommu-map", 4, {0, 0x8004, 0xffffff00, 0x200}, "wrap"},
    {PCI,
     "iommu-map",
     8,
     {0, 0x8004, 0, 0x100, 0xff, 0x8004, 0x1000, 1},
     "requester id 0xff is in two entries"},
    {PCI, "msi-map", 4, {0, 0x5555, 0, 0x10000}, "msi-map points to phandle 0x5555"},
    {V2M, "phandle", 1, {0x7777}, "msi-map points to phandle 0x8003"},
};

static void trees_that_lie(void **state)
{
    (void)state;
    dtb_refuse_all("virt", lies, ARRAY_SIZE(lies));
}

/* A change that is odd, but leaves a machine that can be used. */
static void trees_that_are_odd(void **state)
{
    static const struct dtb_lie odd[] = {
        {"/psci", "method", 1, {0x78797a00}, "neither hvc nor smc"},
        {PCI, "bus-range", 2, {0, 0xff}, ""},
        {"/soc", "ranges", 0, {0}, ""},
        {SMMU, "interrupt-parent", 1, {0x1234}, ""},
        {PCI, "iommu-map", 4, {0, 0x8003, 0, 0x10000}, ""}, /* a node, but no IOMMU */
        {PCI, "iommu-map", 0, {0}, ""},
        {"/soc/i2c@9080000/rtc@68", "reg", 3, {1, 2, 3}, ""},
        {"/soc/serial@9000000", "reg", 2, {0xfffff000, 0x2000}, ""},
        {"/timer", "interrupts", 3, {1, 13, 4}, ""},
    };

    (void)state;
    for (const struct dtb_lie *l = odd; l < odd + ARRAY_SIZE(odd); l++) {
        dtb_load("virt");
        dtb_listen();
        dtb_set_cells(tree, l->node, l->prop, l->cells, l->count);
        dtb_accept(tree, size);
        assert_non_null(strstr(logged, l->why));
        assert_int_equal(hw.oddity_count, l->why[0] != '\0');
    }
}

/* Entries of no bytes: there would be no end of them. */
static void no_cells_at_all(void **state)
{
    static const char *const nodes[] = {"/", "/soc"};
    const uint32_t zero[] = {0}, one[] = {1};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(nodes); i++) {
        dtb_load("virt");
        dtb_set_cells(tree, nodes[i], "dma-ranges", one, 1);
        dtb_set_cells(tree, nodes[i], "#address-cells", zero, 1);
        dtb_set_cells(tree, nodes[i], "#size-cells", zero, 1);
        assert_int_equal(dtb_parse(tree, size), i == 0 ? -RF_EINVAL : 0);
    }
}

static void a_bus_whose_dma_cannot_be_read(void **state)
{
    const uint32_t cells[] = {0, 0, 1, 3};

    (void)state;
    dtb_load("nested");
    dtb_set_cells(tree, "/smb", "dma-ranges", cells, 4);
    dtb_accept(tree, size); /* bus 0 + 3 at CPU 1: odd, but it can be read */
    dtb_set_cells(tree, "/smb", "dma-ranges", cells, 3);
    assert_int_equal(dtb_parse(tree, size), -RF_EINVAL);
    assert_non_null(strstr(why, "dma-ranges of smb cannot be read"));
    dtb_set_cells(tree, "/smb", "dma-ranges", (const uint32_t[]){0, 0, 1, 0}, 4);
    assert_int_equal(dtb_parse(tree, size), -RF_EINVAL);
    assert_non_null(strstr(why, "empty or wraps"));
}

static void two_with_one_phandle(void **state)
{
    int soc = fdt_path_offset(tree, "/soc");
    int twin = fdt_add_subnode(tree, soc, "twin@a000000");
    const uint32_t reg[] = {0xa000000, 0x20000}, phandle[] = {0x8004};

    (void)state;
    assert_int_equal(fdt_setprop_string(tree, twin, "compatible", "arm,smmu-v3"), 0);
    dtb_set_cells(tree, "/soc/twin@a000000", "reg", reg, 2);
    dtb_accept(tree, size);
    assert_int_equal(hw.iommu_count, 2);
    dtb_set_cells(tree, "/soc/twin@a000000", "phandle", phandle, 1);
    assert_int_equal(dtb_parse(tree, size), -RF_EINVAL);
    assert_string_equal(why, "/soc/twin@a000000: it has the same phandle as smmuv3@9050000");
}

static void more_than_fits(void **state)
{
    int at = fdt_path_offset(tree, "/soc");

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        assert_true((at = fdt_add_subnode(tree, at, "deeper")) >= 0);
    assert_int_equal(dtb_parse(tree, size), -RF_ENOSPC);
    assert_non_null(strstr(why, "nested deeper than 16"));
}

static void too_many_smmus(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < HW_IOMMUS; i++) {
        const uint32_t reg[] = {0xa000000 + 0x20000 * i, 0x20000};
        char name[20], path[30];
        int at;

        snprintf(name, sizeof(name), "s%u", i);
        snprintf(path, sizeof(path), "/soc/%s", name);
        at = fdt_add_subnode(tree, fdt_path_offset(tree, "/soc"), name);
        assert_int_equal(fdt_setprop_string(tree, at, "compatible", "arm,smmu-v3"), 0);
        dtb_set_cells(tree, path, "reg", reg, 2);
    }
    assert_int_equal(dtb_parse(tree, size), -RF_ENOSPC);
    assert_non_null(strstr(why, "more than 64 IOMMUs"));
}

/* The reason is cut, never overrun. */
static void a_short_buffer_for_the_reason(void **state)
{
    char small[8];

    (void)state;
    dtb_set_cells(tree, MEM, "reg", NULL, 0);
    memset(small, 'x', sizeof(small));
    assert_int_equal(hwdesc_from_dtb(tree, size, &hw, small, 5), -RF_EINVAL);
    assert_int_equal(small[4], '\0');
    assert_int_equal(small[5], 'x');
}

#define TEST(f) DTB_TEST(f, "virt")

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(trees_that_lie),       TEST(trees_that_are_odd),
        TEST(no_cells_at_all),      TEST(a_bus_whose_dma_cannot_be_read),
        TEST(two_with_one_phandle), TEST(more_than_fits),
        TEST(too_many_smmus),       TEST(a_short_buffer_for_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
