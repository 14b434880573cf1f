/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_BARRIER_H
#define RF_ARCH_BARRIER_H

/* What each barrier orders. "Device" is any bus master or table walker.
 *   dma_wmb   earlier dma_store*s and plain stores are seen by a device before later dma_store*s and
 *             before later mmio_write*s.
 *   dma_rmb   earlier dma_load*s and mmio_read*s are done before later dma_load*s.
 *   dma_mb    both, and a store before a later load.
 *   dma_sync  all earlier accesses have completed, not only been ordered; needed before a wait, a
 *             return to the workload, or cache maintenance by address whose effect must be over.
 * The host's versions release parked stores of arch/host/park.c. */
static inline void dma_wmb(void);
static inline void dma_rmb(void);
static inline void dma_mb(void);
static inline void dma_sync(void);

#include "inline/barrier.h"

#endif
