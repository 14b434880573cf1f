/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/requests.h"

#include <stdio.h>
#include <string.h>

#include "workloads/net/mailbox.h"
#include "workloads/net/regs.h"

#define COUNT(n) ((uint32_t)(n) << 16) /* of what follows the first word */
#define WORDS    3

static const struct request {
    const char *what;
    uint32_t words[WORDS]; /* of 0: the other's address */
} list[] = {
    {"the other function's address", {VF_SET_MAC_ADDR}},
    {"frames of a multicast group", {VF_SET_MULTICAST | COUNT(1), 0x5e}},
    {"frames of a VLAN", {VF_SET_VLAN | COUNT(1), 5}},
    {"frames of 9018 bytes", {VF_SET_LPE, 9018}},
    {"every frame", {VF_SET_PROMISC, 1}},
    {"what nobody knows", {0xffffu, UINT32_MAX, UINT32_MAX}},
};

static int is_refused(const struct request *r, struct igbvf *bad, const uint8_t *others_mac)
{
    uint32_t words[WORDS];

    memcpy(words, r->words, sizeof(words));
    if (words[1] == 0)
        memcpy(&words[1], others_mac, 6);
    if (mailbox_ask(bad->regs, words, WORDS) || !(words[0] & MAILBOX_NACK)) {
        printf("net: ESCAPED: asking for %s is answered with 0x%x\n", r->what, (unsigned)words[0]);
        return 0;
    }
    printf("net: asking for %s is refused\n", r->what);
    return 1;
}

static int is_held_up(const struct igbvf *bad, struct igbvf *good)
{
    put_reg(bad->regs, V2PMAILBOX, V2PMAILBOX_VFU);
    if (igbvf_restart(good)) {
        printf("net: ESCAPED: a function is held up by another's mailbox\n");
        return 1;
    }
    printf("net: keeping the words of the mailbox holds nobody up\n");
    return 0;
}

int requests(struct igbvf *bad, struct igbvf *good)
{
    int failed = 0;

    for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        failed |= !is_refused(&list[i], bad, good->mac);
    failed |= is_held_up(bad, good);
    return failed ? -1 : 0;
}
