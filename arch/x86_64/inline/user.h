/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_USER_H
#define RF_X86_64_USER_H

#include <stdint.h>

/* The registers at an exception, interrupt or system call. The CPU pushes the last five and perhaps
 * the error code, vectors.S the others: of the workload, straight into its struct user_regs; of the
 * kernel, on its stack. vectors.S knows the offsets (layout.h). Segment bases and floating-point
 * registers stay in the CPU, which nothing else uses. */
struct user_regs {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, rcx, rax;
    union {
        struct {
            uint64_t rdi, rsi, rdx, r10, r8, r9;
        };
        uint64_t arg[6]; /* of a system call */
    };
    uint64_t vector;
    uint64_t error;
    uint64_t rip, cs, rflags, rsp, ss;
} __attribute__((aligned(16)));

static inline uint64_t user_syscall_nr(const struct user_regs *r)
{
    return r->rax;
}

static inline const uint64_t *user_args(const struct user_regs *r)
{
    return r->arg;
}

static inline void user_set_result(struct user_regs *r, int64_t value)
{
    r->rax = (uint64_t)value;
}

#define USER_CONTEXT_SIZE 776

#define USER_ELF_MACHINE 62 /* EM_X86_64 */

#endif
