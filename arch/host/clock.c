/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"

#include "arch/host/host.h"
#include "arch/host/reset.h"

#define START_NS UINT64_C(1000000000)
#define RELAX_NS 1000

static uint64_t now = START_NS;
static uint64_t wakeup = UINT64_MAX;
static void (*tick)(void *ctx);
static void *tick_ctx;

void host_clock_reset(void)
{
    now = START_NS;
    wakeup = UINT64_MAX;
    tick = NULL;
}

void host_clock_hook(void (*fn)(void *ctx), void *ctx)
{
    tick = fn;
    tick_ctx = ctx;
}

void host_clock_advance(uint64_t ns)
{
    now += ns;
    if (tick != NULL)
        tick(tick_ctx);
}

uint64_t host_clock_wakeup(void)
{
    return wakeup;
}

uint64_t clock_now_ns(void)
{
    return now;
}

void clock_relax(void)
{
    host_clock_advance(RELAX_NS);
}

void clock_delay_us(uint64_t us)
{
    host_clock_advance(us * 1000);
}

void clock_set_wakeup(uint64_t ns)
{
    wakeup = ns;
}
