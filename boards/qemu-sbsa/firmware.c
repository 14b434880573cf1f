/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/qemu-sbsa/sbsa.h"

#include "boards/board.h"
#include "lib/base/log.h"

/* QEMU describes sbsa-ref in a device tree for the board's own firmware, which knows the rest:
 * nodes have no "compatible", and there is none of the SMMU or of PCI. The addresses are the
 * board's, and the same in all its versions that have an ITS. */

#define SPI(n) (32 + (n))
#define PPI(n) (16 + (n))

/* Where boards/qemu-sbsa/qemu has QEMU put the workload, and room for it. */
static const struct range workload = {0x10010000000, 0x10011ffffff};

static const struct hw_gic gic = {
    .version = 3,
    .dist = {0x40060000, 0x4006ffff},
    .redist_count = 1,
    .redist = {{0x40080000, 0x4407ffff}},
};

/* A granule larger than 4 KiB would have the ITS's own registers beside its doorbell. */
static const struct hw_msi_frame its = {
    .kind = HW_MSI_ITS,
    .name = "its@44081000",
    .regs = {0x44081000, 0x440a0fff},
    .alone_lg2 = 12,
};

static const struct hw_iommu smmu = {
    .kind = HW_SMMUV3,
    .name = "smmuv3@60050000",
    .regs = {0x60050000, 0x6006ffff},
    .coherent = true,
    .eventq = {SPI(12), true},
    .priq = {SPI(13), true},
    .cmdq_sync = {SPI(14), true},
    .gerror = {SPI(15), true},
};

static const struct hw_pci_host host = {
    .name = "pcie@f0000000",
    .bus_last = 255,
    .ecam = {0xf0000000, 0xffffffff},
    .coherent = true,
    .window_count = 3,
    .window =
        {
            {.kind = HW_WIN_IO, .cpu = {0x7fff0000, 0x7fffffff}},
            {.kind = HW_WIN_MEM32, .bus = 0x80000000, .cpu = {0x80000000, 0xefffffff}},
            {.kind = HW_WIN_MEM64, .bus = 0x100000000, .cpu = {0x100000000, 0xffffffffff}},
        },
    .iommu_map_mask = 0xffff,
    .iommu_map_count = 1,
    .iommu_map = {{.length = 0x10000}},
    .msi_map_mask = 0xffff,
    .msi_map_count = 1,
    .msi_map = {{.length = 0x10000}},
};

static bool is_there(const struct bootinfo *boot)
{
    return firmware_dtb.is_there(boot);
}

static struct hw_uart console(struct machine *m)
{
    (void)m;
    return board.fallback_console;
}

/* QEMU loads the workload whether RAM is there or not. */
static bool has_workload(const struct hwdesc *hw)
{
    if (hw->ram.r[hw->ram.count - 1].last >= workload.last)
        return true;
    log_warn("the workload is loaded up to 0x%lx, where no RAM is: give the machine more (QEMU: "
             "-m 1G)",
             workload.last);
    return false;
}

static void describe(struct machine *m, char *why, size_t why_size)
{
    struct hwdesc *hw = &m->hw;

    firmware_dtb.describe(m, why, why_size);
    hw->model = "QEMU sbsa-ref";
    hw->cpu_count = 1;
    hw->gic = gic;
    hw->timer_irq = PPI(11);
    hw->msi[hw->msi_count++] = its;
    hw->iommu[hw->iommu_count++] = smmu;
    hw->host[hw->host_count++] = host;
    hw->initrd = workload;
    hw->has_initrd = has_workload(hw);
}

const struct firmware firmware_sbsa = {"device tree", is_there, console, describe};
