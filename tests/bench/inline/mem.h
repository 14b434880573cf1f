/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BENCH_MEM_H
#define RF_BENCH_MEM_H

/* The arena is where its physical addresses say, moved by what a kernel's linear map moves RAM. */
#define LINEAR_BASE UINT64_C(0x100000000000)
#include "arch/inline/linear.h"

#endif
