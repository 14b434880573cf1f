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
    volatile uint64_t (*desc)[2];
    uint64_t desc_iova;
    uint32_t buffer[RING_MAX]; /* of each descriptor: where it lies in the function's memory */
    unsigned size;             /* descriptors, a multiple of 8 */
    unsigned next;             /* receive: to be looked at; transmit: to be filled */
    unsigned done;             /* transmit: to be completed */
    unsigned tail;             /* as the device knows it */
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
    int is_cut; /* what comes next is the rest of a frame that was longer than a buffer */
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

/* The next frame, which is good until igbvf_release or igbvf_answer, in a buffer of BUFFER_SIZE;
 * 0: there is none. *error: the device found a wrong checksum or CRC in it, or it is a piece of one
 * that is too long. */
unsigned igbvf_receive(struct igbvf *vf, uint8_t **frame, int *error);
/* Gives the buffer of the frame back to receive into. */
void igbvf_release(struct igbvf *vf);
/* Sends what the frame's buffer has now, padded to FRAME_MIN, and gives a buffer of a frame that
 * was sent in its place. -1 without a line: no descriptor is free, and the frame is still there. */
int igbvf_answer(struct igbvf *vf, unsigned size);
/* Tells the device of all that was given back and is to be sent. */
void igbvf_post(struct igbvf *vf);

/* Sends a copy of the frame, which is padded to FRAME_MIN, at once. -1 without a line: no
 * descriptor is free. */
int igbvf_send(struct igbvf *vf, const void *frame, unsigned size);

/* For who wants to see an IOMMU refuse: the next buffer to be received into, and the next frame to
 * be sent, are at this address. */
void igbvf_receive_into(struct igbvf *vf, uint64_t iova);
int igbvf_send_from(struct igbvf *vf, uint64_t iova, unsigned size);
/* Sends a frame, of which the device tells by writing 4 bytes to this address. Afterwards the
 * function has to be started again. */
int igbvf_complete_at(struct igbvf *vf, uint64_t iova, const void *frame, unsigned size);

#endif
