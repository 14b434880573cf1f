/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_INLINE_MEM_H
#define RF_AARCH64_INLINE_MEM_H

#include "arch/aarch64/layout.h"
#include "arch/inline/linear.h"

#endif
