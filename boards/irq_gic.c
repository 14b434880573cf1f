/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"
#include "boards/driver.h"
#include "drivers/irq/gicv2.h"
#include "drivers/irq/gicv2m.h"
#include "lib/base/log.h"

#define TIMER_US 10000 /* from the moment that the timer is due, ample */

/* A timer whose interrupt has another number would leave the machine asleep for ever. */
static void check_timer(uint32_t id)
{
    const struct irq_chip *chip = irq_chip();
    deadline_t end = deadline_in_us(TIMER_US);

    clock_set_wakeup(clock_now_ns());
    while (!chip->is_pending(id)) {
        if (deadline_passed(end))
            stop("the timer does not raise interrupt %u, which the device tree gives it: correct "
                 "its interrupts",
                 id);
        clock_relax();
    }
    clock_set_wakeup(UINT64_MAX);
}

static uint32_t start(const struct machine *m)
{
    const struct hw_gic *hw = &m->hw.gic;
    struct mmio dist, cpu;

    if (hw->version == 0)
        stop("the device tree describes no interrupt controller: a GICv2 is needed");
    if (hw->version != 2)
        stop("the interrupt controller is no GICv2, which is all this version drives: on QEMU's "
             "virt machine use gic-version=2");
    dist = map_or_stop(hw->dist, "the GIC distributor");
    cpu = map_or_stop(hw->cpu, "the GIC CPU interface");
    if (gicv2_init(&dist, &cpu))
        stop("the GIC at 0x%lx does not answer as a GICv2", hw->dist.start);
    if (m->hw.timer_irq == 0 || m->hw.timer_irq >= irq_chip()->count)
        stop("the device tree has no arm,armv8-timer with a virtual timer interrupt");
    check_timer(m->hw.timer_irq);
    return m->hw.timer_irq;
}

static struct msi_controller *create_msi(const struct machine *m, unsigned i)
{
    const struct hw_msi_frame *hw = &m->hw.msi[i];
    struct msi_controller *c = NULL;

    if (hw->kind != HW_MSI_V2M)
        return NULL;
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
