/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_REPORT_H
#define RF_SYS_REPORT_H

#include "arch/user.h"

/* What the program did wrong, where, and in which state: one report, when it dies. bias is what was
 * added to its file's addresses. */
void report_fault(const struct user_regs *r, const struct user_trap *t, int signal, uint64_t bias);

#endif
