/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a signal handler returns to: rt_sigreturn (139) with the stack as the kernel left it. */
    .text
    .global sdk_sigreturn
    .type sdk_sigreturn, %function
sdk_sigreturn:
    mov x8, #139
    svc #0
    brk #0
    .size sdk_sigreturn, . - sdk_sigreturn
    .section .note.GNU-stack,"",%progbits
