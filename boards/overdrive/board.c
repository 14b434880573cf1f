/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/board.h"

/* AMD Overdrive (Seattle), started by its UEFI firmware, which hands over a device tree or ACPI
 * tables. What they need not tell: the console, where neither SPCR nor stdout-path names one, and
 * PSCI, which is the secure firmware's. All SMMUs are MMU-401. */

static const struct firmware *const firmware[] = {&firmware_dtb, &firmware_acpi, NULL};
static const struct uart_driver *const uarts[] = {&uart_pl011, &uart_sbsa, NULL};
static const struct iommu_driver *const iommus[] = {&iommu_smmuv2, NULL};

const struct board board = {
    .name = "overdrive",
    .fallback_console = {HW_UART_PL011, {0xe1010000, 0xe1010fff}},
    .fallback_power = POWER_PSCI_SMC,
    .firmware = firmware,
    .uarts = uarts,
    .iommus = iommus,
    .irq = &irq_gic,
    .no_iommu =
        "firmware describes no SMMU that this version drives: in its set-up choose a device "
        "tree, or ACPI with an IORT",
};
