/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/mailbox.h"

#include <string.h>
#include <time.h>

#include "workloads/net/regs.h"

#define TRIES  2000
#define NAP_NS 500000 /* the PF is asked at system calls */

static void nap(void)
{
    struct timespec t = {0, NAP_NS};

    nanosleep(&t, NULL);
}

static int take_words(volatile uint8_t *regs)
{
    for (unsigned i = 0; i < TRIES; i++, nap()) {
        put_reg(regs, V2PMAILBOX, V2PMAILBOX_VFU);
        if (get_reg(regs, V2PMAILBOX) & V2PMAILBOX_VFU)
            return 0;
    }
    return -1;
}

static int wait_reply(volatile uint8_t *regs)
{
    for (unsigned i = 0; i < TRIES; i++, nap())
        if (get_reg(regs, V2PMAILBOX) & V2PMAILBOX_PFSTS)
            return 0;
    return -1;
}

int mailbox_ask(volatile uint8_t *regs, uint32_t *words, unsigned count)
{
    if (take_words(regs))
        return -1;
    for (unsigned i = 0; i < count; i++)
        put_reg(regs, VMBMEM(i), words[i]);
    put_reg(regs, V2PMAILBOX, V2PMAILBOX_REQ); /* and the words are free */
    if (wait_reply(regs))
        return -1;
    for (unsigned i = 0; i < count; i++)
        words[i] = get_reg(regs, VMBMEM(i));
    return 0;
}

int mailbox_reset(volatile uint8_t *regs, uint8_t mac[6])
{
    uint32_t words[3] = {VF_RESET};

    for (unsigned i = 0; i < TRIES && get_reg(regs, V2PMAILBOX) & V2PMAILBOX_RSTI; i++)
        nap();
    if (mailbox_ask(regs, words, 3) || (words[0] & ~MAILBOX_CTS) != (VF_RESET | MAILBOX_ACK))
        return -1;
    memcpy(mac, &words[1], 6);
    return 0;
}
