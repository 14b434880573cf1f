/* SPDX-License-Identifier: BSD-2-Clause */

/* Ways into the kernel and out of it. GS and FS are the workload's also here: there is one CPU, and
 * what the entries need is found relative to the program counter, so that swapgs and its traps are
 * not needed. */

#include "layout.h"

/* Each pushes the error code, 0 where the CPU has none, and the vector, in VECTOR_BYTES of
 * descriptor.c. */
    .text
    .balign 16
    .global vectors
    .hidden vectors
vectors:
    .set    vector, 0
    .rept   256
    .balign 16
    .if     vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && \
            vector != 29 && vector != 30
    pushq   $0
    .endif
    pushq   $vector
    jmp     entry
    .set    vector, vector + 1
    .endr

.macro push_registers
    pushq   %r9
    pushq   %r8
    pushq   %r10
    pushq   %rdx
    pushq   %rsi
    pushq   %rdi
    pushq   %rax
    pushq   %rcx
    pushq   %r11
    pushq   %rbx
    pushq   %rbp
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
.endm

.macro pop_registers
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    popq    %r11
    popq    %rcx
    popq    %rax
    popq    %rdi
    popq    %rsi
    popq    %rdx
    popq    %r10
    popq    %r8
    popq    %r9
.endm

/* From the workload the CPU took the stack pointer from the TSS: the end of its struct user_regs. */
    .balign 16
entry:
    push_registers
    testb   $3, REGS_CS(%rsp)
    jz      kernel_entry

/* The struct is filled; back to the caller of user_enter(), with flags of the kernel's own: the
 * workload's AC would lift SMAP. */
user_exit:
    movq    kernel_stack(%rip), %rsp
    pushq   $RFLAGS_FIXED
    popfq
user_left:
    addq    $8, %rsp
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    ret

/* An interrupt comes only where the kernel opens the door (apic.c, cpu.c): it stays in service in the
 * local APIC, and apic_take() finds its bit. Everything else is fatal. */
kernel_entry:
    cmpq    $VECTOR_INTERRUPT_MIN, REGS_VECTOR(%rsp)
    jb      1f
    movl    REGS_VECTOR(%rsp), %eax
    btsq    %rax, apic_came(%rip)
    movb    $1, apic_any(%rip)
    pop_registers
    addq    $16, %rsp
    iretq
1:  movq    %rsp, %rdi
    leaq    exception_stack_top(%rip), %rsp
    call    exception_report
    ud2

/* Exceptions that may come at any moment, and those of a full stack, have a stack of their own
 * (descriptor.c), wherever they come from. They are fatal. */
    .global vector_fatal
    .hidden vector_fatal
    .balign 16
vector_fatal:
    .set    vector, 0
    .rept   32
    .balign 16
    .if     vector != 8
    pushq   $0
    .endif
    pushq   $vector
    jmp     fatal_entry
    .set    vector, vector + 1
    .endr
fatal_entry:
    push_registers
    pushq   $RFLAGS_FIXED
    popfq
    movq    %rsp, %rdi
    call    exception_report
    ud2

/* The workload's `syscall`: rcx has its rip, r11 its flags; interrupts are masked, the flags are
 * harmless (FMASK), the stack is still the workload's. What a C function does not preserve goes to
 * struct user_regs, the rest stays in the CPU while user_call() runs. */
    .global syscall_entry
    .hidden syscall_entry
    .balign 16
syscall_entry:
    movq    %rsp, user_stack(%rip)
    movq    user_regs(%rip), %rsp
    movq    %rcx, REGS_RIP(%rsp)
    movq    %r11, REGS_RFLAGS(%rsp)
    movq    %rax, REGS_RAX(%rsp)
    movq    %rdi, REGS_ARG(%rsp)
    movq    %rsi, (REGS_ARG + 8)(%rsp)
    movq    %rdx, (REGS_ARG + 16)(%rsp)
    movq    %r10, (REGS_ARG + 24)(%rsp)
    movq    %r8, (REGS_ARG + 32)(%rsp)
    movq    %r9, (REGS_ARG + 40)(%rsp)
    movq    %rsp, %rdi
    movq    kernel_stack(%rip), %rsp
    call    *user_call(%rip)
    movq    user_regs(%rip), %rdi
    movq    REGS_RIP(%rdi), %rcx
    movq    %rcx, %rdx
    shrq    $USER_BITS, %rdx            /* sysret to there would fault in the kernel */
    orl     %eax, %edx
    jnz     1f
    movq    REGS_RFLAGS(%rdi), %r11
    movq    REGS_RAX(%rdi), %rax
    movq    (REGS_ARG + 8)(%rdi), %rsi
    movq    (REGS_ARG + 16)(%rdi), %rdx
    movq    (REGS_ARG + 24)(%rdi), %r10
    movq    (REGS_ARG + 32)(%rdi), %r8
    movq    (REGS_ARG + 40)(%rdi), %r9
    movq    REGS_ARG(%rdi), %rdi
    movq    user_stack(%rip), %rsp
    sysretq

/* The rest of struct user_regs. */
1:  movq    %rcx, REGS_RCX(%rdi)
    movq    REGS_RFLAGS(%rdi), %rdx
    movq    %rdx, REGS_R11(%rdi)
    movq    user_stack(%rip), %rdx
    movq    %rdx, REGS_RSP(%rdi)
    movq    %rbx, REGS_RBX(%rdi)
    movq    %rbp, REGS_RBP(%rdi)
    movq    %r12, REGS_R12(%rdi)
    movq    %r13, (REGS_R12 - 8)(%rdi)
    movq    %r14, (REGS_R12 - 16)(%rdi)
    movq    %r15, (REGS_R12 - 24)(%rdi)
    movq    $VECTOR_CALLED, REGS_VECTOR(%rdi)
    jmp     user_left

/* void user_enter(struct user_regs *r, user_call_fn call): runs the workload from r until it traps;
 * the trap's registers are then in r. The caller has made rip, flags and selectors such that the return cannot
 * fault. After a system call sysret does, which is quicker: it takes rip from rcx and flags from
 * r11. */
    .global user_enter
    .hidden user_enter
    .type user_enter, @function
user_enter:
    pushq   %rbx
    pushq   %rbp
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    subq    $8, %rsp                    /* a call from here is aligned */
    movq    %rsp, kernel_stack(%rip)
    movq    %rdi, user_regs(%rip)
    movq    %rsi, user_call(%rip)
    leaq    REGS_SIZE(%rdi), %rax
    movq    %rax, task_state + 4(%rip)  /* RSP0 */
    movq    REGS_RIP(%rdi), %rax
    movq    REGS_RFLAGS(%rdi), %rdx
    xorq    REGS_RCX(%rdi), %rax
    xorq    REGS_R11(%rdi), %rdx
    orq     %rax, %rdx
    movq    %rdi, %rsp
    jnz     1f
    pop_registers
    movq    (REGS_RSP - REGS_VECTOR)(%rsp), %rsp
    sysretq
1:  pop_registers
    addq    $16, %rsp
    iretq

    .bss
    .balign 16
kernel_stack:
    .quad   0
user_stack:
    .quad   0
user_regs:
    .quad   0
user_call:
    .quad   0
    .balign 16
    .space  4096
    .global exception_stack_top
    .hidden exception_stack_top
exception_stack_top:
    .space  4096
    .global fatal_stack_top
    .hidden fatal_stack_top
fatal_stack_top:

    .section .note.GNU-stack, "", @progbits
