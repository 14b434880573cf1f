/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/dtb_fixture.h"

/* What is read of two good trees, tests/data/virt.dts and nested.dts. */

static void load(const char *name)
{
    dtb_load(name);
    dtb_accept(tree, size);
}

/* --- tests/data/virt.dts ------------------------------------------------------------------- */

static void machine(void **state)
{
    (void)state;
    load("virt");
    assert_string_equal(hw.model, "test,virt");
    assert_int_equal(hw.cpu_count, 2);
    assert_int_equal(hw.psci, HW_PSCI_HVC);
    assert_int_equal(hw.timer_irq, 27);
    assert_int_equal(hw.gic.version, 2);
    expect_range(hw.gic.dist, 0x8000000, 0x800ffff);
    expect_range(hw.gic.cpu, 0x8010000, 0x801ffff);
    assert_int_equal(hw.oddity_count, 0);
    assert_string_equal(logged, "");
}

static void memory(void **state)
{
    (void)state;
    load("virt");
    assert_int_equal(hw.ram.count, 2);
    expect_range(hw.ram.r[0], 0x40000000, 0x4fffffff);
    expect_range(hw.ram.r[1], UINT64_C(0x8000000000), UINT64_C(0x803fffffff));
    assert_int_equal(hw.reserved_count, 4);
    expect_range(hw.reserved[0].r, 0x4f000000, 0x4f0fffff);
    assert_true(hw.reserved[0].no_map);
    assert_string_equal(hw.reserved[0].name, "secure@4f000000");
    expect_range(hw.reserved[1].r, 0x4e000000, 0x4e0fffff);
    assert_false(hw.reserved[1].no_map);
    assert_string_equal(hw.reserved[2].name, "firmware@4c000000");
    expect_range(hw.reserved[3].r, 0x48000000, 0x4800ffff);
    assert_string_equal(hw.reserved[3].name, "memreserve");
}

static const struct hw_scope *expect_iova(unsigned index, unsigned depth, uint64_t start,
                                          uint64_t last, bool direct)
{
    const struct hw_iova *v = &hw.iova[index];

    expect_range(v->iova, start, last);
    assert_int_equal(v->direct, direct);
    assert_int_equal(v->scopes.count, 1);
    const struct hw_scope *s = &hw.scope[v->scopes.first];
    assert_int_equal(s->segment, hw.host[0].segment);
    assert_int_equal(s->depth, depth);
    return s;
}

/* A range that is its node's memory is to be mapped; what no function has, or no memory, is only
 * kept free. Devices that are no PCI functions have no part in it. */
static void iommu_addresses(void **state)
{
    (void)state;
    load("virt");
    assert_int_equal(hw.iova_count, 4);
    assert_int_equal(expect_iova(0, 1, 0x4c000000, 0x4c1fffff, true)->rid, 3 << 3 | 1);
    assert_string_equal(hw.iova[0].name, "firmware@4c000000");
    const struct hw_scope *deep =
        expect_iova(1, 2, UINT64_C(0x8000000000), UINT64_C(0x8000000fff), false);
    assert_int_equal(deep->state, HW_SCOPE_UNRESOLVED);
    assert_int_equal(deep->path[0], 1 << 3);
    assert_int_equal(deep->path[1], 2);
    const struct hw_scope *host = expect_iova(2, 0, 0xc0000000, 0xc0003fff, false);
    assert_int_equal(host->kind, HW_SCOPE_BRIDGE);
    assert_int_equal(host->bus_last, 255);
    expect_iova(3, 1, 0x4c000000, 0x4c1fffff, false);
    assert_string_equal(hw.iova[3].name, "window");
}

static void chosen(void **state)
{
    (void)state;
    load("virt");
    assert_int_equal(hw.uart.kind, HW_UART_PL011);
    expect_range(hw.uart.regs, 0x9000000, 0x9000fff);
    assert_string_equal(hw.bootargs, "report=json granule=64k");
    assert_true(hw.has_initrd);
    expect_range(hw.initrd, 0x44000000, 0x44123455);
    assert_int_equal(hwdesc_dtb_console(tree, size).regs.start, 0x9000000);
}

static void smmu(void **state)
{
    (void)state;
    load("virt");
    assert_int_equal(hw.iommu_count, 1);
    const struct hw_iommu *u = &hw.iommu[0];
    assert_int_equal(u->kind, HW_SMMUV3);
    assert_string_equal(u->name, "smmuv3@9050000");
    expect_range(u->regs, 0x9050000, 0x906ffff);
    assert_true(u->coherent && !u->page0_only && !u->broken_prefetch);
    assert_int_equal(u->eventq.id, 106);
    assert_true(u->eventq.edge);
    assert_int_equal(u->priq.id, 107);
    assert_int_equal(u->cmdq_sync.id, 108);
    assert_int_equal(u->gerror.id, 109);
    assert_false(u->gerror.edge);
    assert_int_equal(u->combined.id, 0);
}

