/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_EARLY_H
#define RF_AARCH64_EARLY_H

#include "lib/base/types.h"

/* Start-up, called by start.S. The first two run at the physical address with the MMU off: they and
 * what they call use no absolute address, and only aligned accesses. */

/* Applies the image's relocations for its place in the linear map. Not 0: one of a type that the
 * linker was told not to make. */
int early_relocate(void);

/* Roots of the start-up tables; ttbr1 is 0 when the early pages did not suffice. */
struct early_roots {
    uint64_t ttbr0; /* identity map of start.S, for the moment of switching on */
    uint64_t ttbr1; /* the image, in the linear map */
};
struct early_roots early_map(void);

/* In the linear map: maps the device tree, makes the bootinfo, calls kmain. */
_Noreturn void early_main(uint64_t dtb, unsigned entry_el);

/* Maps whole pages around [pa, pa + size) in the linear map, readable only. False: no early page is
 * left for a table. */
bool early_map_readonly(uint64_t pa, uint64_t size);

/* The MMU is on: table addresses are now linear, and the identity map's pages are free again. */
void early_map_is_live(void);

/* Physical address of the first early page that no table took. */
uint64_t early_pages_left(void);

#endif
