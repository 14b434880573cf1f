/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/host/host.h"

#include "arch/host/reset.h"

void host_reset(void)
{
    host_arena_fini();
    host_mmio_reset();
    host_park_reset();
    host_clock_reset();
    host_cpu_reset();
    host_user_reset();
    host_mmu_reset();
}
