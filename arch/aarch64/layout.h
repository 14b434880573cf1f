/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_LAYOUT_H
#define RF_AARCH64_LAYOUT_H

/* The kernel's half of the address space (TTBR1, 48 bits). Read by the assembler too.
 *   LINEAR_BASE + pa   everything physical but the image: RAM, device registers
 *   HEAP_BASE + n      the C library's heap, pages from anywhere
 *   IMAGE_BASE         the image, wherever it was loaded (linker/aarch64.lds) */
#define LINEAR_BASE 0xffff000000000000
#define LINEAR_BITS 47
#define HEAP_BASE   0xffff800000000000

/* struct user_regs (inline/user.h), struct kernel_regs (exception.h): offsets for the assembler. */
#define REGS_SP     248
#define REGS_PC     256
#define REGS_PSTATE 264
#define REGS_ESR    272
#define REGS_FAR    280
#define REGS_VECTOR 288

/* struct user_regs goes on in its own way. */
#define REGS_KERNEL_SP 272

/* Which entry of the vector table; the low two bits are the order of the table. The last two are
 * system calls: made, and not made (vectors.S adds enum user_answer). */
#define VECTOR_SYNC   0
#define VECTOR_IRQ    1
#define VECTOR_FIQ    2
#define VECTOR_SERROR 3
#define VECTOR_CALLED 4

#endif
