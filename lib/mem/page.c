/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/mem/page.h"

#include <sys/queue.h>

#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/panic.h"
#include "lib/mem/inject.h"
#include "lib/mem/zone.h"

/* A binary buddy allocator (Knuth, TAOCP 1, 2.5). The free lists run through the free blocks
 * themselves, so free memory costs four bytes a page, and giving a range touches a page a block. */

/* The first bytes of a free block. */
struct free_block {
    LIST_ENTRY(free_block) link;
};
LIST_HEAD(free_list, free_block);

static struct free_list free_lists[PAGE_ORDER_MAX + 1];
static uint32_t orders_with_blocks; /* bit n: free_lists[n] is not empty */
static struct page_stats stats;

static uint64_t block_size(unsigned order)
{
    return PAGE_SIZE << order;
}

static void list_insert(struct zone *z, uint64_t pa, unsigned order)
{
    struct free_block *b = paddr_to_ptr(PADDR(pa));
    LIST_INSERT_HEAD(&free_lists[order], b, link);
    orders_with_blocks |= 1u << order;
    *zone_meta(z, pa) = (struct page_meta){.kind = PAGE_FREE, .order = (uint8_t)order};
}

static void list_remove(struct zone *z, uint64_t pa, unsigned order)
{
    struct free_block *b = paddr_to_ptr(PADDR(pa));
    LIST_REMOVE(b, link);
    if (LIST_EMPTY(&free_lists[order]))
        orders_with_blocks &= ~(1u << order);
    zone_meta(z, pa)->kind = PAGE_INSIDE;
}

/* The largest block that may start at pa and ends inside r. */
static unsigned largest_order(uint64_t pa, struct range r)
{
    unsigned fits = log2_floor((r.last - pa + 1) >> PAGE_LG2);
    unsigned aligned = pa == 0 ? PAGE_ORDER_MAX : (unsigned)__builtin_ctzll(pa) - PAGE_LG2;
    return MIN(MIN(fits, aligned), PAGE_ORDER_MAX);
}

int page_add_range(struct range r)
{
    struct zone *z;
    int rc = zone_add(r, &z);
    if (rc != 0 || z == NULL)
        return rc;
    uint64_t pages = range_size(z->pages) >> PAGE_LG2;
    for (uint64_t pa = z->pages.start, left = pages; left != 0;) {
        unsigned order = largest_order(pa, z->pages);
        list_insert(z, pa, order);
        pa += block_size(order);
        left -= UINT64_C(1) << order;
    }
    stats.total_pages += pages;
    stats.free_pages += pages;
    return 0;
}

/* Halves the block, which is on no list, until it has the order that is wanted. */
static void cut_down(struct zone *z, uint64_t pa, unsigned have, unsigned want)
{
    while (have > want) {
        have--;
        list_insert(z, pa + block_size(have), have);
    }
}

static bool is_block(const struct zone *z, uint64_t pa, enum page_kind kind, unsigned order)
{
    if (!range_has(z->pages, pa) || !is_aligned(pa, PAGE_SIZE))
        return false;
    const struct page_meta *m = zone_meta(z, pa);
    return m->kind == kind && m->order == order;
}

/* Takes the block at pa, which is on no list any more. */
static paddr_t hand_out(struct zone *z, uint64_t pa, unsigned order)
{
    *zone_meta(z, pa) = (struct page_meta){.kind = PAGE_USED, .order = (uint8_t)order};
    stats.free_pages -= UINT64_C(1) << order;
    return PADDR(pa);
}

static paddr_t alloc(unsigned order)
{
    if (order > PAGE_ORDER_MAX || orders_with_blocks >> order == 0)
        return PADDR_INVALID;
    unsigned have = order + (unsigned)__builtin_ctz(orders_with_blocks >> order);
    paddr_t pa = ptr_to_paddr(LIST_FIRST(&free_lists[have]));
    struct zone *z = zone_of(pa);
    list_remove(z, pa.v, have);
    cut_down(z, pa.v, have, order);
    return hand_out(z, pa.v, order);
}

