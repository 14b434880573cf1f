/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/board.h"
#include "boards/qemu-sbsa/sbsa.h"

static const struct firmware *const firmware[] = {&firmware_sbsa, NULL};
static const struct uart_driver *const uarts[] = {&uart_pl011, NULL};
static const struct iommu_driver *const iommus[] = {&iommu_smmuv3, NULL};

const struct board board = {
    .name = "qemu-sbsa",
    .fallback_console = {HW_UART_PL011, {0x60000000, 0x60000fff}},
    .fallback_power = POWER_HALT,
    .firmware = firmware,
    .uarts = uarts,
    .iommus = iommus,
    .irq = &irq_gic,
    .no_iommu = "the board's SMMU does not answer: QEMU's sbsa-ref has one",
};
