/* SPDX-License-Identifier: BSD-2-Clause */

/* Entry by the PVH boot protocol (Xen "x86/HVM direct boot ABI"): 32-bit protected mode, paging off,
 * ebx = physical address of struct hvm_start_info, no stack. Or by ringfence.efi: 64-bit mode, rdi =
 * physical address of a struct handover (lib/boot/handover.h), everything below 4 GiB. Ends in
 * early_main() in 64-bit mode, at the image's address in the linear map, with the start-up tables of
 * early_map.c. */

#include "layout.h"

#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)
#define CR0_NE (1 << 5)
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define CR4_PCIDE_BIT 17

#define EFER_SCE (1 << 0)
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)
#define MSR_EFER 0xc0000080

#define SELECTOR_START_CODE32 0x18

#define CPUID_EXTENDED 0x80000001
#define EDX_NX (1 << 20)
#define EDX_LM (1 << 29)

#define PAGE      4096
#define PTE_TABLE 0x3  /* present, writable */
#define PTE_BLOCK 0x83 /* a 2 MiB page */

/* EARLY_START_PAGES hold the identity map of the first 4 GiB: a root, a table of the next level, four
 * of the one below. */

/* A PVH loader puts the image where the ELF file says. */
#define LOADED_AT(label) (PVH_LOAD_BASE + (label) - _start)

    .section .note.Xen, "a", @note
    .balign 4
    .long   4, 4, 18                    /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz  "Xen"
    .long   PVH_LOAD_BASE               /* of _start */

    .section .text.head, "ax"
    .code32
    .global _start
_start:
    jmp     entry_pvh
    .org    64
    .ascii  "rfkernel"                  /* struct kernel_image */
    .quad   entry_efi - _start, __text_size, __image_size

entry_pvh:
    cli
    cld
    movl    %ebx, %ebp
    movl    $PVH_LOAD_BASE, %esi
    lgdt    LOADED_AT(start_gdt_pointer)
    jmp     entry32

    .code64
/* Firmware's tables may have five levels, which only leaving 64-bit mode ends. */
entry_efi:
    cli
    cld
    movl    %edi, %ebp
    leaq    _start(%rip), %rsi
    leaq    __stack_top(%rip), %rsp
    leaq    start_gdt(%rip), %rax
    pushq   %rax
    pushw   $(start_gdt_pointer - start_gdt - 1)
    lgdt    (%rsp)
    movq    %cr4, %rax
    btrl    $CR4_PCIDE_BIT, %eax        /* SDM 3A 4.10.1: else paging cannot be switched off */
    movq    %rax, %cr4
    leaq    1f(%rip), %rax
    pushq   $SELECTOR_START_CODE32
    pushq   %rax
    lretq
    .code32
1:  movl    $SELECTOR_KERNEL_DATA, %eax
    movl    %eax, %ds
    movl    %eax, %es
    movl    %eax, %ss
    movl    %cr0, %eax
    andl    $~CR0_PG, %eax
    movl    %eax, %cr0

/* esi = where the image is, ebp = start info or handover; the start's descriptors, paging off. */
entry32:
    movl    $CPUID_EXTENDED, %eax
    cpuid
    andl    $(EDX_LM | EDX_NX), %edx
    cmpl    $(EDX_LM | EDX_NX), %edx
    jne     park_no_long_mode_or_nx

    /* The tables are zeroed, then the one of level 3 points to the four of level 2. */
    leal    (__early_pages_end - _start - EARLY_START_PAGES * PAGE)(%esi), %ebx
    movl    %ebx, %edi
    xorl    %eax, %eax
    movl    $(EARLY_START_PAGES * PAGE / 4), %ecx
    rep stosl
    leal    (PAGE + PTE_TABLE)(%ebx), %eax
    movl    %eax, (%ebx)
    leal    PAGE(%ebx), %edi
    leal    (2 * PAGE + PTE_TABLE)(%ebx), %eax
    movl    $4, %ecx
1:  movl    %eax, (%edi)
    addl    $PAGE, %eax
    addl    $8, %edi
    loop    1b
    leal    (2 * PAGE)(%ebx), %edi
    movl    $PTE_BLOCK, %eax
    movl    $(4 * PAGE / 8), %ecx
2:  movl    %eax, (%edi)
    addl    $(2 << 20), %eax
    addl    $8, %edi
    loop    2b

    movl    %ebx, %cr3
    movl    $CR4_PAE, %eax
    movl    %eax, %cr4
    movl    $MSR_EFER, %ecx
    movl    $(EFER_SCE | EFER_LME | EFER_NXE), %eax
    xorl    %edx, %edx
    wrmsr
    leal    (__stack_top - _start)(%esi), %esp
    movl    $(CR0_PE | CR0_MP | CR0_NE | CR0_WP | CR0_PG), %eax
    movl    %eax, %cr0
    leal    (entry64 - _start)(%esi), %eax
    pushl   $SELECTOR_KERNEL_CODE
    pushl   %eax
    lret

    .code64
/* rbp = start info or handover. Identity map; position independent from here on. */
entry64:
    movl    $SELECTOR_KERNEL_DATA, %eax
    movl    %eax, %ds
    movl    %eax, %es
    movl    %eax, %ss
    xorl    %eax, %eax
    movl    %eax, %fs
    movl    %eax, %gs
    movl    %ebp, %r12d
    leaq    __bss_start(%rip), %rdi
    leaq    __bss_end(%rip), %rcx
    subq    %rdi, %rcx
    shrq    $3, %rcx
    rep stosq
    leaq    __stack_top(%rip), %rsp
    xorl    %ebp, %ebp
    call    early_relocate
    call    early_map                   /* rax = root */
    testq   %rax, %rax
    jz      park_no_early_pages

    movq    %rax, %cr3
    movabsq $LINEAR_BASE, %rax
    leaq    at_linear_address(%rip), %rcx
    addq    %rax, %rcx
    jmp     *%rcx
at_linear_address:
    leaq    __stack_top(%rip), %rsp
    movq    %r12, %rdi
    call    early_main                  /* does not return */
    ud2

/* There is no console yet: the program counter tells a debugger what went wrong. */
.macro park_at name
\name:
    hlt
    jmp     \name
.endm
    park_at park_no_early_pages
    .code32
    park_at park_no_long_mode_or_nx

    .balign 8
/* All are marked as used: the CPU would mark them, and the page may be read-only. */
start_gdt:
    .quad   0
    .quad   0x00af9b000000ffff          /* 64-bit code */
    .quad   0x00cf93000000ffff          /* data */
    .quad   0x00cf9b000000ffff          /* SELECTOR_START_CODE32 */
start_gdt_pointer:
    .word   start_gdt_pointer - start_gdt - 1
    .long   LOADED_AT(start_gdt)

    .global start_end
start_end:
    .section .note.GNU-stack, "", @progbits
