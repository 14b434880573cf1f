/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_IGB_H
#define RF_TESTS_MODEL_IGB_H

#include <stdbool.h>
#include <stdint.h>

/* The registers of an 82576 with virtual functions, from its datasheet (7.10, 8) and with constants
 * of its own: resets, mailboxes, sorting of frames into pools, who may send. It has no wire and
 * does no DMA. One at a time. */

#define IGB_MODEL_VFS  8u
#define IGB_MODEL_SIZE 0x20000u

/* Behind registers at physical address `base`; its own address is 52:54:00:12:34:fe. */
void igb_model_init(uint64_t base);

/* What goes wrong from now on. */
struct igb_faults {
    bool reset_hangs; /* CTRL.RST stays */
    bool phy_silent;  /* MDIC.R stays 0 */
    bool gone;        /* all registers read as all ones */
    uint64_t address; /* what the EEPROM holds instead; 0: as above */
};
extern struct igb_faults igb_faults;

/* --- as a virtual function does it, in its own registers */
uint32_t igb_vf_read(unsigned vf, uint32_t reg);
void igb_vf_write(unsigned vf, uint32_t reg, uint32_t v);
void igb_vf_flr(unsigned vf);

/* --- as somebody else does it */
void igb_model_reset(void);

/* --- what the port does */
/* Pools that get an untagged frame of `size` bytes, without CRC, for this address (first byte in
 * bits 7:0). */
unsigned igb_model_receivers(uint64_t address, unsigned size);
/* Whether the VF gets a frame with this sender out. Its queues count as switched on. */
bool igb_model_sends(unsigned vf, uint64_t sender);
/* Whether it comes back to other pools, not only to the wire. */
bool igb_model_switches(void);
bool igb_model_link_wanted(void);

/* Interrupts of the physical function that could be sent, queues that are on: bits. */
uint32_t igb_model_interrupts(void);
uint32_t igb_model_queues(void);
unsigned igb_model_accesses(void); /* since the last call */

#endif
