/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/mem/zone.h"

#include "arch/mem.h"
#include "lib/base/err.h"

_Static_assert(sizeof(struct page_meta) == 4, "promised in page.h");

#define ZONES_MAX 64

static struct zone zones[ZONES_MAX];
static unsigned zone_count;
struct zone *zone_near[ZONES_NEAR];

static bool overlaps_a_zone(struct range r)
{
    for (unsigned i = 0; i < zone_count; i++) {
        if (range_overlaps(zones[i].given, r))
            return true;
    }
    return false;
}

static uint64_t group_bytes(struct range r)
{
    return (r.last / PAGE_GROUP - r.start / PAGE_GROUP + 1) * sizeof(struct page_group);
}

/* The metadata goes to the start of the range: RAM ends on a rounder address than the kernel image
 * or the device tree before it, so the large blocks stay whole. */
static void zone_set_up(struct zone *z, struct range r, uint64_t meta_bytes)
{
    z->given = r;
    z->pages = (struct range){r.start + meta_bytes, r.last};
    z->meta = paddr_to_ptr(PADDR(r.start));
    mem_zero_pages(z->meta, meta_bytes);
    z->groups = paddr_to_ptr(PADDR(r.start + meta_bytes - group_bytes(r)));
}

int zone_add(struct range r, struct zone **out)
{
    *out = NULL;
    uint64_t bytes = r.last - r.start + 1;
    if (r.last < r.start || !is_aligned(r.start | bytes, PAGE_SIZE) || overlaps_a_zone(r))
        return -RF_EINVAL;
    if (zone_count == ZONES_MAX)
        return -RF_ENOSPC;
    uint64_t meta_bytes =
        align_up((bytes >> PAGE_LG2) * sizeof(struct page_meta) + group_bytes(r), PAGE_SIZE);
    if (meta_bytes >= bytes)
        return 0;
    *out = &zones[zone_count++];
    zone_set_up(*out, r, meta_bytes);
    return 0;
}

/* The newest first: the bulk of RAM is added after the few pages that the kernel starts with. */
struct zone *zone_find(paddr_t pa)
{
    for (unsigned i = zone_count; i-- > 0;) {
        if (range_has(zones[i].pages, pa.v)) {
            zone_near[pa.v / PAGE_GROUP % ZONES_NEAR] = &zones[i];
            return &zones[i];
        }
    }
    return NULL;
}

uint64_t zone_metadata_bytes(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < zone_count; i++)
        sum += zones[i].pages.start - zones[i].given.start;
    return sum;
}

void zone_reset(void)
{
    zone_count = 0;
    for (unsigned i = 0; i < ZONES_NEAR; i++)
        zone_near[i] = NULL;
}
