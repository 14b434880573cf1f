/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BENCH_BARRIER_H
#define RF_BENCH_BARRIER_H

/* One instruction each, as on a CPU. */
#define BARRIER __asm__ volatile("mfence" ::: "memory")

static inline void dma_wmb(void)
{
    BARRIER;
}

static inline void dma_rmb(void)
{
    BARRIER;
}

static inline void dma_mb(void)
{
    BARRIER;
}

static inline void dma_sync(void)
{
    BARRIER;
}

#undef BARRIER

#endif
