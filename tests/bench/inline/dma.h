/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BENCH_DMA_H
#define RF_BENCH_DMA_H

#include "arch/inline/volatile.h"

#endif
