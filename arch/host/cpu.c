/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/cpu.h"

#include <stdio.h>

#include "arch/clock.h"
#include "arch/host/host.h"
#include "arch/host/reset.h"

#define PA_BITS 44

static void (*idle)(void *ctx);
static void *idle_ctx;
static void (*on_bus_error)(paddr_t at);

void host_cpu_reset(void)
{
    idle = NULL;
    on_bus_error = NULL;
}

void host_idle_hook(void (*fn)(void *ctx), void *ctx)
{
    idle = fn;
    idle_ctx = ctx;
}

void cpu_idle(void)
{
    uint64_t wakeup = host_clock_wakeup();

    if (idle != NULL)
        idle(idle_ctx);
    else if (wakeup == UINT64_MAX)
        host_abort("cpu_idle: nothing will ever end it");
    else if (wakeup > clock_now_ns())
        host_clock_advance(wakeup - clock_now_ns());
}

void cpu_sleep_until(uint64_t ns)
{
    if (ns > clock_now_ns())
        host_clock_advance(ns - clock_now_ns());
}

void cpu_on_bus_error(void (*fn)(paddr_t at))
{
    on_bus_error = fn;
}

void host_bus_error(uint64_t addr)
{
    if (on_bus_error != NULL)
        on_bus_error(PADDR(addr));
}

uint64_t cpu_idle_ns(void)
{
    return 0;
}

void cpu_describe(char *text, size_t n)
{
    snprintf(text, n, "host");
}

int cpu_check(void)
{
    return 0;
}

unsigned cpu_pa_bits(void)
{
    return PA_BITS;
}
