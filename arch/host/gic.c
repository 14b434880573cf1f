/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/gic.h"

#include "arch/host/reset.h"

/* The host's CPU has no registers of a GICv3. */
bool gic_cpu_start(void)
{
    return false;
}

uint64_t gic_cpu_affinity(void)
{
    return 0;
}

uint64_t gic_cpu_acknowledge(void)
{
    host_abort("a register of GICv3 is read, which this CPU does not have");
}

void gic_cpu_end(uint32_t id)
{
    host_abort("the end of interrupt %u is written to a register that this CPU does not have", id);
}

uint64_t gic_cpu_read(enum gic_register r)
{
    host_abort("register %d of GICv3 is read, which this CPU does not have", (int)r);
}

void gic_cpu_write(enum gic_register r, uint64_t v)
{
    host_abort("0x%lx is written to register %d of GICv3, which this CPU does not have", v, (int)r);
}
