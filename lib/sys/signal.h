/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_SIGNAL_H
#define RF_SYS_SIGNAL_H

#include "arch/user.h"
#include "lib/sys/linux.h"

/* Signals have two sources: a fault of the program, and the program itself (kill, tgkill). */

void signal_reset(void);

/* Before the program runs again: goes back from a handler that is over, enters that of a signal
 * that waits, or ends the program. */
void signal_deliver(struct user_regs *r);

/* The program's instruction failed. True: a handler of it runs next. False: the program must end.
 */
bool signal_fault(struct user_regs *r, int sig, uint64_t address);

/* ---- signal_frame.c */
struct signal_info {
    int sig;
    int code;         /* LX_SI_* */
    uint64_t address; /* of a fault */
    uint64_t mask;    /* to be restored when the handler returns */
};

/* Writes the frame and turns r into the call of the handler. `stack` 0: the current one.
 * -RF_EFAULT: there is no room on it. */
int signal_push(struct user_regs *r, const struct lx_sigaction *action, uint64_t stack,
                const struct signal_info *info);

/* Goes back to what the frame at r's stack pointer says. -RF_EFAULT, -RF_EINVAL. */
int signal_pop(struct user_regs *r, uint64_t *mask);

#endif
