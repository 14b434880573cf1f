/* SPDX-License-Identifier: BSD-2-Clause */

#include "layout.h"

.macro address reg, symbol
    adrp    \reg, \symbol
    add     \reg, \reg, :lo12:\symbol
.endm

/* What user_enter() keeps on the kernel stack while the workload runs. */
#define FRAME_REGS   0  /* struct user_regs * */
#define FRAME_CALLEE 16 /* x19 .. x30 */
#define FRAME_SIZE   112

#define ESR_EC_SVC64 0x15

/* A kernel exception is fatal, but for a refused access of mmio_try.S. It may be that of a full stack, so nothing is pushed: the registers
 * go to a fixed place, and the report has its own stack. */
.macro kernel_vector kind
    .balign 128
    msr     tpidr_el1, x0
    address x0, exception_regs
    str     x1, [x0, #8]
    mov     x1, #\kind
    str     x1, [x0, #REGS_VECTOR]
    b       kernel_exception
.endm

/* What a C function does not preserve, to and from struct user_regs at sp. */
.macro each_volatile_pair op
    \op     x2, x3, [sp, #16]
    \op     x4, x5, [sp, #32]
    \op     x6, x7, [sp, #48]
    \op     x8, x9, [sp, #64]
    \op     x10, x11, [sp, #80]
    \op     x12, x13, [sp, #96]
    \op     x14, x15, [sp, #112]
    \op     x16, x17, [sp, #128]
.endm

.macro save_volatile
    stp     x0, x1, [sp]
    each_volatile_pair stp
    str     x18, [sp, #144]
    str     x30, [sp, #240]
    mrs     x0, elr_el1
    mrs     x1, spsr_el1
    stp     x0, x1, [sp, #REGS_PC]
.endm

/* A system call goes straight on to user_regs.call, on the kernel's stack. The other registers stay
 * in the CPU. */
.macro user_sync_vector
    .balign 128
    save_volatile
    mrs     x1, esr_el1
    ubfx    x2, x1, #26, #6             /* EC */
    mov     x1, #VECTOR_SYNC
    cmp     x2, #ESR_EC_SVC64
    b.ne    user_exit
    mov     x0, sp
    ldp     x2, x1, [sp, #REGS_KERNEL_SP]
    mov     sp, x2
    blr     x1
    b       call_end
.endm

.macro user_vector kind
    .balign 128
    save_volatile
    mov     x1, #\kind
    b       user_exit
.endm

/* 32-bit state is never entered. */
.macro no_vector
    .balign 128
    b       .
.endm

    .text
    .balign 2048
    .global vectors
    .hidden vectors
vectors:
    /* Current EL, SP_EL0: never selected. */
    kernel_vector VECTOR_SYNC
    kernel_vector VECTOR_IRQ
    kernel_vector VECTOR_FIQ
    kernel_vector VECTOR_SERROR
    /* Current EL, SP_EL1 */
    kernel_vector VECTOR_SYNC
    kernel_vector VECTOR_IRQ
    kernel_vector VECTOR_FIQ
    kernel_vector VECTOR_SERROR
    user_sync_vector
    user_vector VECTOR_IRQ
    user_vector VECTOR_FIQ
    user_vector VECTOR_SERROR
    no_vector
    no_vector
    no_vector
    no_vector

/* x0 = exception_regs; x1 and the vector are saved, x0 is in TPIDR_EL1. */
    .balign 16
kernel_exception:
    stp     x2, x3, [x0, #16]
    stp     x4, x5, [x0, #32]
    stp     x6, x7, [x0, #48]
    stp     x8, x9, [x0, #64]
    stp     x10, x11, [x0, #80]
    stp     x12, x13, [x0, #96]
    stp     x14, x15, [x0, #112]
    stp     x16, x17, [x0, #128]
    stp     x18, x19, [x0, #144]
    stp     x20, x21, [x0, #160]
    stp     x22, x23, [x0, #176]
    stp     x24, x25, [x0, #192]
    stp     x26, x27, [x0, #208]
    stp     x28, x29, [x0, #224]
    mov     x1, sp
    stp     x30, x1, [x0, #240]
    mrs     x1, tpidr_el1
    str     x1, [x0]
    mrs     x1, elr_el1
    mrs     x2, spsr_el1
    stp     x1, x2, [x0, #REGS_PC]
    mrs     x1, esr_el1
    mrs     x2, far_el1
    stp     x1, x2, [x0, #REGS_ESR]
    address x1, exception_stack_top
    mov     sp, x1
    mov     x29, xzr
    bl      exception_handle            /* comes back with another ELR_EL1, or not at all */
    address x0, exception_regs
    ldr     x29, [x0, #232]
    ldp     x30, x1, [x0, #240]
    mov     sp, x1
    eret

/* unsigned user_enter(struct user_regs *r, user_call_fn call): runs the workload from r until it
 * traps; the trap's registers are then in r, and the result is its VECTOR_*. */
    .global user_enter
    .hidden user_enter
    .type user_enter, %function
user_enter:
    sub     sp, sp, #FRAME_SIZE
    str     x0, [sp, #FRAME_REGS]
    stp     x19, x20, [sp, #FRAME_CALLEE]
    stp     x21, x22, [sp, #FRAME_CALLEE + 16]
    stp     x23, x24, [sp, #FRAME_CALLEE + 32]
    stp     x25, x26, [sp, #FRAME_CALLEE + 48]
    stp     x27, x28, [sp, #FRAME_CALLEE + 64]
    stp     x29, x30, [sp, #FRAME_CALLEE + 80]
    mov     x2, sp
    stp     x2, x1, [x0, #REGS_KERNEL_SP]
    mov     sp, x0
    ldr     x3, [sp, #REGS_SP]
    msr     sp_el0, x3
    ldp     x19, x20, [sp, #152]
    ldp     x21, x22, [sp, #168]
    ldp     x23, x24, [sp, #184]
    ldp     x25, x26, [sp, #200]
    ldp     x27, x28, [sp, #216]
    ldr     x29, [sp, #232]
user_return:
    ldp     x0, x1, [sp, #REGS_PC]
    msr     elr_el1, x0
    msr     spsr_el1, x1
    each_volatile_pair ldp
    ldr     x18, [sp, #144]
    ldr     x30, [sp, #240]
    ldp     x0, x1, [sp]
    eret
    dsb     nsh                         /* nothing is speculated past the eret */
    isb

/* w0 = enum user_answer. */
call_end:
    ldr     x1, [sp, #FRAME_REGS]
    mov     sp, x1
    cbz     w0, user_return
    mov     w1, #VECTOR_CALLED

/* sp = struct user_regs, whose volatile registers are saved; w1 = the result. From here on SError
 * stays masked in the kernel: one that a store of the workload caused may come late, and must end
 * the workload, not the kernel. The next user_enter() takes it at EL0. */
user_exit:
    stp     x19, x20, [sp, #152]
    stp     x21, x22, [sp, #168]
    stp     x23, x24, [sp, #184]
    stp     x25, x26, [sp, #200]
    stp     x27, x28, [sp, #216]
    str     x29, [sp, #232]
    mrs     x2, sp_el0
    str     x2, [sp, #REGS_SP]
    ldr     x2, [sp, #REGS_KERNEL_SP]
    mov     sp, x2
    ldp     x19, x20, [sp, #FRAME_CALLEE]
    ldp     x21, x22, [sp, #FRAME_CALLEE + 16]
    ldp     x23, x24, [sp, #FRAME_CALLEE + 32]
    ldp     x25, x26, [sp, #FRAME_CALLEE + 48]
    ldp     x27, x28, [sp, #FRAME_CALLEE + 64]
    ldp     x29, x30, [sp, #FRAME_CALLEE + 80]
    add     sp, sp, #FRAME_SIZE
    mov     w0, w1
    ret

/* void fp_zero(void): the floating-point state that the workload starts with. */
    .arch_extension fp
    .arch_extension simd
    .global fp_zero
    .hidden fp_zero
    .type fp_zero, %function
fp_zero:
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    movi    v\n\().2d, #0
    .endr
    msr     fpcr, xzr
    msr     fpsr, xzr
    ret

    .bss
    .balign 16
    .global exception_regs
    .hidden exception_regs
exception_regs:
    .space  REGS_VECTOR + 8
    .balign 16
    .space  4096
exception_stack_top:
