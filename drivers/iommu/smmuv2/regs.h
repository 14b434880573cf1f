/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_SMMUV2_REGS_H
#define RF_DRIVERS_SMMUV2_REGS_H

#include "arch/mmio.h"
#include "lib/base/mask.h"

/* Registers of the non-secure programming interface (IHI 0062), by the page that they are in. The
 * specification calls the first page global space 0, the second global space 1; the upper half of
 * the window has a page for each context bank. A page has 4 KiB or 64 KiB, as IDR1.PAGESIZE says.
 * There are no structures in memory but translation tables. */

/* ---- global space 0 -------------------------------------------------------------------------- */

#define SMMU_sCR0              REG32(0x000)
#define CR0_CLIENTPD           BIT(0) /* no translation, no protection: everything passes */
#define CR0_GFRE               BIT(1) /* global faults are answered with an abort ... */
#define CR0_GFIE               BIT(2) /* ... and interrupt */
#define CR0_EXIDEN             BIT(3) /* stream ids of 16 bits; SMR.VALID becomes S2CR.EXIDVALID */
#define CR0_GCFGFRE            BIT(4)
#define CR0_GCFGFIE            BIT(5)
#define CR0_STALLD             BIT(8)  /* no context stalls, whatever its SCTLR.CFCFG says */
#define CR0_USFCFG             BIT(10) /* a stream that nothing matches faults; else it passes */
#define CR0_VMIDPNE            BIT(11) /* VMIDs are this SMMU's own ... */
#define CR0_PTM                BIT(12) /* ... and so is its TLB: broadcasts of the CPU are ignored */
#define CR0_SMCFCFG            BIT(21) /* a stream that several entries match faults; else it may pass */
#define SMMU_sACR              REG32(0x010)
#define MMU500_SACR_CACHE_LOCK BIT(26) /* MMU-500: ACTLRs are read-only */

#define SMMU_IDR0    REG32(0x020)
#define IDR0_NUMSMRG MASK(7, 0)
#define IDR0_EXIDS   BIT(8)
#define IDR0_NUMSIDB MASK(12, 9)
#define IDR0_CTTW    BIT(14)
#define IDR0_PTFS    MASK(25, 24)
#define PTFS_NO_AA32 2u /* this value and up: no format of AArch32 */
#define IDR0_SMS     BIT(27)
#define IDR0_NTS     BIT(28)
#define IDR0_S2TS    BIT(29)
#define IDR0_S1TS    BIT(30)

#define SMMU_IDR1        REG32(0x024)
#define IDR1_NUMCB       MASK(7, 0)
#define IDR1_NUMS2CB     MASK(23, 16)
#define IDR1_NUMPAGENDXB MASK(30, 28)
#define IDR1_PAGESIZE    BIT(31)

#define SMMU_IDR2       REG32(0x028)
#define IDR2_IAS        MASK(3, 0)
#define IDR2_OAS        MASK(7, 4)
#define IDR2_UBS        MASK(11, 8)
#define IDR2_PTFSV8_4K  BIT(12)
#define IDR2_PTFSV8_16K BIT(13)
#define IDR2_PTFSV8_64K BIT(14)

#define SMMU_IDR7  REG32(0x03c)
#define IDR7_MINOR MASK(3, 0) /* revision of the part: rMAJORpMINOR */
#define IDR7_MAJOR MASK(7, 4)

#define SMMU_sGFAR    REG64(0x040)
#define SMMU_sGFSR    REG32(0x048)
#define GFSR_ICF      BIT(0)
#define GFSR_USF      BIT(1)
#define GFSR_SMCF     BIT(2)
#define GFSR_UCBF     BIT(3)
#define GFSR_UCIF     BIT(4)
#define GFSR_CAF      BIT(5)
#define GFSR_EF       BIT(6)
#define GFSR_PF       BIT(7)
#define GFSR_UUT      BIT(8)
#define GFSR_MULTI    BIT(31)
#define SMMU_sGFSYNR0 REG32(0x050)
#define GFSYNR0_WNR   BIT(1)
#define GFSYNR0_IND   BIT(3)
#define SMMU_sGFSYNR1 REG32(0x054)
#define SYNR_STREAMID MASK(15, 0) /* also of CBFRSYNRAn; bit 15 only with extended ids */

#define SMMU_TLBIVMID     REG32(0x064)
#define SMMU_TLBIALLNSNH  REG32(0x068)
#define SMMU_TLBIALLH     REG32(0x06c)
#define SMMU_sTLBGSYNC    REG32(0x070)
#define SMMU_sTLBGSTATUS  REG32(0x074)
#define TLBSTATUS_SACTIVE BIT(0) /* also GSACTIVE */

