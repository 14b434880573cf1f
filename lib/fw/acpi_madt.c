/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include "lib/base/err.h"

/* MADT (5.2.12), and the x86 part of it: local and I/O APICs, ISA interrupts. */

#define LAPIC_AT    36u
#define FLAGS_AT    40u
#define ENTRIES_AT  44u
#define PCAT_COMPAT 1u

#define CPU_ENABLED 1u

#define IOAPIC_SIZE 0x1000u

/* MPS INTI flags (5.2.12.5): polarity 1:0, trigger mode 3:2; 3 is low or level. On ISA "as the bus
 * has it" is active high and edge. */
#define INTI_POLARITY   3u
#define INTI_ACTIVE_LOW 3u
#define INTI_TRIGGER    (3u << 2)
#define INTI_LEVEL      (3u << 2)

static int visit_lapic(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    ((struct acpi_madt *)ctx)->has_lapic = true;
    w->hw->cpu_count += (acpi_u32(s, 4) & CPU_ENABLED) != 0;
    return 0;
}

static int visit_x2apic(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    ((struct acpi_madt *)ctx)->has_lapic = true;
    w->hw->cpu_count += (acpi_u32(s, 8) & CPU_ENABLED) != 0;
    return 0;
}

static int visit_lapic_address(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    (void)w;
    ((struct acpi_madt *)ctx)->lapic = acpi_u64(s, 4);
    return 0;
}

static int visit_ioapic(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct hwdesc *hw = w->hw;
    struct hw_ioapic a = {.id = acpi_u8(s, 2), .gsi_base = acpi_u32(s, 8)};
    int err = acpi_registers(w, s, acpi_u32(s, 4), IOAPIC_SIZE, 0x400, "I/O APIC", &a.regs);

    (void)ctx;
    if (err)
        return err;
    if (hw->ioapic_count == HW_IOAPICS)
        return acpi_refuse(w, s, -RF_ENOSPC, "more than %u I/O APICs", HW_IOAPICS);
    for (unsigned i = 0; i < hw->ioapic_count; i++) {
        if (hw->ioapic[i].gsi_base == a.gsi_base)
            return acpi_refuse(w, s, -RF_EINVAL, "I/O APICs %u and %u both begin with GSI %u",
                               hw->ioapic[i].id, a.id, a.gsi_base);
    }
    hw->ioapic[hw->ioapic_count++] = a;
    return 0;
}

static int visit_override(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct hwdesc *hw = w->hw;
    const uint16_t flags = acpi_u16(s, 8);

    (void)ctx;
    if (hw->override_count == HW_OVERRIDES)
        return acpi_refuse(w, s, -RF_ENOSPC, "more than %u interrupt source overrides",
                           HW_OVERRIDES);
    hw->override[hw->override_count++] = (struct hw_irq_override){
        .irq = acpi_u8(s, 3),
        .gsi = acpi_u32(s, 4),
        .level = (flags & INTI_TRIGGER) == INTI_LEVEL,
        .active_low = (flags & INTI_POLARITY) == INTI_ACTIVE_LOW,
    };
    return 0;
}

static const struct acpi_kind kinds[] = {
    {0, 8, "Local APIC", visit_lapic},
    {1, 12, "I/O APIC", visit_ioapic},
    {2, 10, "Interrupt Source Override", visit_override},
    {5, 12, "Local APIC Address Override", visit_lapic_address},
    {9, 16, "Local x2APIC", visit_x2apic},
    {11, 40, "GIC CPU Interface", acpi_gicc},
    {12, 24, "GIC Distributor", acpi_gicd},
    {13, 24, "GIC MSI Frame", acpi_gic_msi},
    {14, 16, "GIC Redistributor", acpi_gicr},
    {15, 20, "GIC ITS", acpi_gic_its},
};
static const struct acpi_list list = {1, 1, 1, ARRAY_SIZE(kinds), kinds};

/* MSIs are writes to the local APICs. */
static int add_lapic(struct acpi_walk *w, struct acpi_span all, uint64_t base)
{
    struct hwdesc *hw = w->hw;
    const struct hw_msi_frame msi = {
        .kind = HW_MSI_LAPIC,
        .name = acpi_name(w, all, "lapic@%lx", base),
        .regs = {HW_X86_MSI_FIRST, HW_X86_MSI_LAST},
    };
    int err = acpi_registers(w, all, base, PAGE_SIZE, PAGE_SIZE, "local APIC", &hw->lapic);

    if (err)
        return err;
    if (!msi.name)
        return -RF_ENOSPC;
    hw->msi[hw->msi_count++] = msi;
    return 0;
}

int acpi_madt(struct acpi_walk *w, const struct acpi_table *t)
{
    const struct acpi_span all = acpi_whole(t);
    struct acpi_madt madt = {.lapic = acpi_u32(all, LAPIC_AT)};
    int err = acpi_each(w, acpi_rest(all, ENTRIES_AT), &list, &madt);

    if (err || (err = acpi_gic_finish(w, &madt.gic)) || !madt.has_lapic)
        return err;
    w->hw->has_8259 = (acpi_u32(all, FLAGS_AT) & PCAT_COMPAT) != 0;
    return add_lapic(w, all, madt.lapic);
}
