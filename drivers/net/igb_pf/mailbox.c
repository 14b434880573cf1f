/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/net/igb_pf/state.h"

/* Mailboxes (datasheet 7.10). Nothing here waits: a VF that keeps the words to itself is asked
 * again at the next poll, and harms nobody else. */

bool igb_mailbox_take(const struct igb_pf *pf, unsigned n, uint32_t words[MAILBOX_WORDS])
{
    const struct mmio *regs = &pf->cfg.regs;

    mmio_write32(regs, P2VMAILBOX(n), P2VMAILBOX_PFU);
    if (!(mmio_read32(regs, P2VMAILBOX(n)) & P2VMAILBOX_PFU))
        return false;
    mmio_write32(regs, MBVFICR, MBVFICR_OF(n));
    for (unsigned i = 0; i < MAILBOX_WORDS; i++)
        words[i] = mmio_read32(regs, VMBMEM(n, i));
    return true;
}

void igb_mailbox_reply(const struct igb_pf *pf, unsigned n, const uint32_t *words, unsigned count)
{
    const struct mmio *regs = &pf->cfg.regs;

    for (unsigned i = 0; i < count; i++)
        mmio_write32(regs, VMBMEM(n, i), words[i]);
    mmio_write32(regs, P2VMAILBOX(n), (uint32_t)(P2VMAILBOX_ACK | P2VMAILBOX_STS));
}
