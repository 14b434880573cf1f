/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_CLOCK_H
#define RF_X86_64_CLOCK_H

#include "arch/clock.h"

/* Time begins here: the counter may have run before, in firmware. */
void clock_start(void);

/* Finds the frequency of the time-stamp counter: from CPUID, else against the PC's interval timer,
 * which takes 2 or 3 ms. Once, before the first use of the clock. */
void clock_calibrate(void);

/* 0: it could not be measured. */
uint64_t clock_tsc_hz(void);

/* value * to / from, without overflow for decades. */
uint64_t clock_scale(uint64_t value, uint64_t from, uint64_t to);

uint64_t clock_tsc(void);
uint64_t clock_tsc_at(uint64_t ns);       /* what it will be at `ns` of clock_now_ns() */
uint64_t clock_tsc_to_ns(uint64_t ticks); /* 0 where the frequency is not known */

#endif
