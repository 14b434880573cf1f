/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_USER_H
#define RF_AARCH64_USER_H

#include <stdint.h>

/* vectors.S knows the offsets (layout.h): while the workload runs, SP_EL1 points here. The thread
 * pointer and the floating-point registers stay in the CPU, which nothing else uses. */
struct user_regs {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;
    uint64_t kernel_sp; /* vectors.S: what to go back to ... */
    uint64_t call;      /* ... and who takes system calls */
} __attribute__((aligned(16)));

static inline uint64_t user_syscall_nr(const struct user_regs *r)
{
    return r->x[8];
}

static inline const uint64_t *user_args(const struct user_regs *r)
{
    return r->x;
}

static inline void user_set_result(struct user_regs *r, int64_t value)
{
    r->x[0] = (uint64_t)value;
}

#define USER_CONTEXT_SIZE 4384

#define USER_ELF_MACHINE 183 /* EM_AARCH64 */

#endif
