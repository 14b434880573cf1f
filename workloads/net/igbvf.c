/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/igbvf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "workloads/net/mailbox.h"
#include "workloads/net/regs.h"
#include "workloads/net/ring.h"

/* Open, reset, close. */

#define REGS_SIZE 0x4000u
#define VECTORS   2
#define TRIES     3

static int complain(const struct igbvf *vf, const char *what)
{
    printf("net: %s: %s\n", vf->dev.bdf, what);
    return -1;
}

static int map_memory(struct igbvf *vf)
{
    size_t size;

    vf->regs = rf_bar(&vf->dev, 0, &size);
    if (!vf->regs || size < REGS_SIZE)
        return complain(vf, "BAR 0 cannot be mapped");
    vf->memory_size = (RING_MEMORY + rf_quantum(&vf->dev) - 1) & -rf_quantum(&vf->dev);
    if (rf_iova_find(&vf->dev, vf->memory_size + vf->iova_skip, &vf->iova))
        return complain(vf, "there is no room in the IOVA space");
    vf->iova += vf->iova_skip;
    vf->memory = rf_dma_alloc(&vf->dev, vf->iova, vf->memory_size);
    return vf->memory ? 0 : complain(vf, "no memory for DMA");
}

static int set_up_interrupts(struct igbvf *vf)
{
    int events[VECTORS] = {-1, -1};

    vf->event = events[0] = eventfd(0, EFD_NONBLOCK);
    if (vf->event < 0 || rf_irqs(&vf->dev, VFIO_PCI_MSIX_IRQ_INDEX, events, VECTORS))
        return complain(vf, "no MSI-X interrupts");
    return 0;
}

/* The receive queue has vector 0. Sent frames are looked for when descriptors are needed. */
static void route_interrupts(const struct igbvf *vf)
{
    put_reg(vf->regs, VTEIMC, 0x7);
    put_reg(vf->regs, VTIVAR, VTIVAR_VALID | 0);
    put_reg(vf->regs, VTEITR(0), 0);
    put_reg(vf->regs, VTEIAC, 0x1);
    if (vf->event >= 0)
        put_reg(vf->regs, VTEIMS, 0x1);
}

/* The answer is lost when the port is reset meanwhile, and what was set up with it. */
int igbvf_restart(struct igbvf *vf)
{
    for (unsigned i = 0; i < TRIES; i++) {
        put_reg(vf->regs, CTRL, CTRL_RST);
        if (mailbox_reset(vf->regs, vf->mac))
            continue;
        route_interrupts(vf);
        if (ring_start(vf) == 0)
            return 0;
    }
    return complain(vf, "the physical function does not answer, or the queues stay off");
}

int igbvf_open(struct igbvf *vf, const char *bdf, int polled)
{
    vf->event = -1;
    if (rf_open(&vf->dev, bdf)) {
        printf("net: cannot open %s: %s\n", bdf, strerror(errno));
        return -1;
    }
    if (map_memory(vf) || (!polled && set_up_interrupts(vf)) || rf_bus_master(&vf->dev, 1) ||
        igbvf_restart(vf)) {
        igbvf_close(vf);
        return -1;
    }
    return 0;
}

void igbvf_close(struct igbvf *vf)
{
    if (vf->regs)
        put_reg(vf->regs, CTRL, CTRL_RST);
    rf_close(&vf->dev);
    if (vf->memory)
        munmap(vf->memory, vf->memory_size);
    if (vf->event >= 0)
        close(vf->event);
    vf->regs = NULL;
    vf->memory = NULL;
    vf->event = -1;
}

int igbvf_was_reset(const struct igbvf *vf)
{
    return !(get_reg(vf->regs, RXDCTL) & XDCTL_ENABLE);
}

int igbvf_link(const struct igbvf *vf)
{
    return (get_reg(vf->regs, STATUS) & STATUS_LU) != 0;
}
