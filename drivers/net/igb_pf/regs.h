/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IGB_PF_REGS_H
#define RF_IGB_PF_REGS_H

#include "arch/mmio.h"
#include "lib/base/mask.h"

/* Registers of the 82576 that its physical function has in BAR 0, by their names in chapter 8 of
 * the Intel 82576EB Gigabit Ethernet Controller Datasheet. All have 32 bits. */

#define CTRL     REG32(0x00000) /* Device Control */
#define CTRL_SLU BIT(6)         /* Set Link Up */
#define CTRL_RST BIT(26)        /* Port Software Reset; clears itself */

#define STATUS    REG32(0x00008) /* Device Status */
#define STATUS_LU BIT(1)         /* Link Up */

#define CTRL_EXT        REG32(0x00018) /* Extended Device Control */
#define CTRL_EXT_PFRSTD BIT(14)        /* PF Reset Done */

#define MDIC       REG32(0x00020) /* MDI Control */
#define MDIC_DATA  MASK(15, 0)
#define MDIC_REG   MASK(20, 16)
#define MDIC_PHY   MASK(25, 21)
#define MDIC_WRITE BIT(26)
#define MDIC_READY BIT(28)

#define RCTL       REG32(0x00100) /* Receive Control */
#define RCTL_RXEN  BIT(1)
#define RCTL_SECRC BIT(26) /* Strip Ethernet CRC */

#define TCTL     REG32(0x00400) /* Transmit Control */
#define TCTL_EN  BIT(1)
#define TCTL_PSP BIT(3) /* Pad Short Packets */
#define TCTL_CT  MASK(11, 4)
#define TCTL_BST MASK(21, 12)

#define IMC  REG32(0x0150c) /* Interrupt Mask Clear */
#define GPIE REG32(0x01514) /* General Purpose Interrupt Enable */
#define EIMC REG32(0x01528) /* Extended Interrupt Mask Clear */

#define GPIE_MULTIPLE_MSIX BIT(4)
#define GPIE_PBA_SUPPORT   BIT(31)

/* A receive address: its 6 bytes, the pools it is for, and whether it is valid. */
#define RAL(n)   REG32(0x05400 + 8 * (n))
#define RAH(n)   REG32(0x05404 + 8 * (n))
#define RAH_RAH  MASK(15, 0)
#define RAH_POOL MASK(25, 18)
#define RAH_AV   BIT(31)

#define MRQC      REG32(0x05818) /* Multiple Receive Queues Command */
#define MRQC_VMDQ 3u             /* by destination address, without RSS */

#define VT_CTL              REG32(0x0581c) /* VMDq Control */
#define VT_CTL_DIS_DEF_POOL BIT(29)
#define VT_CTL_REPLICATION  BIT(30)

/* Offload of a pool. */
#define VMOLR(n)     REG32(0x05ad0 + 4 * (n))
#define VMOLR_RLPML  MASK(13, 0) /* Long Packet Maximum Length */
#define VMOLR_AUPE   BIT(24)     /* Accept Untagged Packets */
#define VMOLR_BAM    BIT(27)     /* Broadcast Accept Mode */
#define VMOLR_STRCRC BIT(31)

#define QDE REG32(0x02408) /* Queue Drop Enable, a bit for each queue */

#define DTXSWC        REG32(0x03500) /* DMA Tx Switch Control */
#define DTXSWC_MACAS  MASK(7, 0)     /* MAC anti-spoof, a bit for each pool */
#define DTXSWC_VLANAS MASK(15, 8)

/* Pools, a bit for each; the last three are write-1-to-clear. */
#define VFRE    REG32(0x00c8c) /* VF Receive Enable */
#define VFTE    REG32(0x00c90) /* VF Transmit Enable */
#define VFLRE   REG32(0x00c88) /* VF FLR Events */
#define MBVFICR REG32(0x00c80) /* Mailbox VF Interrupt Causes */
#define MBVFIMR REG32(0x00c84) /* Mailbox VF Interrupt Mask */

#define MBVFICR_VFREQ MASK(7, 0)           /* messages of VFs; bits 23:16: they read one */
#define MBVFICR_OF(n) (0x00010001u << (n)) /* both of VF n */

/* The mailbox of a VF: a register on each side and 16 words that both see. */
#define P2VMAILBOX(n)  REG32(0x00c00 + 4 * (n))
#define P2VMAILBOX_STS BIT(0) /* a message for the VF is there */
#define P2VMAILBOX_ACK BIT(1) /* the VF's message was read */
#define P2VMAILBOX_VFU BIT(2) /* the VF has the words */
#define P2VMAILBOX_PFU BIT(3) /* the PF has them */
#define VMBMEM(n, i)   REG32(0x00800 + 64 * (n) + 4 * (i))

#define RXDCTL(q)    REG32(0x0c028 + 0x40 * (q))
#define TXDCTL(q)    REG32(0x0e028 + 0x40 * (q))
#define XDCTL_ENABLE BIT(25)
#define QUEUES       16u
#define POOLS        8u /* queues n and n + 8 are pool n's, which is VF n's */

#endif
