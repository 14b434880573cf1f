/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_GICV3_REGS_H
#define RF_DRIVERS_IRQ_GICV3_REGS_H

#include "lib/base/mask.h"

/* Registers of a GICv3 (IHI 0069 chapter 12). */

/* ---- Distributor (12.9) */
#define GICD_SIZE          0x10000u
#define GICD_CTLR          REG32(0x0000)
#define GICD_TYPER         REG32(0x0004)
#define GICD_IGROUPR(n)    REG32(0x0080 + 4 * (n))
#define GICD_ISENABLER(n)  REG32(0x0100 + 4 * (n))
#define GICD_ICENABLER(n)  REG32(0x0180 + 4 * (n))
#define GICD_ISPENDR(n)    REG32(0x0200 + 4 * (n))
#define GICD_ICPENDR(n)    REG32(0x0280 + 4 * (n))
#define GICD_ICACTIVER(n)  REG32(0x0380 + 4 * (n))
#define GICD_IPRIORITYR(n) REG32(0x0400 + 4 * (n))
#define GICD_ICFGR(n)      REG32(0x0c00 + 4 * (n))
#define GICD_IROUTER(id)   REG64(0x6000 + 8 * (id))
#define GIC_PIDR2          REG32(0xffe8) /* of every frame */

/* As Non-secure accesses, and those of a GIC with one Security state, see it. */
#define GICD_CTLR_ENABLE_G1 BIT(1)
#define GICD_CTLR_ARE       BIT(4)
#define GICD_CTLR_RWP       BIT(31)

#define GICD_TYPER_LINES    MASK(4, 0)
#define GICD_TYPER_NUM_LPIS MASK(15, 11)
#define GICD_TYPER_LPIS     BIT(17)
#define GICD_TYPER_ID_BITS  MASK(23, 19)

#define PIDR2_ARCH_REV MASK(7, 4)
#define ARCH_GICV3     3u
#define ARCH_GICV4     4u

/* ---- Redistributor (12.11): a frame for control and LPIs, one for SGIs and PPIs, and with virtual
 * LPIs two more */
#define GICR_FRAME         0x10000u
#define GICR_SIZE          0x20000u
#define GICR_CTLR          REG32(0x0000)
#define GICR_TYPER         REG64(0x0008)
#define GICR_WAKER         REG32(0x0014)
#define GICR_PROPBASER     REG64(0x0070)
#define GICR_PENDBASER     REG64(0x0078)
#define GICR_IGROUPR0      REG32(GICR_FRAME + 0x0080)
#define GICR_ISENABLER0    REG32(GICR_FRAME + 0x0100)
#define GICR_ICENABLER0    REG32(GICR_FRAME + 0x0180)
#define GICR_ISPENDR0      REG32(GICR_FRAME + 0x0200)
#define GICR_ICPENDR0      REG32(GICR_FRAME + 0x0280)
#define GICR_ICACTIVER0    REG32(GICR_FRAME + 0x0380)
#define GICR_IPRIORITYR(n) REG32(GICR_FRAME + 0x0400 + 4 * (n))

#define GICR_CTLR_ENABLE_LPIS BIT(0)
#define GICR_CTLR_RWP         BIT(3)

#define GICR_TYPER_PLPIS     BIT(0)
#define GICR_TYPER_VLPIS     BIT(1)
#define GICR_TYPER_LAST      BIT(4)
#define GICR_TYPER_PROCESSOR MASK(23, 8)
#define GICR_TYPER_AFFINITY  MASK(63, 32)

#define GICR_WAKER_PROCESSOR_SLEEP BIT(1)
#define GICR_WAKER_CHILDREN_ASLEEP BIT(2)

#define PROPBASER_ID_BITS MASK(4, 0)
#define PROPBASER_ADDR    MASK(51, 12)
#define PENDBASER_ADDR    MASK(51, 16)
#define PENDBASER_PTZ     BIT(62) /* the table is all 0 */

/* How a redistributor accesses its tables: the same fields in both registers. */
#define GICR_INNER_CACHE MASK(9, 7)
#define GICR_SHARE       MASK(11, 10)
#define GICR_OUTER_CACHE MASK(58, 56)

/* Cacheability and shareability, also of an ITS. */
#define CACHE_DEVICE     0u
#define CACHE_NONE       1u
#define CACHE_RAWAWB     7u /* read-allocate, write-allocate, write-back */
#define CACHE_OUTER_SAME 0u
#define SHARE_NONE       0u
#define SHARE_INNER      1u

/* ---- System registers (12.2) */
#define ICC_CTLR_EOIMODE  BIT(1)
#define ICC_CTLR_CBPR     BIT(0)
#define ICC_CTLR_PRI_BITS MASK(10, 8)
#define ICC_IGRPEN1_ON    BIT(0)
#define ICC_IAR_INTID     MASK(23, 0)

/* ---- Interrupt numbers (2.2.1) */
#define ID_FIRST_SPI 32u
#define ID_SPECIAL   1020u /* to 1023: no interrupt */
#define ID_FIRST_LPI 8192u

#define PRIORITY_MIDDLE 0xa0u
#define PRIORITY_FOUR   0xa0a0a0a0u /* four interrupts a register */
#define PRIORITY_ANY    0xffu
#define ICFGR_EDGE      2u /* of two bits an interrupt */

/* LPI configuration (5.1.1): a byte an LPI */
#define LPI_PRIORITY MASK(7, 2)
#define LPI_RES1     BIT(1)
#define LPI_ENABLE   BIT(0)

#endif
