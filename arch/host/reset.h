/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_HOST_RESET_H
#define RF_HOST_RESET_H

#include <stdint.h>

/* The parts of host_reset(). */
void host_park_reset(void);
void host_clock_reset(void);
void host_cpu_reset(void);
void host_user_reset(void);
void host_mmu_reset(void);

/* Nothing answers at this address. Returns when nobody wants to know (cpu_on_bus_error). */
void host_bus_error(uint64_t addr);

/* Ends the test with a message on standard error. */
_Noreturn void host_abort(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