static void msi_frame(void **state)
{
    (void)state;
    load("virt");
    assert_int_equal(hw.msi_count, 1);
    expect_range(hw.msi[0].regs, 0x8020000, 0x8020fff);
    assert_int_equal(hw.msi[0].spi_count, 0);
    assert_int_equal(hw.msi[0].alone_lg2, 16); /* a device that is disabled is still at 0x8030000 */
}

static void pci_host(void **state)
{
    (void)state;
    load("virt");
    assert_int_equal(hw.host_count, 1);
    const struct hw_pci_host *h = &hw.host[0];
    assert_int_equal(h->segment, 3);
    assert_int_equal(h->bus_first, 0);
    assert_int_equal(h->bus_last, 255);
    assert_true(h->coherent);
    expect_range(h->ecam, UINT64_C(0x4010000000), UINT64_C(0x401fffffff));
    assert_int_equal(h->window_count, 3);
    assert_int_equal(h->window[0].kind, HW_WIN_IO);
    assert_int_equal(h->window[0].bus, 0);
    expect_range(h->window[0].cpu, 0x3eff0000, 0x3effffff);
    assert_int_equal(h->window[1].kind, HW_WIN_MEM32);
    assert_false(h->window[1].prefetchable);
    assert_int_equal(h->window[2].kind, HW_WIN_MEM64);
    assert_true(h->window[2].prefetchable);
    assert_int_equal(h->window[2].bus, UINT64_C(0x8000000000));
    expect_range(h->window[2].cpu, UINT64_C(0x8080000000), UINT64_C(0xff7fffffff));
    assert_int_equal(h->dma_count, 0);
}

static void streams(void **state)
{
    static const struct {
        uint16_t rid;
        uint32_t stream;
    } cases[] = {{0, 0}, {0xff, 0xff}, {0x100, 0x1100}, {0xffff, 0x10fff}};
    unsigned unit = 9, frame = 9;
    uint32_t stream, id;

    (void)state;
    load("virt");
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(hwdesc_stream_of(&hw, &hw.host[0], cases[i].rid, &unit, &stream), 0);
        assert_int_equal(unit, 0);
        assert_int_equal(stream, cases[i].stream);
    }
    assert_int_equal(hwdesc_msi_of(&hw, &hw.host[0], 0x1234, &frame, &id), 0);
    assert_int_equal(frame, 0);
    assert_int_equal(id, 0x1234);
}

/* Trees wait for a boot loader to fill it in: who boots one minds, who reads it does not. */
static void a_tree_without_memory(void **state)
{
    static const uint32_t unknown = 0x78797a00;

    (void)state;
    load("virt");
    dtb_set_cells(tree, "/memory@40000000", "device_type", &unknown, 1);
    assert_int_equal(fdt_delprop(tree, fdt_path_offset(tree, "/chosen"), "linux,initrd-start"), 0);
    assert_int_equal(fdt_delprop(tree, fdt_path_offset(tree, "/chosen"), "linux,initrd-end"), 0);
    dtb_accept(tree, size);
    assert_int_equal(hw.ram.count, 0);
}

/* --- tests/data/nested.dts ----------------------------------------------------------------- */

static void addresses_through_every_bus(void **state)
{
    (void)state;
    load("nested");
    expect_range(hw.msi[0].regs, 0xe1180000, 0xe1180fff); /* not where its name and reg say */
    assert_int_equal(hw.msi[0].spi_base, 64);
    assert_int_equal(hw.msi[0].spi_count, 256);
    expect_range(hw.uart.regs, 0xe1010000, 0xe1010fff);
    expect_range(hw.iommu[1].regs, 0xe0a00000, 0xe0a0ffff);
    expect_range(hw.host[0].window[0].cpu, 0xf4000000, 0xf7ffffff);
    assert_int_equal(hw.host[0].window[0].bus, 0x40000000);
    assert_int_equal(hw.ram.count, 1); /* the entry of size 0 is none */
    assert_int_equal(hw.initrd.start, UINT64_C(0x8010000000));
}

static void dma_of_the_bus_above(void **state)
{
    (void)state;
    load("nested");
    const struct hw_pci_host *h = &hw.host[0];
    assert_int_equal(h->dma_count, 2); /* sorted */
    expect_range(h->dma[0].bus, 0, 0x3fffffff);
    assert_int_equal(h->dma[0].cpu, 0);
    expect_range(h->dma[1].bus, 0x80000000, 0xbfffffff);
    assert_int_equal(h->dma[1].cpu, UINT64_C(0x8000000000));
}

static void dma_through_both(void **state)
{
    const uint32_t cells[] = {0x02000000, 0, 0,          0x80000000, 0, 0x10000000,
                              0x02000000, 0, 0x80000000, 0x00000000, 0, 0x10000000};

    (void)state;
    load("nested");
    dtb_set_cells(tree, "/smb/pcie@10000000", "dma-ranges", cells, ARRAY_SIZE(cells));
    dtb_accept(tree, size);
    const struct hw_pci_host *h = &hw.host[0];
    assert_int_equal(h->dma_count, 2);
    expect_range(h->dma[0].bus, 0, 0x0fffffff);
    assert_int_equal(h->dma[0].cpu, UINT64_C(0x8000000000));
    assert_int_equal(h->dma[1].cpu, 0);
}

