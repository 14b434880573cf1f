/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/power/acpi_pm.h"

#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/base/wait.h"

/* PM1 control (ACPI 4.8.3.2.1). What is reserved is written back as it was read. */
#define PM1_CNT REG16(0)
#define SCI_EN  BIT(0)
#define SLP_TYP MASK(12, 10)
#define SLP_EN  BIT(13)

#define SMI_CMD REG8(0)

#define ENABLE_US 3000000u /* the firmware's handler does it */
#define OFF_US    1000000u

static bool is_in_acpi_mode(const void *pm)
{
    return (mmio_read16(&((const struct acpi_pm *)pm)->control_a, PM1_CNT) & SCI_EN) != 0;
}

/* Until then the registers are the firmware's (ACPI 16.3.1). */
static int enter_acpi_mode(const struct acpi_pm *pm)
{
    if (pm->smi_command.size == 0 || is_in_acpi_mode(pm))
        return 0;
    mmio_write8(&pm->smi_command, SMI_CMD, pm->acpi_enable);
    if (wait_for_condition(is_in_acpi_mode, pm, ENABLE_US))
        return 0;
    log_err("PM1_CNT: SCI_EN wanted, got %04x: firmware does not hand over to ACPI",
            mmio_read16(&pm->control_a, PM1_CNT));
    return -RF_ETIMEDOUT;
}

static void write_control(const struct mmio *control, uint8_t slp_typ, uint16_t slp_en)
{
    uint16_t rest;

    if (control->size == 0)
        return;
    rest = (uint16_t)(mmio_read16(control, PM1_CNT) & ~(SLP_TYP | SLP_EN));
    mmio_write16(control, PM1_CNT, (uint16_t)(rest | FIELD_PREP(SLP_TYP, slp_typ) | slp_en));
}

int acpi_pm_off(const struct acpi_pm *pm)
{
    int err = enter_acpi_mode(pm);

    if (err)
        return err;
    write_control(&pm->control_a, pm->slp_typ_a, 0);
    write_control(&pm->control_b, pm->slp_typ_b, 0);
    write_control(&pm->control_a, pm->slp_typ_a, SLP_EN);
    write_control(&pm->control_b, pm->slp_typ_b, SLP_EN);
    clock_delay_us(OFF_US);
    log_err("PM1_CNT: SLP_TYP %u did not switch the machine off", pm->slp_typ_a);
    return -RF_ETIMEDOUT;
}
