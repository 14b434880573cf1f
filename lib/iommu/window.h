/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_WINDOW_H
#define RF_IOMMU_WINDOW_H

#include "lib/base/range.h"

/* Parts of the IOVA space that a workload may not map, and why. */
enum resv_type {
    RESV_DIRECT,           /* identity-mapped before DMA is let in; the device depends on it */
    RESV_DIRECT_RELAXABLE, /* the same, but may be dropped on assignment: not subtracted */
    RESV_RESERVED,         /* never mapped: host-bridge windows, outside dma-ranges, firmware */
    RESV_MSI,              /* hardware MSI window: writes there are not translated */
    RESV_SW_MSI,           /* doorbells are remapped there */
};

struct resv_window {
    struct range r;
    enum resv_type type;
    const char *origin; /* "pci-window", "dma-ranges", "sw-msi", "reserved-memory", "aperture" */
};

/* Sorted by start; overlapping and adjacent windows of one type and origin are one entry, of
 * different types both stay. */
#define RESV_MAX 48
struct resv_list {
    unsigned count;
    struct resv_window w[RESV_MAX];
};

/* -RF_ENOSPC when full (unchanged). A range with last < start, which is what a length of 0 in
 * firmware's tables comes to, is ignored with a warning. `origin` must stay valid. */
int resv_add(struct resv_list *l, struct range r, enum resv_type type, const char *origin);
int resv_add_all(struct resv_list *l, const struct resv_list *from);

/* The first window that overlaps r and takes room away (not RELAXABLE), or NULL. */
const struct resv_window *resv_find(const struct resv_list *l, struct range r);

/* The part of the aperture around r, which no window is in the way of, that has none. */
struct range resv_gap(const struct resv_list *l, struct range aperture, struct range r);

bool resv_has_type(const struct resv_list *l, enum resv_type type);

const char *resv_type_name(enum resv_type t); /* "direct", "reserved", "msi", "sw-msi", ... */

/* Takes every window of this type out. */
void resv_drop_type(struct resv_list *l, enum resv_type type);

/* Where doorbells go: SW_MSI_BASE when nothing of l is in the way and `taken` says no, else the
 * first naturally aligned free 1 MiB below 4 GiB (MSI addresses may have 32 bits only) and inside
 * the aperture; never at 0, so that an address register which was never written does not ring.
 * -RF_ENOSPC: there is none. */
#define SW_MSI_BASE UINT64_C(0x08000000)
#define SW_MSI_SIZE MIB(1)
typedef bool (*resv_taken_t)(const void *ctx, struct range r); /* NULL: nothing is */
int resv_place_sw_msi(const struct resv_list *l, struct range aperture, resv_taken_t taken,
                      const void *ctx, struct range *out);

/* aperture minus every window that takes room away, in order; returns how many, at most max. */
unsigned resv_usable(const struct resv_list *l, struct range aperture, struct range *out,
                     unsigned max);

#endif
