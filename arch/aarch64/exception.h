/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_EXCEPTION_H
#define RF_AARCH64_EXCEPTION_H

#include "lib/base/types.h"

/* The kernel's registers at an exception of its own; vectors.S knows the offsets (layout.h). */
struct kernel_regs {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;
    uint64_t esr;
    uint64_t far;
    uint64_t vector; /* VECTOR_* */
};

/* Returns with ELR_EL1 at mmio_try_refused when a device refused an access of mmio_try.S. Anything
 * else is reported, and the machine left with status 70. Runs on its own stack. */
void exception_handle(const struct kernel_regs *r);

/* Logs x0 to x30, four a line. */
void exception_dump_x(const uint64_t x[31]);

#endif
