/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_SMMUV3_STRUCTS_H
#define RF_DRIVERS_SMMUV3_STRUCTS_H

#include "lib/base/mask.h"

/* Structures in memory (IHI 0070 chapters 4, 5 and 7). The digit in a name is the 64-bit word the
 * field is in; bit numbers are within that word. A field that is not here is always written as 0.
 */

/* L1STD, level 1 Stream Table Descriptor (5.1). */
#define L1STD_SPAN  MASK(4, 0) /* n: the level 2 table has 2^(n-1) entries; 0: none */
#define L1STD_L2PTR MASK(51, 6)

/* STE, Stream Table Entry (5.2). */
#define STE_WORDS          8
#define STE_SIZE           UINT64_C(64)
#define STE0_V             BIT(0)
#define STE0_CONFIG        MASK(3, 1)
#define STE_CONFIG_ABORT   0u
#define STE_CONFIG_S1      5u
#define STE0_S1CONTEXTPTR  MASK(51, 6)
#define STE1_S1CIR         MASK(3, 2)
#define STE1_S1COR         MASK(5, 4)
#define STE1_S1CSH         MASK(7, 6)
#define STE1_SHCFG         MASK(45, 44)
#define STE_SHCFG_INCOMING 1u
#define STE2_S2VMID        MASK(15, 0)

/* Cacheability and shareability of a walk: STE.S1C*, CD.IR0/OR0/SH0. */
#define WALK_CACHE_NC   0u
#define WALK_CACHE_WBWA 1u
#define SH_OUTER        2u
#define SH_INNER        3u

/* CD, Context Descriptor (5.4). */
#define CD_WORDS   8
#define CD_SIZE    UINT64_C(64)
#define CD0_T0SZ   MASK(5, 0)
#define CD0_TG0    MASK(7, 6)
#define CD_TG0_4K  0u
#define CD_TG0_64K 1u
#define CD_TG0_16K 2u
#define CD0_IR0    MASK(9, 8)
#define CD0_OR0    MASK(11, 10)
#define CD0_SH0    MASK(13, 12)
#define CD0_EPD1   BIT(30)
#define CD0_V      BIT(31)
#define CD0_IPS    MASK(34, 32)
#define CD0_AA64   BIT(41)
#define CD0_R      BIT(45)
#define CD0_A      BIT(46)
#define CD0_ASET   BIT(47)
#define CD0_ASID   MASK(63, 48)
#define CD1_TTB0   MASK(51, 4)

/* Commands (chapter 4). */
#define CMD_WORDS         2
#define CMD0_OP           MASK(7, 0)
#define CMD_CFGI_STE      0x03u
#define CMD_CFGI_ALL      0x04u
#define CMD_TLBI_NH_ASID  0x11u
#define CMD_TLBI_NH_VA    0x12u
#define CMD_TLBI_EL2_ALL  0x20u
#define CMD_TLBI_NSNH_ALL 0x30u
#define CMD_SYNC          0x46u
#define CFGI0_SID         MASK(63, 32)
#define CFGI1_LEAF        BIT(0)
#define CFGI1_RANGE       MASK(4, 0)
#define CFGI_RANGE_ALL    31u
#define TLBI0_NUM         MASK(16, 12)
#define TLBI0_SCALE       MASK(24, 20)
#define TLBI0_VMID        MASK(47, 32)
#define TLBI0_ASID        MASK(63, 48)
#define TLBI1_LEAF        BIT(0)
#define TLBI1_TTL         MASK(9, 8)
#define TLBI1_TG          MASK(11, 10)
#define TLBI1_ADDR        MASK(63, 12)
#define SYNC0_CS          MASK(13, 12)
#define SYNC_CS_NONE      0u

/* Event records (7.3). */
#define EVT_WORDS  4
#define EVT0_ID    MASK(7, 0)
#define EVT0_SID   MASK(63, 32)
#define EVT1_IND   BIT(34)
#define EVT1_RNW   BIT(35)
#define EVT3_FETCH MASK(51, 3)

#endif
