/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PT_ENGINE_H
#define RF_PT_ENGINE_H

#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/mask.h"
#include "lib/mem/page.h"
#include "lib/pt/pt.h"

/* Internal to lib/pt: what the walks of pt_*.c have in common. */

/* log2 of the bytes that one entry of a table at `level` covers. */
static inline unsigned pt_entry_lg2(const struct pt *pt, unsigned level)
{
    return pt->cfg.granule_lg2 + level * pt->index_bits;
}

/* The root may have fewer entries; ias keeps every address below them. */
static inline size_t pt_index(const struct pt *pt, unsigned level, uint64_t iova)
{
    return (iova >> pt_entry_lg2(pt, level)) & ((UINT64_C(1) << pt->index_bits) - 1);
}

static inline size_t pt_entries(const struct pt *pt, unsigned level)
{
    return (size_t)1 << (level == pt->top_level ? pt->root_bits : pt->index_bits);
}

static inline uint64_t *pt_table(paddr_t table)
{
    return paddr_to_ptr(table);
}

/* The table that an entry is in. */
static inline paddr_t pt_table_of(const struct pt *pt, const uint64_t *entry)
{
    return PADDR(align_down(ptr_to_paddr(entry).v, BIT(pt->cfg.granule_lg2)));
}

static inline bool pt_is_valid(const struct pt *pt, uint64_t entry)
{
    return (entry & pt->fmt->valid_mask) != 0;
}

/* Of an entry above level 0. */
static inline bool pt_is_block(const struct pt *pt, uint64_t entry)
{
    return (entry & pt->fmt->block_mask) == pt->fmt->block_bits;
}

static inline bool pt_is_table(const struct pt *pt, uint64_t entry, unsigned level)
{
    return level > 0 && pt_is_valid(pt, entry) && !pt_is_block(pt, entry);
}

static inline bool pt_is_leaf(const struct pt *pt, uint64_t entry, unsigned level)
{
    return level == 0 ? pt_is_valid(pt, entry) : pt_is_block(pt, entry);
}

/* What a valid entry leads to: memory or a table. */
static inline paddr_t pt_target(const struct pt *pt, uint64_t entry)
{
    return PADDR(entry & pt->fmt->addr_mask);
}

static inline uint64_t pt_encode_table(const struct pt *pt, paddr_t table)
{
    return pt->fmt->table_bits | table.v;
}

/* Entries in turns of PT_BULK: all of them or-ed; leaves that follow each other; invalid. */
#define PT_BULK 32
uint64_t pt_bulk_or(const uint64_t *entry, size_t turns);
void pt_bulk_fill(uint64_t *entry, uint64_t leaf, uint64_t size, size_t turns);
void pt_bulk_clear(uint64_t *entry, size_t turns);

/* How many of n entries, the first of which is a leaf, continue it: the address is an addend. */
size_t pt_bulk_run(const uint64_t *entry, size_t n, uint64_t size);

/* One of n entries is in use. */
static inline bool pt_any_valid(const struct pt *pt, const uint64_t *entry, size_t n)
{
    uint64_t any = n >= PT_BULK ? pt_bulk_or(entry, n / PT_BULK) : 0;
    for (size_t i = n - n % PT_BULK; i < n; i++)
        any |= dma_load64(&entry[i]);
    return pt_is_valid(pt, any);
}

/* Writes n leaves of 2^lg2 bytes that follow each other. */
static inline void pt_write_leaves(uint64_t *entry, uint64_t leaf, unsigned lg2, size_t n)
{
    if (n >= PT_BULK)
        pt_bulk_fill(entry, leaf, BIT(lg2), n / PT_BULK);
    for (size_t i = n - n % PT_BULK; i < n; i++)
        dma_store64(&entry[i], leaf + ((uint64_t)i << lg2));
}

/* The part of r that the entry of r.start, which covers 2^lg2 bytes, is responsible for. */
static inline struct range pt_entry_part(struct range r, unsigned lg2)
{
    uint64_t entry_last = r.start | (BIT(lg2) - 1);
    return (struct range){r.start, MIN(r.last, entry_last)};
}

/* Entries of one table that r, all of which it is responsible for, touches. */
static inline size_t pt_entry_count(struct range r, unsigned lg2)
{
    return (size_t)((r.last >> lg2) - (r.start >> lg2) + 1);
}

/* The first byte of r that the i-th of these entries is responsible for. */
static inline uint64_t pt_entry_iova(struct range r, unsigned lg2, size_t i)
{
    return i == 0 ? r.start : align_down(r.start, BIT(lg2)) + ((uint64_t)i << lg2);
}

/* Everything that the entry of iova covers. */
static inline struct range pt_entry_span(unsigned lg2, uint64_t iova)
{
    return (struct range){align_down(iova, BIT(lg2)), iova | (BIT(lg2) - 1)};
}

static inline unsigned pt_table_order(const struct pt *pt)
{
    return pt->cfg.granule_lg2 - PAGE_LG2;
}

/* The number of valid entries of a table, or PT_KEPT; NULL for an adopted table, which has none and
 * is therefore never seen to become empty. */
