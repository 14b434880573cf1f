/* SPDX-License-Identifier: BSD-2-Clause */
/* The workload's first instructions: the kernel leaves argc, argv, envp and the auxiliary vector on
 * the stack, as Linux does. */
    .text
    .global _start
    .type _start, %function
_start:
    mov x29, #0
    mov x30, #0
    mov x0, sp
    bl sdk_start
    brk #0
    .size _start, . - _start
    .section .note.GNU-stack,"",%progbits
