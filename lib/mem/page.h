/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_MEM_PAGE_H
#define RF_MEM_PAGE_H

#include "lib/base/range.h"

/* Physical pages: a binary buddy allocator over any number of RAM ranges. Blocks are 2^order pages,
 * aligned to their size; order 0 is one PAGE_SIZE page. */
#define PAGE_ORDER_MAX 18u /* 1 GiB */

/* Gives a physical range (page aligned, in the linear map) to the allocator. Its metadata (4 bytes
 * a page, and 8 for 2 MiB) is carved from the range itself. -RF_EINVAL: misaligned or overlapping
 * an earlier one; -RF_ENOSPC: too many ranges (64). A range too small for its own metadata is
 * ignored. */
int page_add_range(struct range r);

/* 2^order pages, content undefined, or PADDR_INVALID when there are none. Refs start at 1. */
paddr_t page_alloc(unsigned order);

/* The same, and if it is free the block at pa, so that what is asked for piece by piece is one
 * piece of memory. pa may be anything. */
paddr_t page_alloc_at(paddr_t pa, unsigned order);

/* As page_alloc, zeroed. */
paddr_t page_alloc_zeroed(unsigned order);

/* Gives back a block that page_alloc returned (same order). Panics on a double free or a foreign
 * address: an invariant, not input. */
void page_free(paddr_t pa, unsigned order);

/* Turns one allocated block of `order` into 2^order blocks of order 0, each with one reference, so
 * that they can be released one by one. */
void page_split(paddr_t pa, unsigned order);

/* References of an allocated order-0 page. page_unref frees it when the last one goes and returns
 * true then. Counts saturate: a page with 2^16 references stays for ever. */
void page_ref(paddr_t pa);
bool page_unref(paddr_t pa);

/* The same for each page of a row; size is a multiple of PAGE_SIZE. */
void page_unref_row(paddr_t pa, uint64_t size);

/* Pins keep the pages of a row, which somebody has references to, when those go: a page is free
 * when it has neither. Where a row has all of an aligned PAGE_GROUP, the group is counted and not
 * its pages, so that a row is unpinned as it was pinned, and not in parts; but neighbours that are
 * smaller than a group together may be unpinned as one row. */
#define PAGE_GROUP MIB(2)
void page_pin_row(paddr_t pa, uint64_t size);
void page_unpin_row(paddr_t pa, uint64_t size);
unsigned page_refs(paddr_t pa);

/* True for an address inside a range that page_add_range took (allocated or not). */
bool page_is_managed(paddr_t pa);

/* A 16-bit number that belongs to the owner of an allocated block (its first page); 0 after
 * page_alloc. lib/pt keeps the number of live entries of a table in it. It is stored where the
 * reference count of a page is, so a block has one or the other. */
uint16_t *page_tag(paddr_t pa);

/* Pages that may never be used again because an invalidation that covers them did not complete
 * (design I2): neither free nor anyone's. Other holders of references to such a page may still drop
 * them with page_unref, which then never frees it, or quarantine it too. */
void page_quarantine(paddr_t pa, unsigned order);

struct page_stats {
    uint64_t total_pages; /* without the metadata */
    uint64_t free_pages;
    uint64_t quarantined_pages;
    uint64_t metadata_bytes;
};
void page_get_stats(struct page_stats *out);

/* For tests: forgets every range. */
void page_reset(void);

#endif
