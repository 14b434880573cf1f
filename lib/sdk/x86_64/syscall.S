/* SPDX-License-Identifier: BSD-2-Clause */
/* long sdk_syscall(number, a, b, c, d, e, f): arguments move down one register, the number to rax.
 * The instruction itself changes rcx and r11, so the fourth argument is in r10. */
    .text
    .global sdk_syscall
    .type sdk_syscall, %function
sdk_syscall:
    movq %rdi, %rax
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %rdx
    movq %r8, %r10
    movq %r9, %r8
    movq 8(%rsp), %r9
    syscall
    ret
    .size sdk_syscall, . - sdk_syscall
    .section .note.GNU-stack,"",%progbits
