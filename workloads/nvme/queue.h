/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NVME_QUEUE_H
#define NVME_QUEUE_H

#include "workloads/nvme/nvme.h"

/* Submits one command and waits for its completion, by interrupt or by polling, at most timeout_ms.
 * 0, the status code (11 bits, type and code), or -1: none came. */
int queue_run(struct nvme_queue *q, const struct nvme_command *c, uint32_t timeout_ms);

#endif
