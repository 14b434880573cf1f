/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_EARLY_H
#define RF_X86_64_EARLY_H

#include "lib/base/types.h"

/* Start-up, called by start.S. The first two run at the physical address in an identity map: they
 * and what they call use no absolute address. */

/* Applies the image's relocations for its place in the linear map. Once. */
void early_relocate(void);

/* Root of the start-up tables: the image in the linear map, and the identity map of start.S for the
 * moment of switching. 0 when the early pages did not suffice. */
uint64_t early_map(void);

/* In the linear map: sets the CPU up, reads the start info, calls kmain. */
_Noreturn void early_main(uint64_t start_info);

/* Maps whole pages around [pa, pa + size) in the linear map, readable only. False: no early page is
 * left for a table. */
bool early_map_readonly(uint64_t pa, uint64_t size);

/* The linear map is in use: table addresses are now linear, and the identity map is gone. */
void early_map_is_live(void);

/* Physical address of the first early page that no table took. */
uint64_t early_pages_left(void);

#endif
