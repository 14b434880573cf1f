/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_SYSCALL_H
#define RF_SYS_SYSCALL_H

#include "arch/user.h"
#include "lib/sys/abi.h"

/* Prepares the calls of an ABI. */
void syscall_init(const struct sys_abi *a);

/* One call: its result, or -RF_ENOSYS for a number that is not known, which is logged once. */
int64_t syscall_do(uint64_t nr, const uint64_t *a);

/* The call in r, its result in r, for user_run(). */
enum user_answer syscall_user(struct user_regs *r);

/* The last call, for the report of a program that died; call NULL: there was none. */
struct syscall_record {
    const struct sys_call *call;
    uint64_t args[6];
    int64_t result;
};
const struct syscall_record *syscall_last(void);

#endif
