/* SPDX-License-Identifier: BSD-2-Clause */

/* Entry by the arm64 Linux boot protocol: x0 = physical address of the device tree, or of a struct
 * handover (lib/boot/handover.h), MMU off (firmware that leaves it on with an identity map is dealt
 * with), EL1 or EL2, the other CPUs parked in firmware. Or after reset at EL3, when the board says
 * where the device tree is. Ends in early_main() at EL1, at the address that the image is linked
 * for, with the start-up tables of early_map.c and nothing in TTBR0. */

#include "layout.h"

#define CURRENT_EL_EL1 (1 << 2)
#define CURRENT_EL_EL2 (2 << 2)
#define CURRENT_EL_EL3 (3 << 2)

#define SCTLR_M (1 << 0)
#define SCTLR_C (1 << 2)
#define SCTLR_I (1 << 12)

/* DDI 0487 D24.2: the RES1 bits of an Armv8.0 CPU, everything else off. */
#define SCTLR_EL2_OFF 0x30c50830
#define SCTLR_EL1_OFF 0x30d00800
/* M, C, I; SA and SA0: stack alignment checked; DZE, UCT, UCI: the workload may use DC ZVA, read
 * CTR_EL0 and clean by address; nTWI, nTWE: its WFI and WFE wait for the interrupt that the kernel
 * takes anyway; IESB: errors are attributed at exception entry. UMA off: DAIF is the kernel's. */
#define SCTLR_EL1_ON                                                                               \
    (SCTLR_EL1_OFF | SCTLR_M | SCTLR_C | SCTLR_I | (1 << 3) | (1 << 4) | (1 << 14) | (1 << 15) |   \
     (1 << 16) | (1 << 18) | (1 << 21) | (1 << 26))
#define SCTLR_SPAN_BIT 23

/* RW: EL1 is AArch64. APK, API: pointer authentication is not trapped. */
#define HCR_EL2_VALUE  ((1 << 31) | (1 << 40) | (1 << 41))
#define CPTR_EL2_VALUE 0x33ff /* RES1 bits; floating point is not trapped, SVE and SME are */
#define CNTHCTL_EL1PC  3      /* EL1PCTEN, EL1PCEN */
#define ICC_SRE_VALUE  9      /* SRE, Enable */
#define SPSR_EL1H      0x3c5  /* DAIF masked */
#define SPSR_EL2H      0x3c9

#define MPIDR_AFFINITY 0xff00ffffff
/* NS; RES1 bits; SMD: there is no firmware to call; HCE; RW: AArch64 below; APK, API; FGTEn, HXEn */
#define SCR_EL3_VALUE                                                                              \
    ((1 << 0) | (3 << 4) | (1 << 7) | (1 << 8) | (1 << 10) | (3 << 16) | (1 << 27) | (1 << 38))
#define ICC_SRE_EL3_VALUE 0xf /* SRE, DFB, DIB, Enable */
#define GICD_CTLR_DS      (1 << 6)

/* SH0, SH1 inner; IRGN, ORGN write-back; T0SZ, T1SZ 16; TG0, TG1 4K. IPS and E0PD1 are added. */
#define TCR_VALUE                                                                                  \
    ((16 << 0) | (1 << 8) | (1 << 10) | (3 << 12) | (16 << 16) | (1 << 24) | (1 << 26) |           \
     (3 << 28) | (2 << 30))
#define TCR_EPD0      (1 << 7)
#define TCR_IPS_SHIFT 32
#define TCR_E0PD1_BIT 56
#define MAIR_VALUE    0x04ff /* PT_ARM_MAIR */

#define CPACR_FPEN      (3 << 20)
#define CNTKCTL_EL0VCT  2       /* the workload reads the virtual counter, and no timer */
#define MDSCR_TDCC      (1 << 12)

.macro address reg, symbol
    adrp    \reg, \symbol
    add     \reg, \reg, :lo12:\symbol
.endm

.macro id_field reg, register, shift
    mrs     \reg, \register
    ubfx    \reg, \reg, #\shift, #4
.endm

    .section .text.head, "ax"
    .global _start
_start:
    b       entry
    .long   0
    .quad   0                           /* text_offset */
    .quad   __image_end - _start    /* image_size: with bss, stack and early pages */
    .quad   0xa                         /* little endian, 4K pages, anywhere in RAM */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0
    .ascii  "rfkernel"                  /* struct kernel_image */
    .quad   0, __text_size, __image_size

/* x19 device tree or handover, x20 exception level at entry; both survive until early_main(). */
entry:
    msr     daifset, #0xf
    mov     x19, x0
    mrs     x1, CurrentEL
    ubfx    x20, x1, #2, #2
    cmp     x1, #CURRENT_EL_EL2
    b.eq    at_el2
    cmp     x1, #CURRENT_EL_EL3
    b.eq    at_el3
    mrs     x2, sctlr_el1
    tbz     x2, #0, 1f
    bl      flush_image
    mov     x2, #(SCTLR_M | SCTLR_C | SCTLR_I)
    mrs     x3, sctlr_el1
    bic     x3, x3, x2
    msr     sctlr_el1, x3
    isb
