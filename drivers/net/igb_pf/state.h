/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IGB_PF_STATE_H
#define RF_IGB_PF_STATE_H

#include "arch/clock.h"
#include "drivers/net/igb_pf/igb_pf.h"
#include "drivers/net/igb_pf/regs.h"

struct igb_vf {
    uint8_t mac[6];
    bool clear_to_send; /* it was reset, and may send other messages */
};

struct igb_pf {
    struct igb_pf_config cfg;
    bool gone;            /* its registers read as all ones: it is left alone */
    deadline_t next_look; /* before, igb_pf_poll does nothing */
    struct igb_vf vf[IGB_PF_VFS];
};

/* --- port.c ---------------------------------------------------------------------------------- */
/* Resets the port. Afterwards it has no interrupt, no queue is on, and nobody receives or sends.
 * -RF_ETIMEDOUT. */
int igb_port_reset(const struct igb_pf *pf);
/* The port's own address, which the reset loads. -RF_EIO: it is none of one station. */
int igb_port_mac(const struct igb_pf *pf, uint8_t mac[6]);
/* Sorting by address into pools, the receiver, the transmitter, the link. VFs are told last. */
void igb_port_open(const struct igb_pf *pf);

/* --- pool.c ---------------------------------------------------------------------------------- */
/* What of a pool its VF has no say in: sizes, broadcasts, no address but its own as a sender's. */
void igb_pool_prepare(const struct igb_pf *pf, unsigned n);
/* The pool receives what is sent to its VF's address, and may send. */
void igb_pool_open(struct igb_pf *pf, unsigned n);
void igb_pool_close(struct igb_pf *pf, unsigned n);

/* --- mailbox.c ------------------------------------------------------------------------------- */
#define MAILBOX_WORDS 16u

/* Reads the message of VF n, if it left one and does not hold the words. The words are the PF's
 * until igb_mailbox_reply. */
bool igb_mailbox_take(const struct igb_pf *pf, unsigned n, uint32_t words[MAILBOX_WORDS]);
/* Writes the first `count` words, tells the VF, and gives it the words. */
void igb_mailbox_reply(const struct igb_pf *pf, unsigned n, const uint32_t *words, unsigned count);

/* --- message.c ------------------------------------------------------------------------------- */
/* Does what the message of VF n asks for, and turns it into the reply, of *count words. */
void igb_message_handle(struct igb_pf *pf, unsigned n, uint32_t words[MAILBOX_WORDS],
                        unsigned *count);

#endif
