/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_BARRIER_H
#define RF_AARCH64_BARRIER_H

/* Devices and their translation units are observers of the outer shareable domain. */
static inline void dma_wmb(void)
{
    __asm__ volatile("dmb oshst" ::: "memory");
}

static inline void dma_rmb(void)
{
    __asm__ volatile("dmb oshld" ::: "memory");
}

static inline void dma_mb(void)
{
    __asm__ volatile("dmb osh" ::: "memory");
}

static inline void dma_sync(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}

#endif
