/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_INLINE_MEM_H
#define RF_X86_64_INLINE_MEM_H

#include "arch/x86_64/layout.h"
#include "lib/base/types.h"

static inline void *paddr_to_ptr(paddr_t pa)
{
    return (void *)(LINEAR_BASE + pa.v);
}

static inline paddr_t ptr_to_paddr(const void *p)
{
    return PADDR((uint64_t)p - LINEAR_BASE);
}

#endif
