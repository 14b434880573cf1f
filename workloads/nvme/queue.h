/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NVME_QUEUE_H
#define NVME_QUEUE_H

#include "workloads/nvme/nvme.h"

/* Tells the disk to do a command. */
void queue_submit(struct nvme_queue *q, const struct nvme_command *c);

/* The oldest command's completion is there. */
static inline int queue_is_done(const struct nvme_queue *q)
{
    return (q->cq[q->head].status & 1) == q->phase;
}

/* Takes that completion: its status code (11 bits, type and code). */
int queue_reap(struct nvme_queue *q);

/* Submits one command and waits for its completion, by interrupt or by polling, at most timeout_ms.
 * Its status code, or -1: none came. */
int queue_run(struct nvme_queue *q, const struct nvme_command *c, uint32_t timeout_ms);

#endif
