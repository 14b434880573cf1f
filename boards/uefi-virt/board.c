/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/board.h"

/* Any AArch64 machine with UEFI: its firmware tells everything. */

static const struct firmware *const firmware[] = {&firmware_dtb, &firmware_acpi, NULL};
static const struct uart_driver *const uarts[] = {&uart_pl011, &uart_sbsa, NULL};
static const struct iommu_driver *const iommus[] = {&iommu_smmuv3, &iommu_smmuv2, NULL};

const struct board board = {
    .name = "uefi",
    .fallback_console = {HW_UART_NONE},
    .fallback_power = POWER_HALT,
    .firmware = firmware,
    .uarts = uarts,
    .iommus = iommus,
    .irq = &irq_gic,
    .no_iommu = "firmware describes no IOMMU that this version drives",
};