1:  b       at_el1

/* After reset, on every CPU, with no firmware and no boot loader: what they would have done is done
 * here, and what they would have said the board says (linker/aarch64.lds). */
at_el3:
    mrs     x2, mpidr_el1
    ldr     x3, =MPIDR_AFFINITY
    tst     x2, x3
    b.ne    park_other_cpu
    ldr     x19, =BARE_DTB
    bl      set_up_el3
    ldr     x2, =SCTLR_EL2_OFF
    ldr     x3, =SCTLR_EL1_OFF
    msr     sctlr_el1, x3
    adr     x3, at_el1
    mov     x4, #SPSR_EL1H
    id_field x5, id_aa64pfr0_el1, 8     /* EL2 */
    cbz     x5, 1f
    msr     sctlr_el2, x2
    adr     x3, at_el2
    mov     x4, #SPSR_EL2H
1:  msr     elr_el3, x3
    msr     spsr_el3, x4
    eret

at_el2:
    mrs     x2, sctlr_el2
    tbz     x2, #0, 1f
    bl      flush_image
1:  ldr     x2, =SCTLR_EL2_OFF
    msr     sctlr_el2, x2
    isb
    bl      set_up_el2
    adr     x2, at_el1
    msr     elr_el2, x2
    mov     x2, #SPSR_EL1H
    msr     spsr_el2, x2
    ldr     x2, =SCTLR_EL1_OFF
    msr     sctlr_el1, x2
    eret

at_el1:
    address x2, park_vectors
    msr     vbar_el1, x2
    ldr     x2, =SCTLR_EL1_OFF
    msr     sctlr_el1, x2
    isb
    id_field x2, id_aa64mmfr0_el1, 28   /* TGran4 */
    cmp     x2, #0xf
    b.eq    park_no_4k_granule
    bl      set_up_el1

    /* What is written below with the caches off must not be hidden by a line that firmware or
     * speculation left, neither now nor when the caches are on. */
    bl      flush_writable
    address x0, __bss_start
    address x1, __bss_end
2:  cmp     x0, x1
    b.hs    3f
    str     xzr, [x0], #8
    b       2b
3:  address x2, __stack_top
    mov     sp, x2
    mov     x29, xzr
    mov     x30, xzr
    ldr     x0, =__image_start          /* where it is linked; adrp gives where it is */
    bl      early_map                   /* x0 = TTBR0, x1 = TTBR1 */
    cbz     x1, park_no_early_pages
    mov     x21, x0
    mov     x22, x1
    bl      flush_writable

    bl      mmu_on
    ldr     x2, =at_linked_address
    br      x2

at_linked_address:
    address x2, vectors
    msr     vbar_el1, x2
    address x2, __stack_top
    mov     sp, x2
    mrs     x2, tcr_el1
    orr     x2, x2, #TCR_EPD0
    msr     tcr_el1, x2
    msr     ttbr0_el1, xzr
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    msr     daifclr, #4                 /* SError; see user_exit in vectors.S for the other case */
    mov     x0, x19
    mov     w1, w20
    mov     x29, xzr
    mov     x30, xzr
    b       early_main

/* Every trap and enable of EL3 to a known state; nothing ever comes back to EL3. The GIC is told that
 * there is one Security state, so that every interrupt can be the kernel's (IHI 0069 12.9.4). */
set_up_el3:
    address x2, park_vectors
    msr     vbar_el3, x2
    ldr     x2, =SCR_EL3_VALUE
    msr     scr_el3, x2
    msr     cptr_el3, xzr
    msr     mdcr_el3, xzr
    id_field x2, id_aa64pfr0_el1, 24    /* GIC: system register interface */
    cbz     x2, 1f
    mov     x2, #ICC_SRE_EL3_VALUE
    msr     S3_6_C12_C12_5, x2          /* ICC_SRE_EL3 */
    isb
1:  ldr     x2, =BARE_GICD
    cbz     x2, 2f
    mov     w3, #GICD_CTLR_DS
    str     w3, [x2]
    dsb     sy
2:  isb
    ret

