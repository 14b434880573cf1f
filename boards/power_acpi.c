/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmu.h"
#include "arch/power.h"
#include "boards/driver.h"
#include "drivers/power/acpi_pm.h"

#define CONTROL_BYTES 2
#define COMMAND_BYTES 1

static struct acpi_pm pm;

static void switch_off(void)
{
    (void)acpi_pm_off(&pm);
}

static bool map_ports(uint64_t first, uint16_t count, struct mmio *out)
{
    return first <= UINT16_MAX && mmu_map_ports((uint16_t)first, count, out) == 0;
}

static bool map_control(const struct hw_register *r, struct mmio *out)
{
    switch (r->space) {
    case HW_REG_PORT:
        return map_ports(r->address, CONTROL_BYTES, out);
    case HW_REG_MEMORY:
        return mmu_map_device(PADDR(r->address), CONTROL_BYTES, out) == 0;
    default:
        return false;
    }
}

void power_by_acpi(const struct hw_acpi_power *p)
{
    pm = (struct acpi_pm){
        .slp_typ_a = p->slp_typ_a, .slp_typ_b = p->slp_typ_b, .acpi_enable = p->acpi_enable};
    if (!p->has_s5 || !map_control(&p->pm1a, &pm.control_a))
        return;
    if (p->pm1b.space != HW_REG_NONE && !map_control(&p->pm1b, &pm.control_b))
        return;
    if (p->smi_port != 0 && !map_ports(p->smi_port, COMMAND_BYTES, &pm.smi_command))
        return;
    power_set_last_resort(switch_off);
}
