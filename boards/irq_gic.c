/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/driver.h"
#include "drivers/irq/gicv2.h"
#include "drivers/irq/gicv2m.h"
#include "lib/base/log.h"

static uint32_t start(const struct machine *m)
{
    const struct hw_gic *hw = &m->hw.gic;
    struct mmio dist, cpu;

    if (hw->version != 2)
        stop("the interrupt controller is no GICv2, which is all this version drives: on QEMU's "
             "virt machine use gic-version=2");
    dist = map_or_stop(hw->dist, "the GIC distributor");
    cpu = map_or_stop(hw->cpu, "the GIC CPU interface");
    if (gicv2_init(&dist, &cpu))
        stop("the GIC at 0x%lx does not answer as a GICv2", hw->dist.start);
    if (m->hw.timer_irq == 0)
        stop("the device tree has no arm,armv8-timer with a virtual timer interrupt");
    return m->hw.timer_irq;
}

static struct msi_controller *create_msi(const struct machine *m, unsigned i)
{
    const struct hw_msi_frame *hw = &m->hw.msi[i];
    struct msi_controller *c = NULL;
    struct gicv2m_config cfg = {
        .regs = map_or_stop(hw->regs, hw->name),
        .base = PADDR(hw->regs.start),
        .name = hw->name,
        .spi_base = hw->spi_base,
        .spi_count = hw->spi_count,
        .alone_lg2 = hw->alone_lg2,
    };

    return gicv2m_create(&cfg, &c) ? NULL : c;
}

const struct irq_driver irq_gic = {
    .msi_name = "gicv2m",
    .start = start,
    .create_msi = create_msi,
};
