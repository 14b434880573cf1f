/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_SMMUV3_REGS_H
#define RF_DRIVERS_SMMUV3_REGS_H

#include "arch/mmio.h"
#include "lib/base/mask.h"

/* Registers of the non-secure programming interface (IHI 0070 6.3), in the order of the
 * specification. Page 1 begins 64 KiB above page 0; of it only the event queue's indices are used.
 */
#define SMMU_PAGE_SIZE UINT64_C(0x10000)

#define SMMU_IDR0          REG32(0x000) /* 6.3.1 */
#define IDR0_S2P           BIT(0)
#define IDR0_S1P           BIT(1)
#define IDR0_TTF           MASK(3, 2)
#define IDR0_TTF_AA64      BIT(3) /* the bit of TTF that stands for VMSAv8-64 */
#define IDR0_COHACC        BIT(4)
#define IDR0_BTM           BIT(5)
#define IDR0_HTTU          MASK(7, 6)
#define IDR0_HYP           BIT(9)
#define IDR0_ATS           BIT(10)
#define IDR0_ASID16        BIT(12)
#define IDR0_MSI           BIT(13)
#define IDR0_PRI           BIT(16)
#define IDR0_TTENDIAN      MASK(22, 21)
#define TTENDIAN_BIG       3u
#define IDR0_STALL_MODEL   MASK(25, 24)
#define STALL_MODEL_FORCED 2u
#define IDR0_ST_LEVEL      MASK(28, 27)

#define SMMU_IDR1          REG32(0x004) /* 6.3.2 */
#define IDR1_SIDSIZE       MASK(5, 0)
#define IDR1_EVENTQS       MASK(20, 16)
#define IDR1_CMDQS         MASK(25, 21)
#define IDR1_REL           BIT(28)
#define IDR1_QUEUES_PRESET BIT(29)
#define IDR1_TABLES_PRESET BIT(30)

#define SMMU_IDR3 REG32(0x00c) /* 6.3.4 */
#define IDR3_RIL  BIT(10)

#define SMMU_IDR5    REG32(0x014) /* 6.3.6 */
#define IDR5_OAS     MASK(2, 0)
#define IDR5_GRAN4K  BIT(4)
#define IDR5_GRAN16K BIT(5)
#define IDR5_GRAN64K BIT(6)

#define SMMU_IIDR        REG32(0x018) /* 6.3.7 */
#define IIDR_IMPLEMENTER MASK(11, 0)
#define IIDR_REVISION    MASK(15, 12)
#define IIDR_VARIANT     MASK(19, 16)
#define IIDR_PRODUCTID   MASK(31, 20)

#define SMMU_AIDR      REG32(0x01c) /* 6.3.8 */
#define AIDR_ARCHMINOR MASK(3, 0)

#define SMMU_CR0     REG32(0x020) /* 6.3.9 */
#define SMMU_CR0ACK  REG32(0x024) /* 6.3.10 */
#define CR0_SMMUEN   BIT(0)
#define CR0_PRIQEN   BIT(1)
#define CR0_EVENTQEN BIT(2)
#define CR0_CMDQEN   BIT(3)
#define CR0_ATSCHK   BIT(4)
#define CR0_ENABLES  (CR0_SMMUEN | CR0_PRIQEN | CR0_EVENTQEN | CR0_CMDQEN)

#define SMMU_CR1     REG32(0x028) /* 6.3.11 */
#define CR1_QUEUE_IC MASK(1, 0)
#define CR1_QUEUE_OC MASK(3, 2)
#define CR1_QUEUE_SH MASK(5, 4)
#define CR1_TABLE_IC MASK(7, 6)
#define CR1_TABLE_OC MASK(9, 8)
#define CR1_TABLE_SH MASK(11, 10)
#define CR1_CACHE_NC 0u
#define CR1_CACHE_WB 1u

#define SMMU_CR2      REG32(0x02c) /* 6.3.12 */
#define CR2_RECINVSID BIT(1)
#define CR2_PTM       BIT(2)

#define SMMU_GBPA   REG32(0x044) /* 6.3.14 */
#define GBPA_ABORT  BIT(20)
#define GBPA_UPDATE BIT(31)

#define SMMU_IRQ_CTRL    REG32(0x050) /* 6.3.16 */
#define SMMU_IRQ_CTRLACK REG32(0x054) /* 6.3.18 */
#define IRQ_CTRL_GERROR  BIT(0)
#define IRQ_CTRL_PRIQ    BIT(1)
#define IRQ_CTRL_EVENTQ  BIT(2)
#define IRQ_CTRL_ALL     (IRQ_CTRL_GERROR | IRQ_CTRL_PRIQ | IRQ_CTRL_EVENTQ)

#define SMMU_GERROR               REG32(0x060) /* 6.3.19 */
#define SMMU_GERRORN              REG32(0x064) /* 6.3.20 */
#define GERROR_CMDQ_ERR           BIT(0)
#define GERROR_EVENTQ_ABT_ERR     BIT(2)
#define GERROR_PRIQ_ABT_ERR       BIT(3)
#define GERROR_MSI_CMDQ_ABT_ERR   BIT(4)
#define GERROR_MSI_EVENTQ_ABT_ERR BIT(5)
#define GERROR_MSI_PRIQ_ABT_ERR   BIT(6)
#define GERROR_MSI_GERROR_ABT_ERR BIT(7)
#define GERROR_SFM_ERR            BIT(8)

#define SMMU_GERROR_IRQ_CFG0 REG64(0x068) /* 6.3.21 */

#define SMMU_STRTAB_BASE     REG64(0x080) /* 6.3.24 */
#define STRTAB_BASE_ADDR     MASK(51, 6)
#define STRTAB_BASE_RA       BIT(62)
#define SMMU_STRTAB_BASE_CFG REG32(0x088) /* 6.3.25 */
#define STRTAB_LOG2SIZE      MASK(5, 0)
#define STRTAB_SPLIT         MASK(10, 6)
#define STRTAB_FMT           MASK(17, 16)
#define STRTAB_FMT_LINEAR    0u
#define STRTAB_FMT_2LEVEL    1u

#define SMMU_CMDQ_BASE       REG64(0x090) /* 6.3.26 */
#define SMMU_CMDQ_PROD       REG32(0x098) /* 6.3.27 */
#define SMMU_CMDQ_CONS       REG32(0x09c) /* 6.3.28 */
#define CMDQ_CONS_ERR        MASK(30, 24)
#define SMMU_EVENTQ_BASE     REG64(0x0a0) /* 6.3.29 */
#define SMMU_EVENTQ_IRQ_CFG0 REG64(0x0b0) /* 6.3.30 */
#define QUEUE_BASE_LOG2SIZE  MASK(4, 0)
#define QUEUE_BASE_ADDR      MASK(51, 5)
#define QUEUE_BASE_HINT      BIT(62) /* read allocate, or write allocate for the event queue */
#define QUEUE_INDEX          MASK(19, 0)

/* In page 1 (6.2). */
#define SMMU_EVENTQ_PROD  REG32(0x0a8)
#define SMMU_EVENTQ_CONS  REG32(0x0ac)
#define EVENTQ_PROD_OVFLG BIT(31)

#endif
