/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_VTD_REGS_H
#define RF_DRIVERS_VTD_REGS_H

#include "arch/mmio.h"
#include "lib/base/mask.h"

/* Registers (VT-d 11.4), in the order of their offsets. */
#define VTD_WINDOW_MIN UINT64_C(0x100)

#define VTD_VER   REG32(0x00)
#define VER_MINOR MASK(3, 0)
#define VER_MAJOR MASK(7, 4)

#define VTD_CAP   REG64(0x08)
#define CAP_ND    MASK(2, 0)
#define ND_MAX    6u /* 16-bit domain ids */
#define CAP_RWBF  BIT(4)
#define CAP_PLMR  BIT(5)
#define CAP_PHMR  BIT(6)
#define CAP_CM    BIT(7)
#define CAP_SAGAW MASK(12, 8)
#define CAP_MGAW  MASK(21, 16)
#define CAP_FRO   MASK(33, 24)
#define CAP_SS2M  BIT(34) /* SLLPS */
#define CAP_SS1G  BIT(35)
#define CAP_PSI   BIT(39)
#define CAP_NFR   MASK(47, 40)
#define CAP_MAMV  MASK(53, 48)
#define CAP_DWD   BIT(54)
#define CAP_DRD   BIT(55)
#define CAP_FS1GP BIT(56)

#define VTD_ECAP   REG64(0x10)
#define ECAP_C     BIT(0)
#define ECAP_QI    BIT(1)
#define ECAP_DT    BIT(2)
#define ECAP_IR    BIT(3)
#define ECAP_EIM   BIT(4)
#define ECAP_PT    BIT(6)
#define ECAP_SC    BIT(7)
#define ECAP_IRO   MASK(17, 8)
#define ECAP_SMTS  BIT(43)
#define ECAP_SSTS  BIT(46)
#define ECAP_FSTS  BIT(47)
#define ECAP_SMPWC BIT(48)

#define VTD_GCMD      REG32(0x18)
#define VTD_GSTS      REG32(0x1c) /* the same bits say what is in effect */
#define GCMD_CFI      BIT(23)
#define GCMD_SIRTP    BIT(24)
#define GCMD_IRE      BIT(25)
#define GCMD_QIE      BIT(26)
#define GCMD_WBF      BIT(27)
#define GCMD_EAFL     BIT(28)
#define GCMD_SFL      BIT(29)
#define GCMD_SRTP     BIT(30)
#define GCMD_TE       BIT(31)
#define GCMD_ONE_SHOT (GCMD_SIRTP | GCMD_WBF | GCMD_SFL | GCMD_SRTP)

#define VTD_RTADDR   REG64(0x20)
#define RTADDR_TTM   MASK(11, 10)
#define TTM_LEGACY   0u
#define TTM_SCALABLE 1u
#define RTADDR_RTA   MASK(63, 12)

#define VTD_CCMD      REG64(0x28)
#define VTD_CCMD_HIGH REG32(0x2c) /* where ICC is */
#define CCMD_DID      MASK(15, 0)
#define CCMD_SID      MASK(31, 16)
#define CCMD_FM       MASK(33, 32)
#define CCMD_CAIG     MASK(60, 59)
#define CCMD_CIRG     MASK(62, 61)
#define CCMD_ICC      BIT(63)

#define VTD_FSTS    REG32(0x34)
#define FSTS_PFO    BIT(0)
#define FSTS_PPF    BIT(1)
#define FSTS_IQE    BIT(4)
#define FSTS_ICE    BIT(5)
#define FSTS_ITE    BIT(6)
#define FSTS_FRI    MASK(15, 8)
#define FSTS_QUEUE  (FSTS_IQE | FSTS_ICE | FSTS_ITE)
#define VTD_FECTL   REG32(0x38)
#define FECTL_IM    BIT(31)
#define VTD_FEDATA  REG32(0x3c)
#define VTD_FEADDR  REG32(0x40)
#define VTD_FEUADDR REG32(0x44)

#define VTD_PMEN REG32(0x64)
#define PMEN_PRS BIT(0)
#define PMEN_EPM BIT(31)

#define VTD_IQH  REG64(0x80)
#define VTD_IQT  REG64(0x88)
#define IQ_INDEX MASK(18, 4) /* in units of 16 bytes */
#define VTD_IQA  REG64(0x90)
#define IQA_QS   MASK(2, 0)
#define IQA_DW   BIT(11)
#define IQA_IQA  MASK(63, 12)

#define VTD_IQER  REG64(0xb0)
#define IQER_IQEI MASK(3, 0)

#define VTD_IRTA  REG64(0xb8)
#define IRTA_S    MASK(3, 0) /* the table has 2^(S + 1) entries */
#define IRTA_EIME BIT(11)
#define IRTA_IRTA MASK(63, 12)

/* At 16 * ECAP.IRO: IVA, and behind it IOTLB. */
#define IVA_AM        MASK(5, 0)
#define IVA_IH        BIT(6)
#define IVA_ADDR      MASK(63, 12)
#define IVA_SIZE      UINT64_C(16)
#define IOTLB_OFF     8u
#define IOTLB_OFF_IVT 12u /* the half with IVT */
#define IOTLB_DID     MASK(47, 32)
#define IOTLB_DW      BIT(48)
#define IOTLB_DR      BIT(49)
#define IOTLB_IAIG    MASK(58, 57)
#define IOTLB_IIRG    MASK(61, 60)
#define IOTLB_IVT     BIT(63)
#define REG_PENDING   BIT(31) /* ICC and IVT in the upper halves */

/* At 16 * CAP.FRO: fault recording registers, 128 bits each; low and high 64. */
#define FRCD_SIZE   UINT64_C(16)
#define FRCD_HIGH   8u
#define FRCD_OFF_F  12u     /* the 32 bits with F */
#define FRCD_F_ONLY BIT(31) /* F there */
#define FRCD0_FI    MASK(63, 12)
#define FRCD0_INDEX MASK(63, 48) /* of a refused interrupt */
#define FRCD1_SID   MASK(15, 0)
#define FRCD1_EXE   BIT(30)
#define FRCD1_FR    MASK(39, 32)
#define FRCD1_T     BIT(62) /* 1: read */
#define FRCD1_F     BIT(63)

#endif
