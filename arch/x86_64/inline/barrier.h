/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_BARRIER_H
#define RF_X86_64_BARRIER_H

/* Stores to write-back memory are seen in program order, and before later stores to uncached
 * memory; loads are done in program order (SDM 3A 9.2.2). What is left is the compiler, and a store
 * that a later load may pass. */
static inline void dma_wmb(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline void dma_rmb(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline void dma_mb(void)
{
    __asm__ volatile("mfence" ::: "memory");
}

static inline void dma_sync(void)
{
    __asm__ volatile("mfence" ::: "memory");
}

#endif
