/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_POWER_ACPI_PM_H
#define RF_DRIVERS_POWER_ACPI_PM_H

#include "arch/mmio.h"

/* The power management registers of ACPI's fixed hardware (ACPI 4.8.3.2), as far as the way to soft
 * off needs them. */
struct acpi_pm {
    struct mmio control_a, control_b; /* PM1 control, 2 bytes each; b of size 0: there is none */
    uint8_t slp_typ_a, slp_typ_b;     /* of \_S5 */
    struct mmio smi_command;          /* 1 byte; of size 0: the machine is always in ACPI mode */
    uint8_t acpi_enable;              /* what brings it there */
};

/* Switches the machine off (ACPI 16.1.5). Returns only where it stays on: -RF_ETIMEDOUT, after one
 * logged line. Wake-up events that are pending are not cleared: they may start it again. */
int acpi_pm_off(const struct acpi_pm *pm);

#endif
