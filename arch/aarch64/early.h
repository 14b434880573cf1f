/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_EARLY_H
#define RF_AARCH64_EARLY_H

#include "lib/base/range.h"

/* Start-up, called by start.S. The first runs at the physical address with the MMU off: it and what
 * it calls use no pointer that the linker made, and only aligned accesses. */

/* Roots of the start-up tables; ttbr1 is 0 when the early pages did not suffice. */
struct early_roots {
    uint64_t ttbr0; /* identity map of start.S, for the moment of switching on */
    uint64_t ttbr1; /* the image at linked_at, and the early pages in the linear map */
};
struct early_roots early_map(uint64_t linked_at);

/* At the linked address: maps what x0 pointed to at entry, makes the bootinfo, calls kmain. */
_Noreturn void early_main(uint64_t x0, unsigned entry_el);

/* Maps whole pages around [pa, pa + size) in the linear map, readable only. False: no early page is
 * left for a table. */
bool early_map_readonly(uint64_t pa, uint64_t size);

/* The MMU is on: table addresses are now linear, and the identity map's pages are free again. */
void early_map_is_live(void);

/* The early pages that no table took, physical. */
struct range early_pages_left(void);

#endif