static void other_smmus(void **state)
{
    (void)state;
    load("nested");
    assert_int_equal(hw.iommu_count, 2);
    assert_int_equal(hw.iommu[0].kind, HW_SMMUV2);
    assert_int_equal(hw.iommu[0].combined.id, 0); /* on the combiner, not on the GIC */
    assert_true(hw.iommu[0].coherent);            /* as the bus above it */
    assert_int_equal(hw.iommu[1].combined.id, 365);
    assert_false(hw.iommu[1].coherent);
    assert_int_equal(hw.timer_irq, 27); /* by name, from interrupts-extended */
    assert_int_equal(hw.psci, HW_PSCI_SMC);
}

static void a_map_with_a_mask_and_a_hole(void **state)
{
    const struct hw_pci_host *h = &hw.host[0];
    unsigned unit = 9;
    uint32_t stream = 0, id;

    (void)state;
    load("nested");
    assert_int_equal(hwdesc_stream_of(&hw, h, 0x2007, &unit, &stream), 0);
    assert_int_equal(unit, 1);
    assert_int_equal(stream, 0);
    assert_int_equal(hwdesc_stream_of(&hw, h, 0x2108, &unit, &stream), 0);
    assert_int_equal(stream, 0x108);
    assert_int_equal(hwdesc_stream_of(&hw, h, 0x2800, &unit, &stream), -RF_ENODEV);
    assert_int_equal(hwdesc_stream_of(&hw, h, 0x3000, &unit, &stream), -RF_EINVAL); /* a combiner */
    assert_int_equal(hwdesc_msi_of(&hw, h, 0x2800, &unit, &id), 0); /* msi-parent: all of them */
}

static void fewer_buses_than_bus_range_says(void **state)
{
    (void)state;
    load("nested");
    assert_int_equal(hw.host[0].bus_first, 0x20);
    assert_int_equal(hw.host[0].bus_last, 0x5f);
    expect_range(hw.host[0].ecam, 0xf0000000, 0xf3ffffff);
    assert_int_equal(hw.oddity_count, 1);
    assert_non_null(strstr(logged, "/smb/pcie@10000000: reg has room for 64 of the 128 buses"));
}

/* --- consoles ------------------------------------------------------------------------------ */

static void console_paths(void **state)
{
    static const struct {
        const char *path;
        enum hw_uart_kind kind;
    } cases[] = {
        {"/smb/serial@1010000", HW_UART_PL011},
        {"/smb/serial@1010000:9600", HW_UART_PL011},
        {"/smb/serial@1030000", HW_UART_NONE}, /* registers spread out */
        {"/smb/serial@1040000", HW_UART_NONE}, /* no such node */
        {"/smb/iommu@200000", HW_UART_NONE},
        {"serial0", HW_UART_NONE}, /* no aliases */
        {"", HW_UART_NONE},
        {":", HW_UART_NONE},
        {"/", HW_UART_NONE},
    };

    (void)state;
    load("nested");
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        int at = fdt_path_offset(tree, "/chosen");

        assert_int_equal(fdt_setprop_string(tree, at, "stdout-path", cases[i].path), 0);
        assert_int_equal(hwdesc_dtb_console(tree, size).kind, cases[i].kind);
        dtb_accept(tree, size);
        assert_int_equal(hw.uart.kind, cases[i].kind);
    }
}

static void a_console_without_identification(void **state)
{
    (void)state;
    load("nested");
    assert_int_equal(fdt_setprop_string(tree, fdt_path_offset(tree, "/smb/serial@1010000"),
                                        "compatible", "arm,sbsa-uart"),
                     0);
    assert_int_equal(hwdesc_dtb_console(tree, size).kind, HW_UART_SBSA);
}

/* The alias is two bytes without an end. */
static void an_alias_that_does_not_end(void **state)
{
    (void)state;
    load("virt");
    assert_int_equal(
        fdt_setprop_string(tree, fdt_path_offset(tree, "/chosen"), "stdout-path", "broken"), 0);
    assert_int_equal(hwdesc_dtb_console(tree, size).kind, HW_UART_NONE);
}

#define TEST(f) DTB_TEST(f, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(machine),
        TEST(memory),
        TEST(iommu_addresses),
        TEST(chosen),
        TEST(smmu),
        TEST(msi_frame),
        TEST(pci_host),
        TEST(a_tree_without_memory),
        TEST(streams),
        TEST(addresses_through_every_bus),
        TEST(dma_of_the_bus_above),
        TEST(dma_through_both),
        TEST(other_smmus),
        TEST(a_map_with_a_mask_and_a_hole),
        TEST(fewer_buses_than_bus_range_says),
        TEST(console_paths),
        TEST(a_console_without_identification),
        TEST(an_alias_that_does_not_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
