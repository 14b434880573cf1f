/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/board.h"

/* Any x86-64 machine with UEFI: its firmware tells everything but, mostly, the serial port. */

static const struct firmware *const firmware[] = {&firmware_acpi, NULL};
static const struct uart_driver *const uarts[] = {&uart_ns16550, NULL};
static const struct iommu_driver *const iommus[] = {&iommu_vtd, NULL};

const struct board board = {
    .name = "uefi",
    .fallback_console = {HW_UART_16550, {0x3f8, 0x3ff}, .ports = true},
    .fallback_power = POWER_HALT,
    .firmware = firmware,
    .uarts = uarts,
    .iommus = iommus,
    .irq = &irq_apic,
    .no_iommu =
        "ACPI describes no IOMMU that this version drives: switch VT-d on in the firmware's "
        "settings (QEMU: add -device intel-iommu,intremap=on)",
};
