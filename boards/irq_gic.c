/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"
#include "arch/gic.h"
#include "boards/driver.h"
#include "drivers/irq/gicv2.h"
#include "drivers/irq/gicv2m.h"
#include "drivers/irq/gicv3/gicv3.h"
#include "drivers/irq/its/its.h"
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

static int start_v2(const struct hw_gic *hw)
{
    struct mmio dist = map_or_stop(hw->dist, "the GIC distributor");
    struct mmio cpu = map_or_stop(hw->cpu, "the GIC CPU interface");

    return gicv2_init(&dist, &cpu);
}

static int start_v3(const struct hw_gic *hw)
{
    static struct gicv3_region region[HW_REDISTS]; /* too large for the stack */
    const struct gicv3_config cfg = {
        .dist = map_or_stop(hw->dist, "the GIC distributor"),
        .region = region,
        .region_count = hw->redist_count,
        .cpu = {gic_cpu_acknowledge, gic_cpu_end, gic_cpu_read, gic_cpu_write, gic_cpu_affinity()},
        .noncoherent = hw->noncoherent,
    };

    for (unsigned i = 0; i < hw->redist_count; i++) {
        region[i].regs = map_or_stop(hw->redist[i], "the GIC redistributors");
        region[i].base = PADDR(hw->redist[i].start);
    }
    if (!gic_cpu_start())
        stop("the CPU's registers for the GIC cannot be used: it has none, or firmware does not "
             "allow them (ICC_SRE_EL3, ICC_SRE_EL2)");
    return gicv3_init(&cfg);
}

static uint32_t start(const struct machine *m)
{
    const struct hw_gic *hw = &m->hw.gic;

    if (hw->version == 0)
        stop("firmware describes no interrupt controller: a GICv2 or GICv3 is needed");
    if (hw->version == 2 ? start_v2(hw) : start_v3(hw))
        stop("the GIC at 0x%lx does not answer as a GICv%u", hw->dist.start, hw->version);
    if (m->hw.timer_irq == 0 || m->hw.timer_irq >= irq_chip()->count)
        stop("firmware describes no timer with a virtual timer interrupt");
    check_timer(m->hw.timer_irq);
    return m->hw.timer_irq;
}

static struct msi_controller *create_v2m(const struct hw_msi_frame *hw)
{
    struct msi_controller *c = NULL;
    const struct gicv2m_config cfg = {
        .regs = map_or_stop(hw->regs, hw->name),
        .base = PADDR(hw->regs.start),
        .name = hw->name,
        .spi_base = hw->spi_base,
        .spi_count = hw->spi_count,
        .alone_lg2 = hw->alone_lg2,
    };

    return gicv2m_create(&cfg, &c) ? NULL : c;
}

static struct msi_controller *create_its(const struct hw_msi_frame *hw)
{
    struct msi_controller *c = NULL;
    const struct its_config cfg = {
        .regs = map_or_stop(hw->regs, hw->name),
        .base = PADDR(hw->regs.start),
        .name = hw->name,
        .alone_lg2 = hw->alone_lg2,
        .noncoherent = hw->noncoherent,
    };

    return its_create(&cfg, &c) ? NULL : c;
}

static struct msi_controller *create_msi(const struct machine *m, unsigned i)
{
    const struct hw_msi_frame *hw = &m->hw.msi[i];

    return hw->kind == HW_MSI_ITS ? create_its(hw) : create_v2m(hw);
}

const struct irq_driver irq_gic = {
    .start = start,
    .create_msi = create_msi,
};
