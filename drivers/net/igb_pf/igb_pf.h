/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_NET_IGB_PF_H
#define RF_DRIVERS_NET_IGB_PF_H

#include "arch/mmio.h"

/* Tends the physical function of an Intel 82576 for its virtual functions: link, MAC addresses, who
 * may receive and send, and their mailboxes. It has no queue, no buffer and no interrupt of its
 * own, so it does no DMA: nothing that it could be sent arrives. It is polled. The messages are
 * those of Intel's drivers. */

#define IGB_PF_VENDOR 0x8086u
#define IGB_PF_DEVICE 0x10c9u
#define IGB_PF_VFS    8u
#define IGB_PF_REGS   0x20000u /* bytes of BAR 0 */

struct igb_pf_config {
    const char *name; /* for the log; the caller's */
    struct mmio regs;
    unsigned vfs; /* that are enabled, at most IGB_PF_VFS */
};

struct igb_pf;

/* Resets the port and sets it up for its virtual functions, which stay silent until each has asked
 * for its reset. The link comes up later. VF n gets the port's own address with n2h for its first
 * byte. -RF_EINVAL: too many VFs, or too few registers; -RF_ETIMEDOUT: no answer to the reset;
 * -RF_EIO: the port has no usable address; -RF_ENOMEM. */
int igb_pf_start(const struct igb_pf_config *cfg, struct igb_pf **out);

/* Answers mailboxes, notes VFs that were reset, and sets the port up again when somebody reset it.
 * To be called at least every few milliseconds; looks at the device once a millisecond at most. */
void igb_pf_poll(struct igb_pf *pf);

/* Nothing is received or sent any more; frees pf. */
void igb_pf_stop(struct igb_pf *pf);

const uint8_t *igb_pf_mac(const struct igb_pf *pf, unsigned vf); /* 6 bytes */

#endif
