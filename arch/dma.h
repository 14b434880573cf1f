/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_DMA_H
#define RF_ARCH_DMA_H

#include "lib/base/types.h"

/* The only way to write memory that hardware reads (tables, queues, descriptors). One single-copy
 * atomic access each, which the compiler can neither drop, split, merge nor reorder against another
 * of these. The CPU still may: put a barrier of arch/barrier.h where order matters. `p` is
 * naturally aligned. */
static inline void dma_store64(uint64_t *p, uint64_t v);
static inline void dma_store32(uint32_t *p, uint32_t v);
static inline uint64_t dma_load64(const uint64_t *p);
static inline uint32_t dma_load32(const uint32_t *p);

/* For a walker or device that does not snoop the CPU's caches: writes the lines of [p, p + n) back
 * to the point of coherency (dma_clean), or writes back and drops them before a read (dma_inval).
 * Complete only after dma_sync(). */
void dma_clean(const void *p, size_t n);
void dma_inval(const void *p, size_t n);

#include "inline/dma.h"

#endif
