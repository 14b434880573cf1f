/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_HOST_DMA_H
#define RF_HOST_DMA_H

/* park.c; width in bytes. */
void host_dma_store(void *p, uint64_t v, unsigned width);
uint64_t host_dma_load(const void *p, unsigned width);

static inline void dma_store64(uint64_t *p, uint64_t v)
{
    host_dma_store(p, v, 8);
}

static inline void dma_store32(uint32_t *p, uint32_t v)
{
    host_dma_store(p, v, 4);
}

static inline uint64_t dma_load64(const uint64_t *p)
{
    return host_dma_load(p, 8);
}

static inline uint32_t dma_load32(const uint32_t *p)
{
    return (uint32_t)host_dma_load(p, 4);
}

#endif
