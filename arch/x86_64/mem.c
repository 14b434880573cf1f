/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mem.h"

#include "arch/x86_64/layout.h"

void *paddr_to_ptr(paddr_t pa)
{
    return (void *)(LINEAR_BASE + pa.v);
}

paddr_t ptr_to_paddr(const void *p)
{
    return PADDR((uint64_t)p - LINEAR_BASE);
}
