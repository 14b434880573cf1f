/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_CLOCK_H
#define RF_ARCH_CLOCK_H

#include "lib/base/types.h"

/* Monotonic nanoseconds since some moment before kmain. On the host a virtual clock, which each
 * clock_relax() moves forward, so that every time-out branch can be tested. */
uint64_t clock_now_ns(void);

/* A moment that a bounded wait may not pass. */
typedef struct {
    uint64_t ns;
} deadline_t;

static inline deadline_t deadline_in_us(uint64_t us)
{
    return (deadline_t){clock_now_ns() + us * 1000};
}

static inline bool deadline_passed(deadline_t d)
{
    return clock_now_ns() >= d.ns;
}

/* In the body of a polling loop. */
void clock_relax(void);

/* At least that long, polling: for short delays, and before there are interrupts. Else
 * lib/base/wait.h has wait_us(). */
void clock_delay_us(uint64_t us);

/* Wakes cpu_idle() at `ns` of clock_now_ns(), by the timer interrupt; UINT64_MAX: never. */
void clock_set_wakeup(uint64_t ns);

#endif
