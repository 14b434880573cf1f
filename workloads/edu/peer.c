/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/edu/trial.h"

#include <errno.h>
#include <string.h>

#include <linux/vfio.h>

/* From one device to another, through the IOMMU. */

/* The memory of another device's BAR (QEMU's ivshmem-plain), in the edu's container. */
struct peer {
    struct rf_device dev;
    volatile uint8_t *bar;
    uint64_t iova;
};

#define PEER_VENDOR 0x1af4
#define PEER_DEVICE 0x1110
#define PEER_BAR    2
#define PCI_COMMAND 4u
#define PCI_MEMORY  2u

static int peer_map(struct trial *t, const struct peer *p, uint64_t iova)
{
    return rf_dma_map(&t->edu.dev, (void *)p->bar, iova, t->size, RF_DMA_READ | RF_DMA_WRITE);
}

static int peer_open(struct trial *t, struct peer *p)
{
    char bdf[16];

    p->iova = t->iova + 0x100000;
    if (rf_find_id(PEER_VENDOR, PEER_DEVICE, 0, bdf) || rf_open_with(&p->dev, bdf, &t->edu.dev))
        return say(0, "opening the peer");
    p->bar = rf_bar(&p->dev, PEER_BAR, NULL);
    if (!p->bar || peer_map(t, p, p->iova))
        return say(0, "mapping the peer's BAR");
    p->bar[0] = CANARY;
    p->bar[63] = CANARY;
    return 0;
}

/* Does the edu reach the BAR? What it writes there is seen by the CPU, and can be read back. */
static int peer_reached(struct trial *t, const struct peer *p)
{
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, p->iova, 64);
    return p->bar[0] == 0xee && p->bar[63] == 0xee;
}

int trial_peer_copy(struct trial *t)
{
    struct peer p;

    if (peer_open(t, &p))
        return 1;
    if (!peer_reached(t, &p))
        return say(0, "write into another device's BAR");
    p.bar[0] = p.bar[63] = 0x11;
    edu_read_memory(&t->edu, p.iova, 64);
    edu_write_memory(&t->edu, t->iova, 64);
    return say(t->memory[0] == 0x11 && t->memory[63] == 0x11 && t->memory[1] == 0xee,
               "write into another device's BAR, and read it back");
}

/* The map goes when decode does, and does not come back with it. */
int trial_peer_off(struct trial *t)
{
    struct peer p;
    int refused, reached;

    if (peer_open(t, &p))
        return 1;
    rf_config_write(&p.dev, PCI_COMMAND, 2, 0);
    refused = peer_map(t, &p, p.iova + t->size) && errno == ENODEV;
    rf_config_write(&p.dev, PCI_COMMAND, 2, PCI_MEMORY);
    reached = peer_reached(t, &p);
    rf_dma_unmap(&t->edu.dev, p.iova, t->size);
    return say(refused && !reached && !peer_map(t, &p, p.iova) && peer_reached(t, &p),
               "a BAR that went off is out of reach until it is mapped again");
}

int trial_peer_close(struct trial *t)
{
    struct peer p;

    if (peer_open(t, &p))
        return 1;
    rf_close(&p.dev);
    load(t, 0xee, 64);
    edu_write_memory(&t->edu, p.iova, 64);
    return say(1, "write into the BAR of a device that was closed");
}
