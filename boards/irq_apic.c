/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/apic.h"
#include "arch/mmu.h"
#include "boards/driver.h"
#include "drivers/irq/i8259.h"
#include "drivers/irq/lapic.h"

/* Ports of the two 8259A, and where their vectors go: nobody requests them. */
#define PRIMARY_PORT   0x20
#define SECONDARY_PORT 0xa0
#define PORTS          2
#define PIC_VECTOR     0xf0

static void mask_8259(void)
{
    struct mmio primary, secondary;

    if (mmu_map_ports(PRIMARY_PORT, PORTS, &primary) == 0 &&
        mmu_map_ports(SECONDARY_PORT, PORTS, &secondary) == 0)
        i8259_mask(&primary, &secondary, PIC_VECTOR);
}

static uint32_t start(const struct machine *m)
{
    static const struct lapic apic = {apic_read, apic_write, apic_take};

    (void)m;
    mask_8259();
    if (apic_start())
        stop("the CPU has no local APIC that can be used, or its timer stands still");
    lapic_init(&apic);
    return APIC_VECTOR_TIMER;
}

static struct msi_controller *create_msi(const struct machine *m, unsigned i)
{
    struct msi_controller *c = NULL;
    int err =
        lapic_msi_create(m->hw.msi[i].name, apic_id(), APIC_VECTOR_FREE, APIC_VECTOR_FREE_LAST, &c);

    return err ? NULL : c;
}

const struct irq_driver irq_apic = {
    .msi_name = "lapic",
    .start = start,
    .create_msi = create_msi,
};