/* Every trap and enable of EL2 to a known state; nothing ever comes back to EL2. */
set_up_el2:
    ldr     x2, =HCR_EL2_VALUE
    msr     hcr_el2, x2
    isb
    address x2, park_vectors
    msr     vbar_el2, x2
    mov     x2, #CNTHCTL_EL1PC
    msr     cnthctl_el2, x2
    msr     cntvoff_el2, xzr
    mrs     x2, midr_el1
    msr     vpidr_el2, x2
    mrs     x2, mpidr_el1
    msr     vmpidr_el2, x2
    mov     x2, #CPTR_EL2_VALUE
    msr     cptr_el2, x2
    msr     hstr_el2, xzr
    msr     vttbr_el2, xzr

    /* MDCR_EL2.HPMN: all event counters are EL1's; 0 is not allowed where a PMU is. */
    mov     x3, xzr
    id_field x2, id_aa64dfr0_el1, 8     /* PMUVer */
    cbz     x2, 1f
    cmp     x2, #0xf
    b.eq    1f
    mrs     x3, pmcr_el0
    ubfx    x3, x3, #11, #5             /* N */
1:  msr     mdcr_el2, x3

    id_field x2, id_aa64pfr0_el1, 24    /* GIC: system register interface */
    cbz     x2, 2f
    mov     x2, #ICC_SRE_VALUE
    msr     S3_4_C12_C9_5, x2           /* ICC_SRE_EL2 */
    isb
    mrs     x2, S3_4_C12_C9_5
    tbz     x2, #0, 2f                  /* EL3 did not allow it */
    msr     S3_4_C12_C11_0, xzr         /* ICH_HCR_EL2 */

2:  id_field x2, id_aa64mmfr0_el1, 56   /* FGT: fine-grained traps */
    cbz     x2, 3f
    msr     S3_4_C1_C1_4, xzr           /* HFGRTR_EL2 */
    msr     S3_4_C1_C1_5, xzr           /* HFGWTR_EL2 */
    msr     S3_4_C1_C1_6, xzr           /* HFGITR_EL2 */
    msr     S3_4_C3_C1_4, xzr           /* HDFGRTR_EL2 */
    msr     S3_4_C3_C1_5, xzr           /* HDFGWTR_EL2 */
3:  id_field x2, id_aa64mmfr1_el1, 40   /* HCX */
    cbz     x2, 4f
    msr     S3_4_C1_C2_2, xzr           /* HCRX_EL2 */
4:  ret

/* System registers of EL1 and EL0 that have no known value after reset. */
set_up_el1:
    mov     x2, #CPACR_FPEN
    msr     cpacr_el1, x2
    mov     x2, #CNTKCTL_EL0VCT
    msr     cntkctl_el1, x2
    msr     cntv_ctl_el0, xzr
    mov     x2, #MDSCR_TDCC
    msr     mdscr_el1, x2
    msr     contextidr_el1, xzr
    msr     tpidr_el0, xzr
    msr     tpidrro_el0, xzr
    id_field x2, id_aa64dfr0_el1, 8     /* PMUVer */
    cbz     x2, 1f
    cmp     x2, #0xf
    b.eq    1f
    msr     pmuserenr_el0, xzr
1:  isb
    ret

/* x21, x22: roots. Runs in the identity map; the caller jumps to the linked address. */
mmu_on:
    ldr     x2, =MAIR_VALUE
    msr     mair_el1, x2
    ldr     x2, =TCR_VALUE
    mrs     x3, id_aa64mmfr0_el1
    and     x3, x3, #0xf                /* PARange */
    mov     x4, #5                      /* 48 bits: more needs other descriptors */
    cmp     x3, x4
    csel    x3, x3, x4, lo
    orr     x2, x2, x3, lsl #TCR_IPS_SHIFT
    id_field x3, id_aa64mmfr2_el1, 60   /* E0PD */
    cbz     x3, 1f
    orr     x2, x2, #(1 << TCR_E0PD1_BIT)
1:  msr     tcr_el1, x2
    msr     ttbr0_el1, x21
    msr     ttbr1_el1, x22
    isb
    tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb
    ldr     x2, =SCTLR_EL1_ON
    id_field x3, id_aa64mmfr1_el1, 20   /* PAN */
    cbz     x3, 2f
    bic     x2, x2, #(1 << SCTLR_SPAN_BIT)
    .inst   0xd500419f                  /* MSR PAN, #1 */
2:  msr     sctlr_el1, x2
    isb
    ret

/* Cleans and invalidates to the point of coherency; x0, x1: start, end. */
flush_image:
    address x0, __image_start
    b       1f
flush_writable:
    address x0, __data_start
1:  address x1, __image_end
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4             /* DminLine: log2 of words */
    mov     x3, #4
    lsl     x3, x3, x2
    dmb     sy
2:  dc      civac, x0
    add     x0, x0, x3
    cmp     x0, x1
    b.lo    2b
    dsb     sy
    ret

/* There is no console yet: the program counter tells a debugger what went wrong. */
.macro park_at name
\name:
    wfi
    b       \name
.endm
    park_at park_other_cpu
    park_at park_no_4k_granule
    park_at park_no_early_pages

    .ltorg
    .global start_end
start_end:

    .text
    .balign 2048
park_vectors:
    .rept   16
    .balign 128
    wfe
    b       . - 4
    .endr
