/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_HOST_USER_H
#define RF_HOST_USER_H

#include <stdint.h>

/* What a test's workload has for registers. */
struct user_regs {
    uint64_t nr;
    uint64_t arg[6];
    int64_t result;
    uint64_t pc;
    uint64_t sp;
};

static inline uint64_t user_syscall_nr(const struct user_regs *r)
{
    return r->nr;
}

static inline const uint64_t *user_args(const struct user_regs *r)
{
    return r->arg;
}

static inline void user_set_result(struct user_regs *r, int64_t value)
{
    r->result = value;
}

#define USER_CONTEXT_SIZE sizeof(struct user_regs)

#define USER_ELF_MACHINE 183 /* what the tests' programs are for */

#endif
