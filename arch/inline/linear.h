/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_INLINE_LINEAR_H
#define RF_INLINE_LINEAR_H

#include "lib/base/types.h"

/* The inline/mem.h of who maps all RAM at LINEAR_BASE, which is defined before this is included. */
static inline void *paddr_to_ptr(paddr_t pa)
{
    return (void *)(LINEAR_BASE + pa.v);
}

static inline paddr_t ptr_to_paddr(const void *p)
{
    return PADDR((uint64_t)p - LINEAR_BASE);
}

#endif
