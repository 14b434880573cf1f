/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/engine.h"

static void describe(const struct pt *pt, uint64_t entry, unsigned level, uint64_t iova,
                     struct pt_leaf *out)
{
    unsigned lg2 = pt_entry_lg2(pt, level);
    *out = (struct pt_leaf){
        .pa = paddr_add(pt->fmt->leaf_of(pt, entry, level), iova & (BIT(lg2) - 1)),
        .prot = pt->fmt->prot_of(pt, entry),
        .size_lg2 = (uint8_t)lg2,
    };
}

void pt_descend(const struct pt *pt, struct range r, struct pt_path *out)
{
    unsigned level = pt->top_level;
    unsigned lg2 = pt_entry_lg2(pt, level);
    paddr_t table = pt->root;
    out->table[level] = table;
    for (; r.start >> lg2 == r.last >> lg2; lg2 -= pt->index_bits) {
        size_t index = (r.start >> lg2) & (BIT(pt->index_bits) - 1);
        uint64_t entry = dma_load64(&pt_table(table)[index]);
        if (!pt_is_table(pt, entry, level))
            break;
        table = pt->fmt->table_of(pt, entry);
        out->table[--level] = table;
    }
    out->level = level;
}

bool pt_lookup(const struct pt *pt, uint64_t iova, struct pt_leaf *out)
{
    struct pt_path path;
    if (iova >> pt->cfg.ias != 0)
        return false;
    pt_descend(pt, (struct range){iova, iova}, &path);
    const uint64_t *table = pt_table(path.table[path.level]);
    uint64_t entry = dma_load64(&table[pt_index(pt, path.level, iova)]);
    if (!pt_is_valid(pt, entry))
        return false;
    describe(pt, entry, path.level, iova, out);
    return true;
}

/* The first leaf of the table at or after *iova, which moves to its start. */
static bool next_in_table(const struct pt *pt, paddr_t table, unsigned level, uint64_t *iova,
                          struct pt_leaf *out)
{
    unsigned lg2 = pt_entry_lg2(pt, level);
    for (size_t i = pt_index(pt, level, *iova); i < pt_entries(pt, level); i++) {
        uint64_t entry = dma_load64(&pt_table(table)[i]);
        uint64_t next = pt_entry_span(lg2, *iova).last + 1; /* the recursion moves *iova */
        if (pt_is_leaf(pt, entry, level)) {
            *iova = align_down(*iova, BIT(lg2));
            describe(pt, entry, level, *iova, out);
            return true;
        }
        if (pt_is_table(pt, entry, level) &&
            next_in_table(pt, pt->fmt->table_of(pt, entry), level - 1, iova, out))
            return true;
        *iova = next;
    }
    return false;
}

bool pt_next_leaf(const struct pt *pt, uint64_t iova, uint64_t *leaf_iova, struct pt_leaf *out)
{
    if (iova >> pt->cfg.ias != 0)
        return false;
    *leaf_iova = iova;
    return next_in_table(pt, pt->root, pt->top_level, leaf_iova, out);
}

/* Some leaf goes on across the boundary; leaves around it are at most `largest` bytes. */
static bool inside_a_leaf(const struct pt *pt, uint64_t boundary, uint64_t largest)
{
    struct pt_leaf leaf;
    return !is_aligned(boundary, largest) && pt_lookup(pt, boundary, &leaf) &&
           !is_aligned(boundary, BIT(leaf.size_lg2));
}

bool pt_cuts_leaf(const struct pt *pt, const struct pt_path *path, struct range r)
{
    uint64_t largest = BIT(pt_entry_lg2(pt, path->level));
    return inside_a_leaf(pt, r.start, largest) || inside_a_leaf(pt, r.last + 1, largest);
}

/* An aligned piece of `step` bytes lies inside [iova, iova + size). */
static bool holds_piece(uint64_t step, uint64_t iova, uint64_t size)
{
    uint64_t head = -iova & (step - 1);
    return head < size && size - head >= step;
}

uint64_t pt_best_size(uint64_t sizes, uint64_t iova, paddr_t pa, uint64_t size)
{
    while (sizes != 0) {
        uint64_t largest = BIT(log2_floor(sizes));
        if (is_aligned(iova ^ pa.v, largest) && holds_piece(largest, iova, size))
            return largest;
        sizes &= ~largest;
    }
    return 0;
}
