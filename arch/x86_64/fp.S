/* SPDX-License-Identifier: BSD-2-Clause */

/* The workload's x87 and SSE registers to memory and back (user_context.c). The area has 512 bytes,
 * 16-byte aligned (SDM 1 10.5). */

    .text
/* void fp_save(void *area) */
    .global fp_save
    .hidden fp_save
    .type fp_save, @function
fp_save:
    fxsave64 (%rdi)
    ret

/* void fp_load(const void *area): its MXCSR has no bit that the CPU does not have. */
    .global fp_load
    .hidden fp_load
    .type fp_load, @function
fp_load:
    fxrstor64 (%rdi)
    ret

    .section .note.GNU-stack, "", @progbits
