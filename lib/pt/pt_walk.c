/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/engine.h"

static void describe(const struct pt *pt, uint64_t entry, unsigned level, uint64_t iova,
                     struct pt_leaf *out)
{
    unsigned lg2 = pt_entry_lg2(pt, level);
    *out = (struct pt_leaf){
        .pa = paddr_add(pt_target(pt, entry), iova & (BIT(lg2) - 1)),
        .prot = pt->fmt->prot_of(pt, entry),
        .size_lg2 = (uint8_t)lg2,
    };
}

struct pt_place pt_walk(const struct pt *pt, struct range r, unsigned lowest)
{
    const uint64_t differ = r.start ^ r.last;
    struct pt_place at = {pt->root, pt->top_level};
    while (at.level > lowest && differ >> pt_entry_lg2(pt, at.level) == 0) {
        uint64_t entry = dma_load64(pt_entry(pt, at, r.start));
        if (!pt_is_table(pt, entry, at.level))
            break;
        at = (struct pt_place){pt_target(pt, entry), at.level - 1};
    }
    return at;
}

static struct pt_place descend_far(struct pt *pt, struct range r)
{
    const struct pt_place above = pt_walk(pt, r, 1);
    if (above.level != 1 || (r.start ^ r.last) >> pt->region_lg2 != 0)
        return above;
    struct pt_near *near = pt_near(pt, r.start);
    *near = (struct pt_near){.start = align_down(r.start, BIT(pt->region_lg2)),
                             .entry = pt_entry(pt, above, r.start)};
    const uint64_t value = dma_load64(near->entry);
    if (!pt_is_table(pt, value, 1))
        return above;
    const struct pt_place at = {pt_target(pt, value), 0};
    near->live = pt_live(pt, at.table);
    if (near->live != NULL)
        near->pages = pt_table(at.table);
    return at;
}

struct pt_place pt_descend(struct pt *pt, struct range r)
{
    const struct pt_near *near = pt_near(pt, r.start);
    if (near->entry == NULL || ((r.start ^ near->start) | (r.last ^ near->start)) >> pt->region_lg2)
        return descend_far(pt, r);
    if (near->pages != NULL)
        return (struct pt_place){ptr_to_paddr(near->pages), 0};
    if (pt_is_table(pt, dma_load64(near->entry), 1))
        return descend_far(pt, r);
    return (struct pt_place){pt_table_of(pt, near->entry), 1};
}

bool pt_lookup_run(const struct pt *pt, uint64_t iova, uint64_t size, struct pt_leaf *out,
                   uint64_t *run)
{
    if (iova >> pt->cfg.ias != 0)
        return false;
    const struct pt_place at = pt_descend((struct pt *)pt, (struct range){iova, iova});
    const uint64_t *entry = pt_entry(pt, at, iova);
    if (!pt_is_leaf(pt, dma_load64(entry), at.level))
        return false;
    describe(pt, dma_load64(entry), at.level, iova, out);
    const uint64_t leaf_size = BIT(out->size_lg2);
    const uint64_t offset = iova & (leaf_size - 1);
    if (size <= leaf_size - offset) {
        *run = size;
        return true;
    }
    const size_t in_table = pt_entries(pt, at.level) - pt_index(pt, at.level, iova);
    const size_t wanted = ((offset + size - 1) >> out->size_lg2) + 1;
    const uint64_t found = leaf_size * pt_bulk_run(entry, MIN(in_table, wanted), leaf_size);
    *run = MIN(size, found - offset);
    return true;
}

bool pt_lookup(const struct pt *pt, uint64_t iova, struct pt_leaf *out)
{
    if (iova >> pt->cfg.ias != 0)
        return false;
    /* What is remembered of walks is no part of what the tables say. */
    const struct pt_place at = pt_descend((struct pt *)pt, (struct range){iova, iova});
    const uint64_t entry = dma_load64(pt_entry(pt, at, iova));
    if (!pt_is_leaf(pt, entry, at.level))
        return false;
    describe(pt, entry, at.level, iova, out);
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
            next_in_table(pt, pt_target(pt, entry), level - 1, iova, out))
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

bool pt_cuts_leaf(const struct pt *pt, struct pt_place at, struct range r)
{
    uint64_t largest = BIT(pt_entry_lg2(pt, at.level));
    return at.level > 0 &&
           (inside_a_leaf(pt, r.start, largest) || inside_a_leaf(pt, r.last + 1, largest));
}
