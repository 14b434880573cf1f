/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_INLINE_MEM_H
#define RF_X86_64_INLINE_MEM_H

#include "arch/x86_64/layout.h"
#include "arch/inline/linear.h"

#endif