paddr_t page_alloc(unsigned order)
{
    return inject_hit() ? PADDR_INVALID : alloc(order);
}

/* The free block that has all of the one at pa. False: there is none. */
static bool find_around(const struct zone *z, uint64_t pa, unsigned order, uint64_t *start,
                        unsigned *have)
{
    for (*have = order; *have <= PAGE_ORDER_MAX; ++*have) {
        *start = align_down(pa, block_size(*have));
        if (is_block(z, *start, PAGE_FREE, *have))
            return true;
    }
    return false;
}

/* Halves the free block until the wanted one is left, and puts the other halves back. */
static paddr_t cut_out(struct zone *z, uint64_t start, unsigned have, uint64_t pa, unsigned order)
{
    list_remove(z, start, have);
    while (have > order) {
        have--;
        uint64_t upper = start + block_size(have);
        list_insert(z, pa < upper ? upper : start, have);
        start = pa < upper ? start : upper;
    }
    return hand_out(z, pa, order);
}

paddr_t page_alloc_at(paddr_t pa, unsigned order)
{
    struct zone *z = zone_of(pa);
    uint64_t start;
    unsigned have;
    if (inject_hit())
        return PADDR_INVALID;
    if (z == NULL || order > PAGE_ORDER_MAX || !is_aligned(pa.v, block_size(order)) ||
        !find_around(z, pa.v, order, &start, &have))
        return alloc(order);
    return cut_out(z, start, have, pa.v, order);
}

paddr_t page_alloc_zeroed(unsigned order)
{
    paddr_t pa = page_alloc(order);
    if (paddr_valid(pa))
        mem_zero_pages(paddr_to_ptr(pa), block_size(order));
    return pa;
}

/* Takes the block from its owner: the one place that tells a double or foreign free. */
static struct zone *take_back(const char *caller, paddr_t pa, unsigned order, enum page_kind kind)
{
    struct zone *z = zone_of(pa);
    if (z != NULL && is_block(z, pa.v, PAGE_USED, order)) {
        zone_meta(z, pa.v)->kind = (uint8_t)kind;
        return z;
    }
    panic("%s: 0x%lx is not an allocated block of order %u", caller, pa.v, order);
}

static enum page_kind kind_of(paddr_t pa)
{
    const struct zone *z = zone_of(pa);
    return z == NULL ? PAGE_INSIDE : zone_meta(z, pa.v)->kind;
}

void page_quarantine(paddr_t pa, unsigned order)
{
    enum page_kind kind = kind_of(pa);
    if (kind == PAGE_QUARANTINED)
        return;
    if (kind == PAGE_ORPHAN)
        zone_meta(zone_of(pa), pa.v)->kind = PAGE_USED;
    take_back(__func__, pa, order, PAGE_QUARANTINED);
    stats.quarantined_pages += UINT64_C(1) << order;
}

void page_free(paddr_t pa, unsigned order)
{
    struct zone *z = take_back(__func__, pa, order, PAGE_INSIDE);
    stats.free_pages += UINT64_C(1) << order;

    uint64_t start = pa.v;
    for (; order < PAGE_ORDER_MAX; order++) {
        uint64_t buddy = start ^ block_size(order);
        if (!is_block(z, buddy, PAGE_FREE, order))
            break;
        list_remove(z, buddy, order);
        start = MIN(start, buddy);
    }
    list_insert(z, start, order);
}

void page_get_stats(struct page_stats *out)
{
    *out = stats;
    out->metadata_bytes = zone_metadata_bytes();
}

void page_reset(void)
{
    for (unsigned i = 0; i <= PAGE_ORDER_MAX; i++)
        LIST_INIT(&free_lists[i]);
    orders_with_blocks = 0;
    stats = (struct page_stats){0};
    zone_reset();
}
