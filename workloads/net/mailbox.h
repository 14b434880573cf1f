/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_MAILBOX_H
#define NET_MAILBOX_H

#include <stdint.h>

/* Asks the physical function for the reset of this virtual one, and learns its address. -1: no
 * answer within a second, or a refusal. */
int mailbox_reset(volatile uint8_t *regs, uint8_t mac[6]);

/* Sends any message of `count` words (at most 16) and reads the reply into it. -1: no answer. */
int mailbox_ask(volatile uint8_t *regs, uint32_t *words, unsigned count);

#define MAILBOX_ACK  0x80000000u
#define MAILBOX_NACK 0x40000000u
#define MAILBOX_CTS  0x20000000u

#define VF_RESET         0x01u
#define VF_SET_MAC_ADDR  0x02u
#define VF_SET_MULTICAST 0x03u
#define VF_SET_VLAN      0x04u
#define VF_SET_LPE       0x05u
#define VF_SET_PROMISC   0x06u

#endif