#define PT_KEPT 0x8000u /* empty, and left linked: more than any table has entries */
static inline uint16_t *pt_live(const struct pt *pt, paddr_t table)
{
    return pt->adopted && !page_is_managed(table) ? NULL : page_tag(table);
}

/* The table is no longer one of those. */
static inline void pt_unkeep(struct pt *pt, uint16_t *live)
{
    if (*live != PT_KEPT)
        return;
    pt->kept--;
    *live = 0;
}

/* n entries became valid, or invalid. */
static inline void pt_live_add(struct pt *pt, uint16_t *live, size_t n)
{
    if (live == NULL || n == 0)
        return;
    pt_unkeep(pt, live);
    *live = (uint16_t)(*live + n);
}

static inline void pt_live_sub(uint16_t *live, size_t n)
{
    if (live != NULL && n != 0)
        *live = (uint16_t)(*live - n);
}

/* A table, and its level. */
struct pt_place {
    paddr_t table;
    unsigned level;
};

/* Its entry for iova. */
static inline uint64_t *pt_entry(const struct pt *pt, struct pt_place at, uint64_t iova)
{
    return &pt_table(at.table)[pt_index(pt, at.level, iova)];
}

/* The lowest table that has all of r, but none below the level `lowest`. */
struct pt_place pt_walk(const struct pt *pt, struct range r, unsigned lowest);

/* Where what is known of the place of iova is remembered. */
static inline struct pt_near *pt_near(const struct pt *pt, uint64_t iova)
{
    return (struct pt_near *)&pt->near[(iova >> pt->region_lg2) % ARRAY_SIZE(pt->near)];
}

/* The lowest table that has all of r: by pt->near, or from the root. */
struct pt_place pt_descend(struct pt *pt, struct range r);

/* pt_live of a table of level 0 that has iova. */
static inline uint16_t *pt_live_near(const struct pt *pt, paddr_t table, uint64_t iova)
{
    const struct pt_near *near = pt_near(pt, iova);
    return near->pages == pt_table(table) ? near->live : pt_live(pt, table);
}

/* Checks an input range as pt_map promises, and makes it *out. */
int pt_check_range(const struct pt *pt, uint64_t iova, uint64_t size, struct range *out);

/* Checks rights as pt_map promises. */
int pt_check_prot(const struct pt *pt, unsigned prot);

/* True when a leaf lies partly inside and partly outside r, all of which is in the table at `at`.
 */
bool pt_cuts_leaf(const struct pt *pt, struct pt_place at, struct range r);

/* Writes the entries that r touched in this table back, when the walker does not snoop. */
static inline void pt_clean(const struct pt *pt, struct pt_place at, struct range r)
{
    if (!pt->cfg.coherent)
        dma_clean(pt_entry(pt, at, r.start),
                  pt_entry_count(r, pt_entry_lg2(pt, at.level)) * sizeof(uint64_t));
}

/* Orders or completes everything written so far before what the caller stores or returns next. */
void pt_publish(const struct pt *pt);

/* Notes that a run of n leaves, of which `iova` is the first byte, was cleared. */
static inline void pt_note_run(struct pt *pt, struct pt_gather *g, unsigned lg2, uint64_t iova,
                               size_t n)
{
    const uint64_t bytes = (uint64_t)n << lg2;
    pt->leaves -= n;
    pt_gather_add(g, (struct range){iova, iova + (bytes - 1)}, (uint8_t)lg2, false);
}

/* Clears the leaves that follow each other from `first` on, of level 0 or above; returns how many.
 */
static inline size_t pt_clear_run(const struct pt *pt, uint64_t *first, size_t n, unsigned level)
{
    uint64_t *entry = first;
    for (uint64_t *end = first + n; entry < end; entry++) {
        if (!pt_is_leaf(pt, dma_load64(entry), level))
            break;
        dma_store64(entry, 0);
    }
    return (size_t)(entry - first);
}

/* The same for all leaves among n entries of level 0, of which the first one is of iova. */
static inline size_t pt_clear_runs(struct pt *pt, struct pt_gather *g, uint64_t *first, size_t n,
                                   uint64_t iova)
{
    const unsigned lg2 = pt->cfg.granule_lg2;
    size_t cleared = 0;
    for (size_t i = 0; i < n; i++) { /* a run ends at what is no leaf */
        const size_t run = pt_clear_run(pt, &first[i], n - i, 0);
        if (run != 0)
            pt_note_run(pt, g, lg2, iova + ((uint64_t)i << lg2), run);
        cleared += run;
        i += run;
    }
    return cleared;
}

static inline bool pt_is_empty(const uint16_t *live)
{
    return live != NULL && (*live == 0 || *live == PT_KEPT);
}

/* True: the empty table stays linked. */
bool pt_keep(struct pt *pt, uint16_t *live);

/* Of r, the last leaves of a table of level 0 were cleared: unlinks it, and what is empty above. */
void pt_unlink_empty(struct pt *pt, struct pt_gather *g, struct range r);

/* pt_map and pt_unmap where pt->near does not know the place. */
int pt_map_far(struct pt *pt, uint64_t iova, paddr_t pa, uint64_t size, unsigned prot);
int pt_unmap_far(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g,
                 uint64_t *unmapped);

#endif
