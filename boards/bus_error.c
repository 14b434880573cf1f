/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/cpu.h"
#include "boards/driver.h"

static const struct machine *machine;

static const char *node_at(const struct hwdesc *hw, uint64_t at)
{
    if (rammap_contains(&hw->ram, (struct range){at, at}))
        return "memory";
    for (unsigned i = 0; i < hw->region_count; i++)
        if (range_has(hw->region[i].r, at))
            return hw->region[i].name;
    return NULL;
}

static void explain(paddr_t at)
{
    const char *node = node_at(&machine->hw, at.v);

    console_fall_back();
    if (node)
        stop("nothing answers at 0x%lx, where the %s has %s: correct its place", at.v,
             machine->firmware->name, node);
    stop("nothing answers at 0x%lx: correct the %s", at.v, machine->firmware->name);
}

void bus_errors_explain(const struct machine *m)
{
    machine = m;
    cpu_on_bus_error(explain);
}
