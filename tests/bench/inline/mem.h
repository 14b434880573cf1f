/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BENCH_MEM_H
#define RF_BENCH_MEM_H

#include "lib/base/types.h"

/* The arena is where its physical addresses say, moved by what a kernel's linear map moves RAM. */
#define BENCH_LINEAR UINT64_C(0x100000000000)

static inline void *paddr_to_ptr(paddr_t pa)
{
    return (void *)(BENCH_LINEAR + pa.v);
}

static inline paddr_t ptr_to_paddr(const void *p)
{
    return PADDR((uint64_t)p - BENCH_LINEAR);
}

#endif
