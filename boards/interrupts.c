/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"
#include "arch/mmu.h"
#include "boards/board.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"
#include "lib/irq/irq.h"

struct mmio map_or_stop(struct range r, const char *what)
{
    struct mmio regs;

    if (mmu_map_device(PADDR(r.start), range_size(r), &regs))
        stop("cannot map the registers of %s at 0x%lx: memory is there, or it is beyond the CPU's "
             "physical addresses; correct its place",
             what, r.start);
    return regs;
}

static void on_timer(uint32_t id, void *arg)
{
    (void)id;
    (void)arg;
    clock_set_wakeup(UINT64_MAX);
}

void interrupts_listen(const struct hw_irq *irq, irq_handler_t fn, void *arg, const char *name)
{
    if (irq->id == 0)
        return;
    if (irq_request(irq->id, irq->edge ? IRQ_EDGE : IRQ_LEVEL, fn, arg, name))
        log_warn("interrupt %u of %s cannot be used: events are read when the workload waits",
                 irq->id, name);
    else
        irq_enable(irq->id);
}

static void start_msi(struct machine *m)
{
    for (unsigned i = 0; i < m->hw.msi_count; i++) {
        m->msi[i] = board.irq->create_msi(m, i);
        if (!m->msi[i])
            log_warn("%s is not usable: devices that need it have no interrupts",
                     m->hw.msi[i].name);
    }
}

void interrupts_start(struct machine *m)
{
    struct hw_irq timer = {board.irq->start(m), false};

    interrupts_listen(&timer, on_timer, NULL, "timer");
    wait_may_sleep();
    start_msi(m);
    for (unsigned i = 0; i < m->hw.iommu_count; i++)
        if (m->unit[i])
            m->driver[i]->listen(m, i);
}
