/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/net/igb_pf/state.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"

/* The port itself. */

#define RESET_TIMEOUT_US 10000 /* it takes microseconds */
#define EEPROM_US        20000 /* until the address is loaded from the EEPROM after it */
#define MDIC_TIMEOUT_US  1000  /* a frame takes some 64 us */

/* Registers of the PHY. */
#define PHY_ADDRESS          1u
#define PCTRL                0u
#define PCTRL_RESTART        BIT(9)
#define PCTRL_AUTO_NEGOTIATE BIT(12)

static void silence(const struct mmio *regs)
{
    mmio_write32(regs, IMC, UINT32_MAX);
    mmio_write32(regs, EIMC, UINT32_MAX);
    mmio_write32(regs, VFRE, 0);
    mmio_write32(regs, VFTE, 0);
    for (unsigned q = 0; q < QUEUES; q++) {
        mmio_write32(regs, RXDCTL(q), 0);
        mmio_write32(regs, TXDCTL(q), 0);
    }
}

int igb_port_reset(const struct igb_pf *pf)
{
    static const struct wait_reg done = {"CTRL.RST", CTRL_RST, 0, RESET_TIMEOUT_US};
    const struct mmio *regs = &pf->cfg.regs;
    int err;

    silence(regs);
    mmio_write32(regs, CTRL, mmio_read32(regs, CTRL) | (uint32_t)CTRL_RST);
    err = wait_mmio32(regs, CTRL, &done);
    if (err)
        return err;
    clock_delay_us(EEPROM_US);
    silence(regs);
    return 0;
}

int igb_port_mac(const struct igb_pf *pf, uint8_t mac[6])
{
    uint32_t low = mmio_read32(&pf->cfg.regs, RAL(0)), high = mmio_read32(&pf->cfg.regs, RAH(0));
    uint64_t address = (uint64_t)FIELD_GET(RAH_RAH, high) << 32 | low;

    for (unsigned i = 0; i < 6; i++)
        mac[i] = (uint8_t)(address >> 8 * i);
    return address == 0 || (mac[0] & 1) ? trace(-RF_EIO) : 0;
}

/* The datasheet wants the semaphores of SW_FW_SYNC held for the PHY. They keep firmware of
 * the port away, which has no reason to touch the link while a host drives it: not taken. */
static void restart_link(const struct mmio *regs)
{
    static const struct wait_reg ready = {"MDIC.R", MDIC_READY, MDIC_READY, MDIC_TIMEOUT_US};
    uint64_t command = MDIC_WRITE | FIELD_PREP(MDIC_PHY, PHY_ADDRESS) |
                       FIELD_PREP(MDIC_REG, PCTRL) |
                       FIELD_PREP(MDIC_DATA, PCTRL_AUTO_NEGOTIATE | PCTRL_RESTART);

    mmio_write32(regs, CTRL, mmio_read32(regs, CTRL) | (uint32_t)CTRL_SLU);
    mmio_write32(regs, MDIC, (uint32_t)command);
    (void)wait_mmio32(regs, MDIC, &ready); /* without it there is no link, as the VFs then see */
}

/* Frames for an address that no VF has go to no pool: the PF has no queue for them. What VFs send
 * to one another goes out to the link as everything else, so the device switches nothing by itself
 * (DTXSWC.Loopback_en is 0). A VF without buffers loses its frames and holds up nobody (QDE). */
static void sort_into_pools(const struct igb_pf *pf)
{
    const struct mmio *regs = &pf->cfg.regs;

    mmio_write32(regs, RAH(0), 0);
    mmio_write32(regs, MRQC, MRQC_VMDQ);
    mmio_write32(regs, VT_CTL, (uint32_t)(VT_CTL_DIS_DEF_POOL | VT_CTL_REPLICATION));
    mmio_write32(regs, DTXSWC, (uint32_t)(DTXSWC_MACAS | DTXSWC_VLANAS));
    mmio_write32(regs, QDE, MASK(QUEUES - 1, 0));
    for (unsigned n = 0; n < pf->cfg.vfs; n++)
        igb_pool_prepare(pf, n);
}

void igb_port_open(const struct igb_pf *pf)
{
    const struct mmio *regs = &pf->cfg.regs;
    uint32_t tctl = mmio_read32(regs, TCTL);

    sort_into_pools(pf);
    /* With Multiple_MSIX each VF's causes go to its own vectors; the PF's stay masked. */
    mmio_write32(regs, GPIE, (uint32_t)(GPIE_MULTIPLE_MSIX | GPIE_PBA_SUPPORT));
    mmio_write32(regs, MBVFIMR, 0);
    mmio_write32(regs, RCTL, (uint32_t)(RCTL_RXEN | RCTL_SECRC));
    mmio_write32(regs, TCTL, tctl | (uint32_t)(TCTL_EN | TCTL_PSP));
    restart_link(regs);
    mmio_write32(regs, CTRL_EXT, mmio_read32(regs, CTRL_EXT) | (uint32_t)CTRL_EXT_PFRSTD);
}
