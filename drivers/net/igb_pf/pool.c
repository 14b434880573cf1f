/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/net/igb_pf/state.h"

/* Pools: VF n has pool n, with the queues n and n + 8. */

#define FRAME_MAX 1522u /* with a VLAN tag and the CRC */

/* Entry 0 is the port's own address. */
static unsigned address_of(unsigned n)
{
    return n + 1;
}

static void set_bit(const struct mmio *regs, reg32_t reg, unsigned n, bool on)
{
    uint32_t bits = mmio_read32(regs, reg);

    mmio_write32(regs, reg, on ? bits | 1u << n : bits & ~(1u << n));
}

void igb_pool_prepare(const struct igb_pf *pf, unsigned n)
{
    mmio_write32(&pf->cfg.regs, VMOLR(n),
                 (uint32_t)(VMOLR_STRCRC | VMOLR_BAM | VMOLR_AUPE | FRAME_MAX));
}

/* The address is valid last, and receiving comes on behind it. */
void igb_pool_open(struct igb_pf *pf, unsigned n)
{
    const struct mmio *regs = &pf->cfg.regs;
    const uint8_t *mac = pf->vf[n].mac;
    uint32_t low = mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24;
    uint32_t high = mac[4] | (uint32_t)mac[5] << 8;

    mmio_write32(regs, RAH(address_of(n)), 0);
    mmio_write32(regs, RAL(address_of(n)), low);
    mmio_write32(regs, RAH(address_of(n)),
                 (uint32_t)(RAH_AV | FIELD_PREP(RAH_POOL, 1u << n)) | high);
    set_bit(regs, VFTE, n, true);
    set_bit(regs, VFRE, n, true);
}

void igb_pool_close(struct igb_pf *pf, unsigned n)
{
    const struct mmio *regs = &pf->cfg.regs;

    pf->vf[n].clear_to_send = false;
    set_bit(regs, VFRE, n, false);
    set_bit(regs, VFTE, n, false);
    mmio_write32(regs, RAH(address_of(n)), 0);
    for (unsigned q = n; q < QUEUES; q += POOLS) {
        mmio_write32(regs, RXDCTL(q), 0);
        mmio_write32(regs, TXDCTL(q), 0);
    }
}
