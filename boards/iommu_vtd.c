/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/apic.h"
#include "boards/driver.h"
#include "drivers/iommu/vtd/vtd.h"
#include "lib/base/log.h"

/* As firmware left it; else as x2APIC where all interrupts go through units that know its ids. */
bool apic_uses_x2apic(const struct machine *m)
{
    unsigned units = 0;

    if (apic_is_x2apic() || !apic_has_x2apic())
        return apic_is_x2apic();
    for (unsigned i = 0; i < m->hw.iommu_count; i++) {
        const struct hw_iommu *hw = &m->hw.iommu[i];
        struct mmio regs;

        if (hw->kind != HW_VTD || hw->disabled)
            continue;
        regs = map_or_stop(hw->regs, hw->name);
        if (!vtd_takes_x2apic(&regs))
            return false;
        units++;
    }
    return units != 0 && m->hw.dmar.intr_remap && !m->hw.dmar.x2apic_opt_out;
}

static int create(const struct machine *m, const struct hw_iommu *hw, const struct mmio *regs,
                  struct iommu_unit **out)
{
    const struct vtd_config cfg = {
        .name = hw->name,
        .regs = *regs,
        .haw = (uint8_t)m->hw.dmar.address_bits,
        .intr_remap = m->hw.dmar.intr_remap,
        .x2apic = apic_uses_x2apic(m),
    };

    return vtd_create(&cfg, out);
}

/* The unit reports faults by an MSI of its own, which is never remapped (VT-d 5.1.6). */
static void listen(const struct machine *m, unsigned i)
{
    struct msi_controller *c = m->hw.msi_count ? m->msi[0] : NULL;
    struct iommu_unit *unit = m->unit[i];
    uint32_t irq;

    if (!c || c->ops->alloc(c, 1, &irq)) {
        log_warn("%s has no interrupt: faults are read when the workload waits", unit->name);
        return;
    }
    interrupts_listen(&(struct hw_irq){irq, true}, vtd_irq_fault, unit, unit->name);
    vtd_set_fault_message(unit, c->ops->message(c, irq));
}

static void stats(const struct iommu_unit *unit, struct unit_stats *out)
{
    struct vtd_stats s;

    vtd_get_stats(unit, &s);
    *out = (struct unit_stats){s.descriptors, s.waits, s.faults};
}

const struct iommu_driver iommu_vtd = {
    .kind = HW_VTD,
    .name = "vtd",
    .create = create,
    .listen = listen,
    .describe = vtd_describe,
    .stats = stats,
};
