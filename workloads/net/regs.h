/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_REGS_H
#define NET_REGS_H

#include <stdint.h>

/* Registers of a virtual function of the 82576 in its BAR 0, by their names in chapter 8 of the
 * Intel 82576EB Gigabit Ethernet Controller Datasheet. All have 32 bits. */

#define CTRL     0x0000u
#define CTRL_RST (1u << 26)

#define STATUS    0x0008u
#define STATUS_LU (1u << 1) /* Link Up */

#define VMBMEM(i) (0x0800u + 4u * (i))

#define V2PMAILBOX       0x0c40u
#define V2PMAILBOX_REQ   (1u << 0) /* a message for the PF is there */
#define V2PMAILBOX_VFU   (1u << 2) /* the VF has the words */
#define V2PMAILBOX_PFSTS (1u << 4) /* a message of the PF is there; reading clears it */
#define V2PMAILBOX_RSTI  (1u << 6) /* the PF is in reset */

#define VTEIMS    0x1524u /* interrupts on */
#define VTEIMC    0x1528u /* and off */
#define VTEIAC    0x152cu /* cleared when they are sent */
#define VTEITR(v) (0x1680u + 4u * (v))

#define VTIVAR       0x1700u /* which vector the receive queue has, and the transmit queue */
#define VTIVAR_VALID 0x80u

#define RDBAL  0x2800u
#define RDBAH  0x2804u
#define RDLEN  0x2808u
#define SRRCTL 0x280cu
#define RDH    0x2810u
#define RDT    0x2818u
#define RXDCTL 0x2828u

#define TDBAL     0x3800u
#define TDBAH     0x3804u
#define TDLEN     0x3808u
#define TDH       0x3810u
#define TDT       0x3818u
#define TXDCTL    0x3828u
#define TDWBAL    0x3838u /* where the head is written instead of status, if bit 0 is set */
#define TDWBAH    0x383cu
#define TDWBAL_EN (1u << 0)

#define XDCTL_ENABLE (1u << 25)

#define SRRCTL_BSIZEPACKET(bytes) ((bytes) >> 10)
#define SRRCTL_DESCTYPE_ADVANCED  (1u << 25) /* one buffer */
#define SRRCTL_DROP_EN            (1u << 31)

/* Advanced descriptors (datasheet 7.1.5, 7.2.2): four words. What the device writes back of a
 * received frame is in word 2, its size in word 3; of a sent one in word 3. */
#define RXD_DD     (1u << 0)
#define RXD_EOP    (1u << 1)
#define RXD_ERRORS 0xe0000000u /* L4E, IPE, RXE */
#define RXD_SIZE   0xffffu

#define TXD_DTYP_DATA (3u << 20)
#define TXD_EOP       (1u << 24)
#define TXD_IFCS      (1u << 25)
#define TXD_RS        (1u << 27)
#define TXD_DEXT      (1u << 29)
#define TXD_PAYLEN(n) ((n) << 14)
#define TXD_DD        (1u << 0)

static inline uint32_t get_reg(volatile uint8_t *regs, uint32_t reg)
{
    return *(volatile uint32_t *)(regs + reg);
}

static inline void put_reg(volatile uint8_t *regs, uint32_t reg, uint32_t v)
{
    *(volatile uint32_t *)(regs + reg) = v;
}

#endif
