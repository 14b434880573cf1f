/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_CPU_H
#define RF_ARCH_CPU_H

#include "lib/base/types.h"

/* The kernel runs with interrupts masked from its first instruction to its last: they are taken
 * where it asks for them, from the workload (user_run returns) or by irq_poll() after cpu_idle().
 * cpu_idle waits until an interrupt is pending, and does not handle it. */
void cpu_idle(void);

/* Halts until `ns` of clock_now_ns(). The timer's interrupt has to be enabled at the interrupt
 * controller; all others stay pending, as when the kernel did not halt. */
void cpu_sleep_until(uint64_t ns);

/* Nanoseconds spent in cpu_idle() so far: what is left of the clock is work. */
uint64_t cpu_idle_ns(void);

/* What the boot report says of the CPU: model, exception level at entry, features in use. */
void cpu_describe(char *text, size_t n);

/* What the kernel cannot do without and can still report. 0, or -RF_ENODEV after one logged line
 * that names it: a timer whose frequency firmware did not set. (A CPU without 4K pages cannot come
 * this far: start-up parks it at park_no_4k_granule.) */
int cpu_check(void);

/* What is called, instead of the report of a kernel exception, when the kernel touched a physical
 * address at which nothing answers: firmware described what is not there. It does not return. Only
 * an access that fails at once is told this way; a write that fails late is an exception. Never
 * called where the bus answers for everybody (x86: all ones). */
void cpu_on_bus_error(void (*fn)(paddr_t at));

/* Output address size of the CPU in bits (ID_AA64MMFR0_EL1.PARange). */
unsigned cpu_pa_bits(void);

#endif
