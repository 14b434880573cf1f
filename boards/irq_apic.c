/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/apic.h"
#include "arch/mmu.h"
#include "boards/driver.h"
#include "drivers/irq/i8259.h"
#include "drivers/irq/ioapic.h"
#include "drivers/irq/lapic.h"
#include "lib/base/strbuf.h"

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

static struct ioapic_pins ioapic_pins; /* of all of them */

static void mask_ioapic(const struct machine *m, unsigned i)
{
    const struct hw_ioapic *hw = &m->hw.ioapic[i];
    struct mmio regs = map_or_stop(hw->regs, "I/O APIC");
    struct ioapic_pins pins;

    if (ioapic_mask(&regs, &pins))
        stop("I/O APIC %u, which the MADT has at 0x%lx, cannot be silenced, see above: correct the "
             "table",
             hw->id, hw->regs.start);
    ioapic_pins.count += pins.count;
    ioapic_pins.were_open += pins.were_open;
}

static uint32_t start(const struct machine *m)
{
    static const struct lapic apic = {apic_take, apic_end};

    mask_8259();
    for (unsigned i = 0; i < m->hw.ioapic_count; i++)
        mask_ioapic(m, i);
    if (apic_start(apic_uses_x2apic(m)))
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

static void describe(const struct machine *m, char *text, size_t n)
{
    struct strbuf b;

    strbuf_init(&b, text, n);
    apic_describe(&b);
    strbuf_printf(&b, "; I/O APICs: %u, all %u pins masked", m->hw.ioapic_count, ioapic_pins.count);
    if (ioapic_pins.were_open)
        strbuf_printf(&b, ", %u of them left open by firmware", ioapic_pins.were_open);
}

const struct irq_driver irq_apic = {
    .start = start,
    .describe = describe,
    .create_msi = create_msi,
};
