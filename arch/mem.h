/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_MEM_H
#define RF_ARCH_MEM_H

#include "lib/base/types.h"

/* The kernel's linear map of RAM, for RAM that mmu_map_ram() mapped; on the host the test arena:
 *     void *paddr_to_ptr(paddr_t pa);
 *     paddr_t ptr_to_paddr(const void *p); */
#include "inline/mem.h"

/* Zeroes whole pages with the widest store the CPU has. p and n are multiples of PAGE_SIZE. */
void mem_zero_pages(void *p, uint64_t n);

#endif
