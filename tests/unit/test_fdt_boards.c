/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/dtb_fixture.h"

/* Trees from elsewhere: QEMU's own, and those of real boards. A test is skipped, and says so, where
 * its tree is not at hand. */

static void qemu_virt(void **state)
{
    const char *path = DTB_DATA "qemu-virt.dtb";

    (void)state;
    if (system("qemu-system-aarch64 -nodefaults -display none -m 1024 -machine "
               "virt,iommu=smmuv3,gic-version=2,dumpdtb=" DTB_DATA "qemu-virt.dtb >" DTB_DATA
               "qemu.log 2>&1") != 0 ||
        !(tree = dtb_read(path, &size))) {
        print_message("skipped: qemu-system-aarch64 does not write its device tree\n");
        skip();
    }
    dtb_accept(tree, size);
    assert_int_equal(hw.iommu_count, 1);
    assert_int_equal(hw.msi[0].regs.start, 0x8020000);
    assert_int_equal(hw.ram.r[0].start, 0x40000000);
    assert_int_equal(hw.host[0].window_count, 3);
    assert_int_equal(hw.host[0].iommu_map[0].target, 0);
    assert_int_equal(hw.uart.kind, HW_UART_PL011);
    assert_int_equal(hw.psci, HW_PSCI_HVC);
    assert_int_equal(hw.timer_irq, 27);
}

/* Trees of real boards, which are no part of the project. */
static void read_board(const char *name)
{
    const char *corpus = getenv("RF_CORPUS");
    char path[300];

    snprintf(path, sizeof(path), "%s/dtb/%s", corpus ? corpus : "../shared/corpus", name);
    tree = dtb_read(path, &size);
    if (!tree) {
        print_message("skipped: no %s (RF_CORPUS names the folder)\n", path);
        skip();
    }
    dtb_accept(tree, size);
}

/* Its host bridges have no ECAM: nothing behind them is found, and the tree says why. */
static void expect_no_hosts(unsigned hosts)
{
    static const char *const odd = "a host bridge that is not pci-host-ecam-generic is not driven";
    unsigned n = 0;

    for (const char *at = logged; (at = strstr(at, odd)) != NULL; at++)
        n++;
    assert_int_equal(n, hosts);
    assert_int_equal(hw.host_count, 0);
}

static void amd_overdrive(void **state)
{
    (void)state;
    read_board("amd_amd-overdrive-rev-b1.dtb");
    const struct hw_pci_host *h = &hw.host[0];
    unsigned unit;
    uint32_t stream;
    assert_int_equal(hw.msi_count, 1);
    expect_range(hw.msi[0].regs, 0xe1180000, 0xe1180fff); /* and not 0xe0080000 */
    assert_int_equal(hw.msi[0].alone_lg2, 19);
    expect_range(hw.gic.dist, 0xe1110000, 0xe1110fff);
    expect_range(hw.gic.cpu, 0xe112f000, 0xe1130fff);
    expect_range(h->ecam, 0xf0000000, 0xf7ffffff);
    assert_int_equal(h->bus_last, 0x7f);
    expect_range(h->window[0].cpu, 0xefff0000, 0xefffffff);
    expect_range(h->window[1].cpu, 0x40000000, 0xbfffffff);
    expect_range(h->window[2].cpu, UINT64_C(0x100000000), UINT64_C(0x7fffffffff));
    assert_int_equal(h->dma_count, 1);
    expect_range(h->dma[0].bus, 0, UINT64_C(0xffffffffff));
    assert_int_equal(hwdesc_stream_of(&hw, h, 0x100, &unit, &stream), 0);
    assert_int_equal(hw.iommu[unit].regs.start, 0xe0a00000);
    assert_int_equal(hw.iommu[unit].combined.id, 365); /* SPI 333 */
    assert_int_equal(hw.iommu[unit].context[0].id, 365);
    assert_int_equal(hw.iommu_count, 5);
    for (unsigned i = 0; i < hw.iommu_count; i++)
        assert_int_equal(hw.iommu[i].part, HW_SMMU_MMU401);
    assert_int_equal(stream, 0x100);
    assert_int_equal(hw.uart.regs.start, 0xe1010000);
}

static void marvell_armada_8040(void **state)
{
    (void)state;
    read_board("marvell_armada-8040-db.dtb");
    assert_int_equal(hw.msi_count, 4);
    expect_range(hw.msi[3].regs, 0xf02b0000, 0xf02b0fff);
    assert_int_equal(hw.msi[3].spi_base, 256);
    assert_int_equal(hw.msi[3].spi_count, 32);
    assert_int_equal(hw.msi[0].alone_lg2, 16); /* the frames are neighbours */
    assert_int_equal(hw.iommu_count, 0);       /* the tree has it switched off */
    expect_no_hosts(5);
}

static void nxp_ls1088a(void **state)
{
    (void)state;
    read_board("freescale_fsl-ls1088a-ten64.dtb");
    assert_int_equal(hw.iommu_count, 1);
    assert_int_equal(hw.iommu[0].part, HW_SMMU_MMU500);
    assert_int_equal(hw.iommu[0].sid_ignore, 0x7c00);
    assert_int_equal(hw.iommu[0].combined.id, 32 + 13);    /* of twelve global ones */
    assert_int_equal(hw.iommu[0].context[0].id, 32 + 146); /* and one for each context bank */
    assert_int_equal(hw.iommu[0].context[15].id, 32 + 161);
    expect_no_hosts(0); /* the boot loader switches them on */
}

/* Specifiers of two cells; the tree has the host bridges switched off. */
static void qcom_sm8150(void **state)
{
    (void)state;
    read_board("qcom_sm8150-mtp.dtb");
    assert_int_equal(hw.iommu_count, 2);
    expect_range(hw.iommu[1].regs, 0x15000000, 0x150fffff);
    assert_int_equal(hw.iommu[1].part, HW_SMMU_MMU500);
    expect_no_hosts(0);
}

static void xilinx_zynqmp(void **state)
{
    (void)state;
    read_board("xilinx_zynqmp-zcu102-rev1.0.dtb");
    assert_int_equal(hw.iommu_count, 0); /* the tree has it switched off */
    expect_no_hosts(1);
}

static void ti_j721e(void **state)
{
    (void)state;
    read_board("ti_k3-j721e-sk.dtb");
    assert_int_equal(hw.gic.version, 3);
    assert_int_equal(hw.iommu[0].kind, HW_SMMUV3);
    expect_range(hw.iommu[0].regs, 0x36600000, 0x366fffff);
}

#define TEST(f) DTB_TEST(f, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(qemu_virt),   TEST(amd_overdrive), TEST(marvell_armada_8040),
        TEST(nxp_ls1088a), TEST(qcom_sm8150),   TEST(xilinx_zynqmp),
        TEST(ti_j721e),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
