/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_INLINE_VOLATILE_H
#define RF_INLINE_VOLATILE_H

#include "lib/base/types.h"

/* The inline/dma.h of a CPU: there a volatile access of this size is one single-copy atomic
 * instruction (DDI 0487 B2.2.1, SDM 3A 9.1.1). */
static inline void dma_store64(uint64_t *p, uint64_t v)
{
    *(volatile uint64_t *)p = v;
}

static inline void dma_store32(uint32_t *p, uint32_t v)
{
    *(volatile uint32_t *)p = v;
}

static inline uint64_t dma_load64(const uint64_t *p)
{
    return *(const volatile uint64_t *)p;
}

static inline uint32_t dma_load32(const uint32_t *p)
{
    return *(const volatile uint32_t *)p;
}

#endif
