/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_EXCEPTION_H
#define RF_X86_64_EXCEPTION_H

#include "arch/user.h"

/* Reports what happened in the kernel (r: vectors.S) and leaves the machine with status 70. */
_Noreturn void exception_report(const struct user_regs *r);

/* Logs the general registers, four a line. */
void exception_dump_registers(const struct user_regs *r);

#endif
