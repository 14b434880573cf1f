/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_USER_H
#define RF_ARCH_USER_H

#include "lib/base/types.h"

/* The workload's registers while it does not run, and USER_ELF_MACHINE, the e_machine of its
 * programs. Layout: arch/NAME/inline/user.h. The kernel does not touch floating-point registers, so
 * they stay in the CPU. */
#include "inline/user.h"

enum user_trap_kind {
    USER_SYSCALL, /* a system call was made, and more is to be done: USER_CALL_LOOK */
    USER_IRQ,     /* an interrupt is pending: call irq_poll() */
    USER_FAULT,   /* page fault: address, access, from the fields below */
    USER_ERROR,   /* anything else: undefined instruction, alignment, breakpoint, SError, ... */
};

struct user_trap {
    enum user_trap_kind kind;
    uint64_t address;  /* USER_FAULT; USER_ERROR: the address if there is one, else pc */
    bool write;        /* USER_FAULT */
    bool execute;      /* USER_FAULT */
    const char *what;  /* USER_FAULT, USER_ERROR: the cause in the architecture's words */
    uint64_t syndrome; /* raw, for the report */
    int signal;        /* what Linux would deliver: 11 SEGV, 4 ILL, 7 BUS, 5 TRAP, 8 FPE */
};

/* Fresh registers: everything 0 but pc and sp; unprivileged, floating point allowed and zero. */
void user_init(struct user_regs *r, uint64_t pc, uint64_t sp);

/* Makes a system call. While it runs, the registers that a C function preserves are still in the
 * CPU: of r it may use what the three inline functions use, and nothing else. */
enum user_answer {
    USER_CALL_DONE, /* the workload goes on at once */
    USER_CALL_LOOK, /* something else is to be done, perhaps with all registers: user_run() returns
                     */
};
typedef enum user_answer (*user_call_fn)(struct user_regs *r);

/* Runs the workload until it traps; the only way into unprivileged mode. Its system calls are made
 * by `call`. */
void user_run(struct user_regs *r, user_call_fn call, struct user_trap *out);

/* The system call that trapped (Linux's convention): number, arguments 0..5, and its result.
 * Inline, in arch/NAME/inline/user.h:
 *   uint64_t user_syscall_nr(const struct user_regs *r);
 *   const uint64_t *user_args(const struct user_regs *r);
 *   void user_set_result(struct user_regs *r, int64_t value); */

/* Thread pointer (TPIDR_EL0, FS base); an address of the workload. */
void user_set_tls(uint64_t value);
uint64_t user_tls(void);

uint64_t user_pc(const struct user_regs *r);
uint64_t user_sp(const struct user_regs *r);

/* Prints the registers, for the report of a workload that died. */
void user_dump(const struct user_regs *r);

/* What a signal handler interrupts and rt_sigreturn goes back to: the structure sigcontext of
 * Linux's ABI of this CPU, USER_CONTEXT_SIZE bytes, 16-byte aligned. Floating point is in it.
 * `uaddr` is where it is going to be for the workload. Loading takes any content: privilege and
 * masks are not among what it sets. -RF_EINVAL: not a context. */
void user_save_context(const struct user_regs *r, uint64_t fault_address, void *context,
                       uint64_t uaddr);
int user_load_context(struct user_regs *r, const void *context);

/* Turns r into the call fn(a, b, c) on the stack sp, which returns to `back`. On a CPU that keeps
 * return addresses on the stack, the caller has put it at sp. */
struct user_call {
    uint64_t fn, sp, back;
    uint64_t a, b, c;
};
void user_enter_call(struct user_regs *r, const struct user_call *call);

#endif
