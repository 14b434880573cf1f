/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_HOST_BARRIER_H
#define RF_HOST_BARRIER_H

/* park.c: makes every parked store visible. */
void host_park_release(void);

/* The same, then the sync hook. */
void host_park_sync(void);

static inline void dma_wmb(void)
{
    host_park_release();
}

static inline void dma_rmb(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline void dma_mb(void)
{
    host_park_release();
}

static inline void dma_sync(void)
{
    host_park_sync();
}

#endif
