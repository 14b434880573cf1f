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

static inline bool pt_is_valid(const struct pt *pt, uint64_t entry)
{
    return (entry & pt->fmt->valid_mask) != 0;
}

static inline bool pt_is_table(const struct pt *pt, uint64_t entry, unsigned level)
{
    return level > 0 && pt_is_valid(pt, entry) && !pt->fmt->is_leaf(entry, level);
}

static inline bool pt_is_leaf(const struct pt *pt, uint64_t entry, unsigned level)
{
    return pt_is_valid(pt, entry) && (level == 0 || pt->fmt->is_leaf(entry, level));
}

/* The part of r that the entry of r.start, which covers 2^lg2 bytes, is responsible for. */
static inline struct range pt_entry_part(struct range r, unsigned lg2)
{
    uint64_t entry_last = r.start | (BIT(lg2) - 1);
    return (struct range){r.start, MIN(r.last, entry_last)};
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

/* The number of valid entries of a table; NULL for an adopted table, which has none and is
 * therefore never seen to become empty. */
static inline uint16_t *pt_live(const struct pt *pt, paddr_t table)
{
    return pt->adopted && !page_is_managed(table) ? NULL : page_tag(table);
}

static inline void pt_live_add(const struct pt *pt, paddr_t table, int n)
{
    uint16_t *live = n == 0 ? NULL : pt_live(pt, table);
    if (live != NULL)
        *live = (uint16_t)(*live + n);
}

/* The tables that lead to the lowest one which has all of a range. */
#define PT_LEVELS_MAX 5
struct pt_path {
    unsigned level;               /* of the lowest table */
    paddr_t table[PT_LEVELS_MAX]; /* from [level] up to [top_level] */
};
void pt_descend(const struct pt *pt, struct range r, struct pt_path *out);

/* Checks an input range as pt_map promises, and makes it *out. */
int pt_check_range(const struct pt *pt, uint64_t iova, uint64_t size, struct range *out);

/* True when a leaf lies partly inside and partly outside r. */
bool pt_cuts_leaf(const struct pt *pt, const struct pt_path *path, struct range r);

/* Writes the entries that r touched in this table back, when the walker does not snoop. */
void pt_clean(const struct pt *pt, const uint64_t *table, unsigned level, struct range r);

/* Orders or completes everything written so far before what the caller stores or returns next. */
void pt_publish(const struct pt *pt);

#endif
