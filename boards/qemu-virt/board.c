/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/board.h"

static const struct firmware *const firmware[] = {&firmware_dtb, NULL};
static const struct uart_driver *const uarts[] = {&uart_pl011, &uart_sbsa, NULL};
static const struct iommu_driver *const iommus[] = {&iommu_smmuv3, NULL};

const struct board board = {
    .name = "qemu-virt",
    .fallback_console = {HW_UART_PL011, {0x09000000, 0x09000fff}},
    .fallback_power = POWER_PSCI_HVC,
    .firmware = firmware,
    .uarts = uarts,
    .iommus = iommus,
    .irq = &irq_gic,
    .no_iommu = "the device tree describes no IOMMU that this version drives: on QEMU's virt "
                "machine add iommu=smmuv3",
};
