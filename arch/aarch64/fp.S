/* SPDX-License-Identifier: BSD-2-Clause */

/* The workload's floating-point registers to memory and back (user_context.c). */

    .arch_extension fp
    .arch_extension simd

.macro each_pair op
    \op     q0, q1, [x0]
    \op     q2, q3, [x0, #32]
    \op     q4, q5, [x0, #64]
    \op     q6, q7, [x0, #96]
    \op     q8, q9, [x0, #128]
    \op     q10, q11, [x0, #160]
    \op     q12, q13, [x0, #192]
    \op     q14, q15, [x0, #224]
    \op     q16, q17, [x0, #256]
    \op     q18, q19, [x0, #288]
    \op     q20, q21, [x0, #320]
    \op     q22, q23, [x0, #352]
    \op     q24, q25, [x0, #384]
    \op     q26, q27, [x0, #416]
    \op     q28, q29, [x0, #448]
    \op     q30, q31, [x0, #480]
.endm

    .text
/* void fp_save(uint8_t (*v)[16], uint32_t *fpsr, uint32_t *fpcr) */
    .global fp_save
    .hidden fp_save
    .type fp_save, %function
fp_save:
    each_pair stp
    mrs     x3, fpsr
    mrs     x4, fpcr
    str     w3, [x1]
    str     w4, [x2]
    ret

/* void fp_load(const uint8_t (*v)[16], uint32_t fpsr, uint32_t fpcr) */
    .global fp_load
    .hidden fp_load
    .type fp_load, %function
fp_load:
    each_pair ldp
    mov     w1, w1
    mov     w2, w2
    msr     fpsr, x1
    msr     fpcr, x2
    ret
