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
    pushq   %rdi
    pushq   %rsi
    pushq   %rdx
    pushq   %rcx
    pushq   %rax
    pushq   %r8
    pushq   %r9
    pushq   %r10
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
    popq    %r10
    popq    %r9
    popq    %r8
    popq    %rax
    popq    %rcx
    popq    %rdx
    popq    %rsi
    popq    %rdi
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
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    ret

/* An interrupt comes only where the kernel opens the door (cpu.c): it stays in service in the local
 * APIC, and irq_poll() finds it there. Everything else is fatal. */
kernel_entry:
    cmpq    $VECTOR_INTERRUPT_MIN, REGS_VECTOR(%rsp)
    jb      1f
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

/* The workload's `syscall`: rcx has its rip, r11 its flags; interrupts are masked, the stack is
 * still the workload's. */
    .global syscall_entry
    .hidden syscall_entry
    .balign 16
syscall_entry:
    movq    %rsp, user_stack(%rip)
    movq    task_state + 4(%rip), %rsp
    pushq   $SELECTOR_USER_DATA
    pushq   user_stack(%rip)
    pushq   %r11
    pushq   $SELECTOR_USER_CODE
    pushq   %rcx
    pushq   $0
    pushq   $VECTOR_SYSCALL
    push_registers
    jmp     user_exit

/* void user_enter(struct user_regs *r): runs the workload from r until it traps; the trap's
 * registers are then in r. The caller has made rip, flags and selectors such that the return cannot
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
    movq    %rsp, kernel_stack(%rip)
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
