/* SPDX-License-Identifier: BSD-2-Clause */
/* The workload's first instructions: the kernel leaves argc, argv, envp and the auxiliary vector on
 * the stack, as Linux does. The stack is aligned there, and call wants it so. */
    .text
    .global _start
    .type _start, %function
_start:
    xorl %ebp, %ebp
    movq %rsp, %rdi
    call sdk_start
    ud2
    .size _start, . - _start
    .section .note.GNU-stack,"",%progbits