/* Stream mapping: SMRn match, S2CRn say what becomes of the stream. */
#define STREAM_GROUPS_MAX 128u
#define SMMU_SMR(n)       REG32(0x800 + 4 * (n))
#define SMR_VALID         BIT(31)
#define SMR_MASK_SHIFT    16u         /* MASK 30:16, ID 14:0 ... */
#define SMR_BITS          MASK(14, 0) /* ... of each */
#define SMR_BITS_EX       MASK(15, 0) /* with extended ids */
#define SMMU_S2CR(n)      REG32(0xc00 + 4 * (n))
#define S2CR_CBNDX        MASK(7, 0)
#define S2CR_EXIDVALID    BIT(10)
#define S2CR_TYPE         MASK(17, 16)
#define S2CR_TRANSLATE    0u
#define S2CR_FAULT        2u
#define S2CR_PRIVCFG      MASK(25, 24)
#define PRIVCFG_UNPRIV    2u

/* ---- global space 1 -------------------------------------------------------------------------- */

#define BANKS_MAX         128u
#define SMMU_CBAR(n)      REG32(0x000 + 4 * (n))
#define CBAR_S2_VMID      MASK(7, 0)
#define CBAR_S1_BPSHCFG   MASK(9, 8)
#define BPSHCFG_NSH       3u
#define CBAR_S1_MEMATTR   MASK(15, 12)
#define MEMATTR_WB        0xfu
#define CBAR_TYPE         MASK(17, 16)
#define CBAR_S2           0u
#define CBAR_S1_S2_BYPASS 1u
#define SMMU_CBFRSYNRA(n) REG32(0x400 + 4 * (n))
#define SMMU_CBA2R(n)     REG32(0x800 + 4 * (n))
#define CBA2R_VA64        BIT(0)

/* ---- a context bank -------------------------------------------------------------------------- */

#define CB_SCTLR          REG32(0x000)
#define SCTLR_M           BIT(0) /* 0: what comes to this bank passes untranslated */
#define SCTLR_TRE         BIT(1)
#define SCTLR_AFE         BIT(2)
#define SCTLR_CFRE        BIT(5) /* a fault is answered with an abort ... */
#define SCTLR_CFIE        BIT(6) /* ... and interrupts */
#define SCTLR_HUPCF       BIT(8) /* others go on while a fault is not acknowledged */
#define SCTLR_ASIDPNE     BIT(12)
#define CB_ACTLR          REG32(0x004)
#define MMU500_ACTLR_CPRE BIT(1) /* MMU-500: prefetch */
#define CB_RESUME         REG32(0x008)
#define RESUME_TERMINATE  BIT(0)
#define CB_TCR2           REG32(0x010)
#define TCR2_PASIZE       MASK(2, 0)
#define TCR2_SEP          MASK(17, 15)
#define SEP_UPSTREAM      7u
#define CB_TTBR0          REG64(0x020)
#define CB_TTBR1          REG64(0x028)
#define TTBR_ASID_SHIFT   48u
#define CB_TCR            REG32(0x030)
#define TCR_T0SZ          MASK(5, 0) /* AArch32: stage 1 MASK(2, 0), stage 2 MASK(4, 0), signed */
#define TCR_S2_SL0        MASK(7, 6)
#define TCR_IRGN0         MASK(9, 8)
#define TCR_ORGN0         MASK(11, 10)
#define TCR_SH0           MASK(13, 12)
#define TCR_TG0           MASK(15, 14)
#define TCR_S2_PASIZE     MASK(18, 16)
#define TCR_S1_EPD1       BIT(23)
#define TCR_EAE           BIT(31) /* AArch32: long descriptors; stage 2 of AArch64: always 1 */
#define CB_MAIR0          REG32(0x038)
#define CB_MAIR1          REG32(0x03c)
#define CB_FSR            REG32(0x058)
#define FSR_TF            BIT(1)
#define FSR_AFF           BIT(2)
#define FSR_PF            BIT(3)
#define FSR_EF            BIT(4)
#define FSR_TLBMCF        BIT(5)
#define FSR_TLBLKF        BIT(6)
#define FSR_ASF           BIT(7)
#define FSR_UUT           BIT(8)
#define FSR_SS            BIT(30)
#define FSR_MULTI         BIT(31)
#define CB_FAR            REG64(0x060)
#define CB_FSYNR0         REG32(0x068)
#define FSYNR0_WNR        BIT(4)
#define FSYNR0_IND        BIT(6)
#define CB_TLBIVA         0x600u /* 64 bits wide with VMSAv8-64 tables, else 32 */
#define CB_TLBIASID       REG32(0x610)
#define CB_TLBIVAL        0x620u /* SMMUv2 */
#define CB_TLBIIPAS2      0x630u /* SMMUv2 */
#define CB_TLBIIPAS2L     0x638u /* SMMUv2 */
#define TLBI_ASID_SHIFT   48u    /* operand with VMSAv8-64 tables; else the ASID is in 7:0 */
#define CB_TLBSYNC        REG32(0x7f0)
#define CB_TLBSTATUS      REG32(0x7f4)

/* Cacheability and shareability of a walk: TCR.IRGN0, ORGN0, SH0. */
#define WALK_CACHE_NC   0u
#define WALK_CACHE_WBWA 1u
#define WALK_SH_OUTER   2u
#define WALK_SH_INNER   3u

#endif
