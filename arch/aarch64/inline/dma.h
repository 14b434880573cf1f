/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_INLINE_DMA_H
#define RF_AARCH64_INLINE_DMA_H

#include "arch/inline/volatile.h"

#endif
