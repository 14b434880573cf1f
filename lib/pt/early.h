/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PT_EARLY_H
#define RF_PT_EARLY_H

#include "lib/base/types.h"

/* Tables of four levels and 4K pages for start-up, where lib/pt's formats, which are tables of
 * pointers, cannot be used yet: this code uses no pointer that the linker made, and only aligned
 * accesses. pt_adopt() takes the tables over. All addresses are physical but `va`; all are page
 * aligned. */
struct pt_early {
    uint64_t offset; /* what makes a physical address one that can be used now */
    uint64_t next;   /* first free page ... */
    uint64_t end;    /* ... and the end of those that may become tables */
    uint64_t table;  /* the bits of an entry that points to a table */
};

/* A zeroed table; 0: no page is left. */
uint64_t pt_early_table(struct pt_early *e);

/* Where the entry of `va` in the root is. */
uint64_t *pt_early_root_entry(const struct pt_early *e, uint64_t root, uint64_t va);

/* Maps pages from va on to pa up to `end`; `leaf` are the bits of their entries. What is mapped is
 * replaced. False: no page was left for a table. */
bool pt_early_map(struct pt_early *e, uint64_t root, uint64_t va, uint64_t pa, uint64_t end,
                  uint64_t leaf);

#endif
