/* SPDX-License-Identifier: BSD-2-Clause */

/* Accesses that a device may refuse (mmio.c). An external abort between mmio_try_first and
 * mmio_try_last makes the function return all ones (exception.c). */

.macro function name
    .balign 16
    .global \name
    .hidden \name
    .type \name, %function
\name:
.endm

.macro label name
    .global \name
    .hidden \name
\name:
.endm

    .text
label mmio_try_first
/* int mmio_try_load(uint64_t address, unsigned width, uint64_t *value): 0, or it was refused */
function mmio_try_load
    cmp     w1, #4
    b.hi    8f
    b.lo    2f
    ldr     w3, [x0]
    b       5f
8:  ldr     x3, [x0]
    b       5f
2:  tbz     w1, #1, 1f
    ldrh    w3, [x0]
    b       5f
1:  ldrb    w3, [x0]
5:  str     x3, [x2]
    mov     w0, wzr
    ret

/* uint32_t mmio_load_or_ones(uint64_t address) */
function mmio_load_or_ones
    ldr     w0, [x0]
    ret

/* int mmio_try_store(uint64_t address, unsigned width, uint64_t value): the same */
function mmio_try_store
    cmp     w1, #4
    b.hi    8f
    b.lo    2f
    str     w2, [x0]
    b       5f
8:  str     x2, [x0]
    b       5f
2:  tbz     w1, #1, 1f
    strh    w2, [x0]
    b       5f
1:  strb    w2, [x0]
5:  mov     w0, wzr
    ret
label mmio_try_last

function mmio_try_refused
    mov     w0, #-1
    ret
