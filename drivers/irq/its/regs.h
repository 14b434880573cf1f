/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_ITS_REGS_H
#define RF_DRIVERS_IRQ_ITS_REGS_H

#include "lib/base/mask.h"

/* ---- Registers (IHI 0069 12.18, 12.19) */
#define GITS_SIZE       0x20000u
#define GITS_CTLR       REG32(0x0000)
#define GITS_IIDR       REG32(0x0004)
#define GITS_TYPER      REG64(0x0008)
#define GITS_CBASER     REG64(0x0080)
#define GITS_CWRITER    REG64(0x0088)
#define GITS_CREADR     REG64(0x0090)
#define GITS_BASER(n)   REG64(0x0100 + 8 * (n))
#define GITS_BASERS     8u
#define GITS_PIDR2      REG32(0xffe8)
#define GITS_TRANSLATER 0x10040u /* its offset: only devices write there */

#define GITS_CTLR_ENABLED   BIT(0)
#define GITS_CTLR_QUIESCENT BIT(31)

#define GITS_TYPER_PHYSICAL  BIT(0)
#define GITS_TYPER_ITT_ENTRY MASK(7, 4) /* bytes - 1 */
#define GITS_TYPER_ID_BITS   MASK(12, 8)
#define GITS_TYPER_DEV_BITS  MASK(17, 13)
#define GITS_TYPER_PTA       BIT(19)
#define GITS_TYPER_HCC       MASK(31, 24)

#define GITS_PIDR2_ARCH_REV MASK(7, 4)
#define ARCH_GICV3          3u
#define ARCH_GICV4          4u

/* CBASER and BASER alike */
#define GITS_VALID       BIT(63)
#define GITS_INNER_CACHE MASK(61, 59)
#define GITS_OUTER_CACHE MASK(55, 53)
#define GITS_SHARE       MASK(11, 10)
#define GITS_PAGES       MASK(7, 0) /* - 1 */
#define CACHE_DEVICE     0u
#define CACHE_NONE       1u
#define CACHE_RAWAWB     7u
#define SHARE_NONE       0u
#define SHARE_INNER      1u

#define CBASER_ADDR MASK(51, 12)
#define QUEUE_OFF   MASK(19, 5) /* of CWRITER and CREADR */

#define CREADR_STALLED BIT(0)
#define CWRITER_RETRY  BIT(0)

#define BASER_INDIRECT      BIT(62)
#define BASER_TYPE          MASK(58, 56)
#define BASER_ENTRY         MASK(52, 48) /* bytes - 1 */
#define BASER_ADDR          MASK(47, 12)
#define BASER_PAGE_SIZE     MASK(9, 8) /* 4K, 16K, 64K */
#define BASER_TYPE_DEVICES  1u
#define BASER_TYPE_COLLECTS 4u
#define BASER_PAGES_MAX     256u

#define L1_VALID BIT(63)
#define L1_ADDR  MASK(51, 12)

/* ---- Commands (5.3): four words of 64 bits */
#define CMD_WORDS 4u
#define CMD_SIZE  32u

#define CMD_CLEAR   0x04u
#define CMD_SYNC    0x05u
#define CMD_MAPD    0x08u
#define CMD_MAPC    0x09u
#define CMD_MAPTI   0x0au
#define CMD_INV     0x0cu
#define CMD_INVALL  0x0du
#define CMD_DISCARD 0x0fu

#define CMD0_CODE   MASK(7, 0)
#define CMD0_DEVICE MASK(63, 32)
#define CMD1_EVENT  MASK(31, 0)
#define CMD1_PINTID MASK(63, 32)
#define CMD1_SIZE   MASK(4, 0) /* event id bits - 1 */
#define CMD2_VALID  BIT(63)
#define CMD2_ITT    MASK(51, 8)
#define CMD2_ICID   MASK(15, 0)
#define CMD2_RDBASE MASK(50, 16)

#define ITT_ALIGN 256u

#endif
