/* SPDX-License-Identifier: BSD-2-Clause */
/* long sdk_syscall(number, a, b, c, d, e, f): arguments move down one register, the number to x8. */
    .text
    .global sdk_syscall
    .type sdk_syscall, %function
sdk_syscall:
    mov x8, x0
    mov x0, x1
    mov x1, x2
    mov x2, x3
    mov x3, x4
    mov x4, x5
    mov x5, x6
    svc #0
    ret
    .size sdk_syscall, . - sdk_syscall
    .section .note.GNU-stack,"",%progbits
