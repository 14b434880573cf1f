/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOOT_RAMMAP_H
#define RF_BOOT_RAMMAP_H

#include "lib/base/range.h"

/* Sorted, disjoint physical ranges; fixed capacity, so that it works before any allocator. */
#define RAMMAP_MAX 64

struct rammap {
    unsigned count;
    struct range r[RAMMAP_MAX];
};

/* Adds r (merged with its neighbours). -RF_ENOSPC when full, unchanged. */
int rammap_add(struct rammap *m, struct range r);

/* Takes r away wherever it overlaps. -RF_ENOSPC when a split does not fit, unchanged. */
int rammap_remove(struct rammap *m, struct range r);

/* Shrinks every range to whole pages; drops what is left empty. */
void rammap_page_align(struct rammap *m);

/* Sum of the sizes in bytes. */
uint64_t rammap_total(const struct rammap *m);

bool rammap_contains(const struct rammap *m, struct range r);

#endif
