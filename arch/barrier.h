/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_BARRIER_H
#define RF_ARCH_BARRIER_H

/* What each barrier orders. "Device" is any bus master or table walker. The host's versions release
 * the parked stores of arch/host/park.c. */

/* Earlier dma_store*s and plain stores are seen by a device before later dma_store*s and before
 * later mmio_write*s. */
static inline void dma_wmb(void);

/* Earlier dma_load*s and mmio_read*s are done before later dma_load*s. */
static inline void dma_rmb(void);

/* Both, and a store before a later load. */
static inline void dma_mb(void);

/* All earlier accesses have completed, not only been ordered: needed before a wait, a return to the
 * workload, or when cache maintenance by address must be over. */
static inline void dma_sync(void);

#include "inline/barrier.h"

#endif
