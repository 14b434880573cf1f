/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"
#include "arch/mmu.h"
#include "boards/machine.h"
#include "drivers/iommu/smmuv3/smmuv3.h"
#include "drivers/irq/gicv2.h"
#include "drivers/irq/gicv2m.h"
#include "lib/base/log.h"
#include "lib/irq/irq.h"

static struct mmio map_or_stop(struct range r, const char *what)
{
    struct mmio regs;

    if (mmu_map_device(PADDR(r.start), range_size(r), &regs))
        stop("cannot map the registers of %s at 0x%lx", what, r.start);
    return regs;
}

static void start_gic(const struct hw_gic *hw)
{
    struct mmio dist, cpu;

    if (hw->version != 2)
        stop("the interrupt controller is no GICv2, which is all this version drives: on QEMU's "
             "virt machine use gic-version=2");
    dist = map_or_stop(hw->dist, "the GIC distributor");
    cpu = map_or_stop(hw->cpu, "the GIC CPU interface");
    if (gicv2_init(&dist, &cpu))
        stop("the GIC at 0x%lx does not answer as a GICv2", hw->dist.start);
}

static void on_timer(uint32_t id, void *arg)
{
    (void)id;
    (void)arg;
    clock_set_wakeup(UINT64_MAX);
}

static void listen(const struct hw_irq *irq, irq_handler_t fn, void *arg, const char *name)
{
    if (irq->id == 0)
        return;
    if (irq_request(irq->id, irq->edge ? IRQ_EDGE : IRQ_LEVEL, fn, arg, name))
        log_warn("interrupt %u of %s cannot be used: events are read when the workload waits",
                 irq->id, name);
    else
        irq_enable(irq->id);
}

static void listen_to_iommu(const struct hw_iommu *hw, struct iommu_unit *unit)
{
    listen(&hw->eventq, smmuv3_irq_eventq, unit, hw->name);
    listen(&hw->gerror, smmuv3_irq_gerror, unit, hw->name);
    listen(&hw->combined, smmuv3_irq_eventq, unit, hw->name); /* draining looks at both */
}

static void start_msi(struct machine *m)
{
    for (unsigned i = 0; i < m->hw.msi_count; i++) {
        const struct hw_msi_frame *hw = &m->hw.msi[i];
        struct gicv2m_config cfg = {
            .regs = map_or_stop(hw->regs, hw->name),
            .base = PADDR(hw->regs.start),
            .name = hw->name,
            .spi_base = hw->spi_base,
            .spi_count = hw->spi_count,
            .alone_lg2 = hw->alone_lg2,
        };

        if (gicv2m_create(&cfg, &m->msi[i]))
            log_warn("%s is not usable: devices that need it have no interrupts", hw->name);
    }
}

void interrupts_start(struct machine *m)
{
    struct hw_irq timer = {m->hw.timer_irq, false};

    start_gic(&m->hw.gic);
    if (timer.id == 0)
        stop("the device tree has no arm,armv8-timer with a virtual timer interrupt");
    listen(&timer, on_timer, NULL, "timer");
    for (unsigned i = 0; i < m->hw.iommu_count; i++)
        if (m->unit[i])
            listen_to_iommu(&m->hw.iommu[i], m->unit[i]);
    start_msi(m);
}
