/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_RING_H
#define NET_RING_H

#include "workloads/net/igbvf.h"

/* What both rings need of memory for DMA. */
#define RING_BYTES  4096u /* RING_MAX descriptors of 16 bytes */
#define RING_MEMORY (2u * RING_BYTES + 2u * RING_MAX * BUFFER_SIZE)

/* Places both rings of vf->ring_size descriptors in vf->memory, and switches them on, empty. -1:
 * the device does not. */
int ring_start(struct igbvf *vf);

#endif
