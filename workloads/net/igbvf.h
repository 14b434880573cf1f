/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_IGBVF_H
#define NET_IGBVF_H

#include <ringfence/device.h>
#include <stdint.h>

/* A virtual function of an Intel 82576: one receive and one transmit ring with advanced
 * descriptors, one MSI-X vector for what was received. The physical function belongs to somebody
 * else, who answers the mailbox. Functions that return int return 0, or -1 after a line that says
 * what was wrong. */

#define IGBVF_VENDOR 0x8086u
#define IGBVF_DEVICE 0x10cau

#define RING_MAX    256u
#define BUFFER_SIZE 2048u
#define FRAME_MIN   60u
#define FRAME_MAX   1514u /* without the CRC */

struct igbvf_ring {
    volatile uint32_t (*desc)[4];
    uint64_t desc_iova, buffer_iova;
    uint8_t *buffer; /* `size` times BUFFER_SIZE */
    unsigned size;   /* descriptors, a multiple of 8 */
    unsigned next;   /* receive: to be looked at; transmit: to be filled */
    unsigned done;   /* transmit: to be completed */
};

struct igbvf {
    struct rf_device dev;
    volatile uint8_t *regs;
    uint8_t *memory; /* for DMA: both rings, then their buffers */
    size_t memory_size;
    uint64_t iova;
    uint64_t iova_skip; /* how far above the first usable IOVA the memory lies */
    unsigned ring_size;
    int event; /* eventfd of the interrupt; -1: polled */
    uint8_t mac[6];
    struct igbvf_ring rx, tx;
};

/* Opens the function, resets it, learns its MAC address from the physical function, and starts to
 * receive. vf->ring_size and vf->iova_skip are the caller's choice. */
int igbvf_open(struct igbvf *vf, const char *bdf, int polled);
void igbvf_close(struct igbvf *vf);

/* After a reset of any kind: everything as igbvf_open left it. */
int igbvf_restart(struct igbvf *vf);

/* Whether the function was reset without being told to: its receive ring is off. */
int igbvf_was_reset(const struct igbvf *vf);

int igbvf_link(const struct igbvf *vf); /* 1: up */

/* Sends a copy of the frame, which is padded to FRAME_MIN. -1 without a line: no descriptor is
 * free.
 */
int igbvf_send(struct igbvf *vf, const void *frame, unsigned size);

/* The next frame, which is good until igbvf_release; 0: there is none. *error: the device found a
 * wrong checksum or CRC in it. */
unsigned igbvf_receive(struct igbvf *vf, const uint8_t **frame, int *error);
/* Gives the buffer of the frame back to the device. */
void igbvf_release(struct igbvf *vf);

/* For who wants to see an IOMMU refuse: the next buffer to be received into, and the next frame to
 * be sent, are at this address. */
void igbvf_receive_into(struct igbvf *vf, uint64_t iova);
int igbvf_send_from(struct igbvf *vf, uint64_t iova, unsigned size);
/* Sends a frame, of which the device tells by writing 4 bytes to this address. Afterwards the
 * function has to be started again. */
int igbvf_complete_at(struct igbvf *vf, uint64_t iova, const void *frame, unsigned size);

#endif
