/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/net/igb_pf/state.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"

#define LOOK_US   1000
#define MAC_LOCAL 0x02u

const uint8_t *igb_pf_mac(const struct igb_pf *pf, unsigned vf)
{
    return pf->vf[vf].mac;
}

/* The addresses behind the port's own belong to others, to the card's second port first of all. So
 * the first byte makes the difference: the VF's number, and that the address is one of local
 * administration (IEEE 802, 8.4). */
static void give_macs(struct igb_pf *pf, const uint8_t port[6])
{
    for (unsigned n = 0; n < pf->cfg.vfs; n++) {
        memcpy(pf->vf[n].mac, port, sizeof(pf->vf[n].mac));
        pf->vf[n].mac[0] = (uint8_t)(n << 4 | MAC_LOCAL);
    }
}

/* From any state of the port. VFs have to ask for their reset again. */
static int set_up(struct igb_pf *pf)
{
    uint8_t mac[6];
    int err = igb_port_reset(pf);

    if (!err)
        err = igb_port_mac(pf, mac);
    if (err)
        return err;
    give_macs(pf, mac);
    for (unsigned n = 0; n < pf->cfg.vfs; n++)
        igb_pool_close(pf, n);
    igb_port_open(pf);
    return 0;
}

int igb_pf_start(const struct igb_pf_config *cfg, struct igb_pf **out)
{
    struct igb_pf *pf;
    int err;

    if (cfg->vfs > IGB_PF_VFS || cfg->regs.size < IGB_PF_REGS)
        return trace(-RF_EINVAL);
    pf = heap_alloc(sizeof(*pf));
    if (!pf)
        return trace(-RF_ENOMEM);
    pf->cfg = *cfg;
    pf->next_look = deadline_in_us(0);
    err = set_up(pf);
    if (err) {
        heap_free(pf);
        return err;
    }
    *out = pf;
    return 0;
}

void igb_pf_stop(struct igb_pf *pf)
{
    if (!pf->gone)
        (void)igb_port_reset(pf);
    heap_free(pf);
}

/* --- while the workload runs ----------------------------------------------------------------- */

/* What it read would be all ones too: as if all VFs asked for everything. */
static void leave(struct igb_pf *pf, const char *why)
{
    log_err("%s: %s: its virtual functions are no longer tended", pf->cfg.name, why);
    pf->gone = true;
}

/* PF Reset Done is lost in any reset. */
static bool is_up(struct igb_pf *pf)
{
    uint32_t ctrl_ext = mmio_read32(&pf->cfg.regs, CTRL_EXT);

    if (ctrl_ext == UINT32_MAX) {
        leave(pf, "it does not answer");
        return false;
    }
    if (ctrl_ext & CTRL_EXT_PFRSTD)
        return true;
    log_warn_limited("%s: it was reset, and is set up again", pf->cfg.name);
    if (set_up(pf))
        leave(pf, "it cannot be set up again");
    return false;
}

/* A VF that was reset by FLR stays quiet until the event is cleared. */
static void note_resets(struct igb_pf *pf)
{
    uint32_t events = mmio_read32(&pf->cfg.regs, VFLRE);

    for (unsigned n = 0; n < pf->cfg.vfs; n++) {
        if (!(events & 1u << n))
            continue;
        igb_pool_close(pf, n);
        mmio_write32(&pf->cfg.regs, VFLRE, 1u << n);
    }
}

static void answer(struct igb_pf *pf, unsigned n)
{
    uint32_t words[MAILBOX_WORDS];
    unsigned count;

    if (!igb_mailbox_take(pf, n, words))
        return;
    igb_message_handle(pf, n, words, &count);
    igb_mailbox_reply(pf, n, words, count);
}

void igb_pf_poll(struct igb_pf *pf)
{
    uint32_t requests;

    if (pf->gone || !deadline_passed(pf->next_look))
        return;
    pf->next_look = deadline_in_us(LOOK_US);
    if (!is_up(pf))
        return;
    note_resets(pf);
    requests = (uint32_t)FIELD_GET(MBVFICR_VFREQ, mmio_read32(&pf->cfg.regs, MBVFICR));
    for (unsigned n = 0; n < pf->cfg.vfs; n++) {
        if (requests & 1u << n)
            answer(pf, n);
    }
}
