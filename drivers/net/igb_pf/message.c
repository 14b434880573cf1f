/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/net/igb_pf/state.h"

#include <string.h>

/* What VFs ask for. A VF is a guest of the port: it gets what it was given, and every other wish is
 * answered with no. Multicast filters, VLANs, promiscuous mode and jumbo frames are not offered. */

#define TYPE MASK(15, 0)
#define ACK  BIT(31)
#define NACK BIT(30)
#define CTS  BIT(29) /* clear to send */

#define VF_RESET        0x01u
#define VF_SET_MAC_ADDR 0x02u
#define VF_SET_LPE      0x05u

#define FRAME_MAX 1522u

/* The words of a message that is answered with yes, or 0: no. words[0] is the caller's. */
typedef unsigned (*handler_t)(struct igb_pf *pf, unsigned n, uint32_t *words);

/* The VF has reset its queues, and learns its address. */
static unsigned reset(struct igb_pf *pf, unsigned n, uint32_t *words)
{
    igb_pool_close(pf, n);
    igb_pool_open(pf, n);
    pf->vf[n].clear_to_send = true;
    words[1] = words[2] = 0;
    memcpy(&words[1], pf->vf[n].mac, sizeof(pf->vf[n].mac));
    return 3;
}

static unsigned set_mac(struct igb_pf *pf, unsigned n, uint32_t *words)
{
    return memcmp(&words[1], pf->vf[n].mac, sizeof(pf->vf[n].mac)) == 0 ? 1 : 0;
}

static unsigned set_lpe(struct igb_pf *pf, unsigned n, uint32_t *words)
{
    (void)pf;
    (void)n;
    return words[1] <= FRAME_MAX ? 1 : 0;
}

static const struct {
    uint32_t type;
    handler_t handle;
} handlers[] = {
    {VF_RESET, reset},
    {VF_SET_MAC_ADDR, set_mac},
    {VF_SET_LPE, set_lpe},
};

static handler_t find(const struct igb_vf *vf, uint32_t type)
{
    for (unsigned i = 0; i < ARRAY_SIZE(handlers); i++) {
        if (handlers[i].type == type)
            return vf->clear_to_send || type == VF_RESET ? handlers[i].handle : NULL;
    }
    return NULL;
}

void igb_message_handle(struct igb_pf *pf, unsigned n, uint32_t words[MAILBOX_WORDS],
                        unsigned *count)
{
    uint32_t type = (uint32_t)FIELD_GET(TYPE, words[0]);
    handler_t handle = find(&pf->vf[n], type);
    unsigned used = handle ? handle(pf, n, words) : 0;

    *count = used ? used : 1;
    words[0] = type | (uint32_t)(used ? ACK : NACK);
    if (pf->vf[n].clear_to_send)
        words[0] |= (uint32_t)CTS;
}
