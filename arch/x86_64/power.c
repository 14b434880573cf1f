/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/power.h"

#include "arch/clock.h"
#include "arch/mmio.h"
#include "lib/base/log.h"

/* QEMU's isa-debug-exit: the emulator ends with twice the value, plus 1. */
static const struct mmio debug_exit = {0xf4, 4};
#define DEBUG_EXIT REG32(0)
#define EXIT_US    1000000 /* the emulator lets the CPU run on for a moment */

static enum power_method method = POWER_HALT;
static void (*last_resort)(void);

void power_set_method(enum power_method m)
{
    method = m;
}

void power_set_last_resort(void (*off)(void))
{
    last_resort = off;
}

void power_off(int status)
{
    if (method == POWER_DEBUG_EXIT) {
        mmio_write32(&debug_exit, DEBUG_EXIT, (uint32_t)status);
        clock_delay_us(EXIT_US);
    }
    if (last_resort)
        last_resort();
    log_err("halted with status %d: there is no way to switch this machine off", status);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}
