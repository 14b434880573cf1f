/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/power.h"
#include "boards/machine.h"

static struct machine machine;

_Noreturn void kmain(const struct bootinfo *info)
{
    struct machine *m = &machine;

    m->boot = info;
    bus_errors_explain(m);
    memory_start_early(m);
    firmware_choose(m);
    console_start(m);
    firmware_read(m);
    memory_start(m);
    dma_deny(m); /* before PCI is looked at: no device may master the bus while it is open */
    interrupts_start(m);
    devices_find(m);
    devices_prove(m);
    devices_offer(m);
    vfs_start(m);
    report_print(m);
    power_off(workload_run(m));
}
