/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_LAYOUT_H
#define RF_X86_64_LAYOUT_H

/* The kernel's half of the address space. Read by the assembler too.
 *   LINEAR_BASE + pa   everything physical: the image, RAM, device registers
 *   HEAP_BASE + n      the C library's heap, pages from anywhere */
#define LINEAR_BASE 0xffff800000000000
#define LINEAR_BITS 46

#define USER_BITS 47 /* addresses below 2^47 are canonical, and the workload's */
#define HEAP_BASE 0xffffc00000000000

#define PVH_LOAD_BASE     0x100000 /* linker/x86_64.lds */
#define EARLY_START_PAGES 6        /* start.S takes so many of the early pages, from their end */

/* Segment selectors, in the order that syscall and sysret count on (SDM 3A 5.8.8). */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_BASE   0x1b /* a 32-bit code segment for sysret, which is not there */
#define SELECTOR_USER_DATA   0x23
#define SELECTOR_USER_CODE   0x2b
#define SELECTOR_TASK        0x30

/* struct regs (inline/user.h): offsets for the assembler. */
#define REGS_R12    24
#define REGS_RBP    32
#define REGS_RBX    40
#define REGS_R11    48
#define REGS_RCX    56
#define REGS_RAX    64
#define REGS_ARG    72 /* rdi, rsi, rdx, r10, r8, r9 */
#define REGS_VECTOR 120
#define REGS_RIP    136
#define REGS_CS     144
#define REGS_RFLAGS 152
#define REGS_RSP    160
#define REGS_SIZE   176

/* Vectors: below 32 the CPU's exceptions, above them interrupts. The last two are not the CPU's. */
#define VECTOR_DOUBLE_FAULT  8
#define VECTOR_PAGE_FAULT    14
#define VECTOR_INTERRUPT_MIN 32
#define VECTOR_CALLED        256 /* a system call was made */

#define RFLAGS_FIXED 0x2 /* the bit that is always 1, and nothing else: interrupts masked */

#endif
