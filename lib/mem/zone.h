/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_MEM_ZONE_H
#define RF_MEM_ZONE_H

#include "lib/base/mask.h"
#include "lib/mem/page.h"

/* Internal to lib/mem: the ranges that the allocator was given, four bytes about each page, and
 * eight about each group. */

enum page_kind {
    PAGE_INSIDE, /* not the first page of a block; what zeroed metadata says */
    PAGE_FREE,
    PAGE_USED,
    PAGE_QUARANTINED,
    PAGE_ORPHAN, /* no references, but its group is pinned */
};

struct page_meta {
    uint8_t kind;
    uint8_t order;  /* of the block that starts here */
    uint16_t count; /* PAGE_USED: references beyond the first, or the owner's tag */
};

/* An aligned PAGE_GROUP is one number, so that a row of them is counted in one pass: how often it
 * is pinned, and with GROUP_ORPHANS, that some of its pages are PAGE_ORPHAN. */
struct page_group {
    uint64_t pins;
};
#define GROUP_ORPHANS   BIT(63)
#define GROUP_UNDERFLOW BIT(62) /* no group is pinned so often */

struct zone {
    struct range given; /* with the metadata, which comes first */
    struct range pages; /* what can be allocated */
    struct page_meta *meta;
    struct page_group *groups; /* the first one has given.start */
};

/* Takes r as page_add_range does; *out is the new zone, or NULL when r is too small to hold a page
 * beside its metadata. */
int zone_add(struct range r, struct zone **out);

/* The zone that pa can be allocated from; NULL for a foreign address. Most questions are about
 * places that were asked about before, so some answers are remembered. */
#define ZONES_NEAR 16
extern struct zone *zone_near[ZONES_NEAR];
struct zone *zone_find(paddr_t pa);

static inline struct zone *zone_of(paddr_t pa)
{
    struct zone *z = zone_near[pa.v / PAGE_GROUP % ZONES_NEAR];
    return z != NULL && range_has(z->pages, pa.v) ? z : zone_find(pa);
}

static inline struct page_meta *zone_meta(const struct zone *z, uint64_t pa)
{
    return &z->meta[(pa - z->pages.start) >> PAGE_LG2];
}

static inline struct page_group *zone_group(const struct zone *z, uint64_t pa)
{
    return &z->groups[pa / PAGE_GROUP - z->given.start / PAGE_GROUP];
}

/* Bytes of metadata in all zones. */
uint64_t zone_metadata_bytes(void);

void zone_reset(void);

#endif
