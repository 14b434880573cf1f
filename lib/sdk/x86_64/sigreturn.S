/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a signal handler returns to: rt_sigreturn (15) with the stack as the kernel left it. */
    .text
    .global sdk_sigreturn
    .type sdk_sigreturn, %function
sdk_sigreturn:
    movl $15, %eax
    syscall
    ud2
    .size sdk_sigreturn, . - sdk_sigreturn
    .section .note.GNU-stack,"",%progbits
