/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NVME_NVME_H
#define NVME_NVME_H

#include <stdint.h>

#include <ringfence/device.h>

/* A small NVMe driver over VFIO: one admin queue, one I/O queue, one command at a time. Sections
 * are of the NVM Express Base Specification 1.4. */

#define NVME_PAGE     4096u
#define NVME_DEPTH    16u            /* entries of each queue */
#define NVME_TRANSFER (128u * 1024u) /* bytes of the data buffer, at most a command */

/* A submission queue entry (4.2). */
struct nvme_command {
    uint32_t opcode, nsid; /* the opcode's upper half, the command's id, stays 0 */
    uint64_t reserved, metadata;
    uint64_t prp1, prp2;
    uint64_t dw10; /* and 11: the first block */
    uint32_t dw12, dw[3];
};

struct nvme_completion {
    uint32_t result, reserved;
    uint16_t sq_head, sq_id, id, status; /* status bit 0 is the phase tag */
};

struct nvme_queue {
    struct nvme_command *sq; /* the disk reads it when the doorbell rings */
    volatile struct nvme_completion *cq;
    volatile uint32_t *sq_doorbell, *cq_doorbell;
    uint16_t id, tail, head, phase;
    int event; /* eventfd of its vector; -1: polled */
};

struct nvme {
    struct rf_device dev;
    volatile uint8_t *regs;
    struct nvme_queue admin, io;
    int polled;
    uint8_t *memory; /* everything the disk may reach, from iova on */
    uint64_t iova, memory_size;
    uint8_t *data; /* NVME_TRANSFER bytes of it */
    uint64_t data_iova;
    uint64_t *prp_list;
    uint64_t prp_iova;
    uint32_t timeout_ms; /* CAP.TO */
    uint32_t block_size;
    uint64_t blocks;
    char model[41];
};

/* Takes the controller from any state to ready, with namespace 1. 0, or -1 after one printed line.
 */
int nvme_open(struct nvme *n, const char *bdf, int polled);
void nvme_close(struct nvme *n);

/* Blocks to or from n->data (at most NVME_TRANSFER bytes). 0, the NVMe status code, or -1: no
 * answer in time. */
int nvme_read(struct nvme *n, uint64_t block, uint32_t count);
int nvme_write(struct nvme *n, uint64_t block, uint32_t count);
int nvme_flush(struct nvme *n);

/* Submits a read; its completion is for queue_is_done() and queue_reap(). */
void nvme_read_start(struct nvme *n, uint64_t block, uint32_t count);

/* Reads one block to any IOVA, whether the disk may go there or not. */
int nvme_read_to(struct nvme *n, uint64_t block, uint64_t iova);

#endif
