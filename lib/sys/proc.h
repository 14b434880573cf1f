/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_PROC_H
#define RF_SYS_PROC_H

#include "arch/user.h"

/* The one process: what its system calls and its end have to know of it. */

#define PROC_PID 1

/* A new one; name is its argv[0], which stays valid, or NULL. */
void proc_start(const char *name);

/* Ends it; it does not run again, and the first end counts. */
void proc_exit(int status);                  /* status 0..255 */
void proc_kill(int signal, const char *why); /* status 128 + signal; prints why */

/* Has it ended, and how? */
bool proc_ended(int *status);

/* Between two instructions of the program there is something to do: it ended, or has a signal. */
extern bool proc_to_look_at;

struct user_regs *proc_regs(void);

const char *proc_name(void); /* argv[0]; never NULL */

#endif
