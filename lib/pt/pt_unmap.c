/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/pt/engine.h"

struct unmap_job {
    struct pt *pt;
    struct pt_gather *g;
    uint64_t bytes;
};

/* Clears the leaves that follow each other from `first` on; returns how many. */
static size_t clear_leaves(const struct pt_format *fmt, uint64_t *first, size_t n, unsigned level)
{
    const uint64_t valid = fmt->valid_mask;
    uint64_t *entry = first;
    for (uint64_t *end = first + n; entry < end; entry++) {
        uint64_t old = dma_load64(entry);
        if ((old & valid) == 0 || (level > 0 && !fmt->is_leaf(old, level)))
            break;
        dma_store64(entry, 0);
    }
    return (size_t)(entry - first);
}

/* Clears a run of leaves and notes it. Returns the part of r that it had. */
static struct range unmap_run(struct unmap_job *u, uint64_t *entry, unsigned level, struct range r)
{
    unsigned lg2 = pt_entry_lg2(u->pt, level);
    size_t n = clear_leaves(u->pt->fmt, entry, range_size(r) >> lg2, level);
    struct range run = {r.start, r.start + ((uint64_t)n << lg2) - 1};
    u->pt->leaves -= n;
    u->bytes += range_size(run);
    pt_gather_add(u->g, run, (uint8_t)lg2, false);
    return run;
}

/* Unlinks the table below the entry of iova when it became empty: then nothing stands in the way of
 * a block, and a walker has nothing to find there. It may still hold the pointer, so the table
 * waits in the gather. `level` is the parent's. */
static bool unlink_if_empty(struct unmap_job *u, paddr_t parent, unsigned level, uint64_t iova)
{
    struct pt *pt = u->pt;
    uint64_t *entry = &pt_table(parent)[pt_index(pt, level, iova)];
    paddr_t table = pt->fmt->table_of(pt, dma_load64(entry));
    const uint16_t *live = pt_live(pt, table);
    if (live == NULL || *live != 0)
        return false;
    dma_store64(entry, 0);
    pt_live_add(pt, parent, -1);
    pt_gather_add(u->g, pt_entry_span(pt_entry_lg2(pt, level), iova), 0, true);
    pt_gather_add_table(u->g, table, (uint8_t)pt_table_order(pt));
    pt->tables--;
    return true;
}

static void unmap_table(struct unmap_job *u, paddr_t table, unsigned level, struct range r)
{
    struct pt *pt = u->pt;
    struct range todo = r;
    int cleared = 0;
    for (;;) {
        unsigned lg2 = pt_entry_lg2(pt, level);
        uint64_t *entry = &pt_table(table)[pt_index(pt, level, todo.start)];
        uint64_t value = dma_load64(entry);
        struct range part = pt_entry_part(todo, lg2);
        if (pt_is_leaf(pt, value, level)) {
            part = unmap_run(u, entry, level, todo);
            cleared += (int)(range_size(part) >> lg2);
        } else if (pt_is_table(pt, value, level)) {
            unmap_table(u, pt->fmt->table_of(pt, value), level - 1, part);
            unlink_if_empty(u, table, level, part.start);
        }
        if (part.last == todo.last)
            break;
        todo.start = part.last + 1;
    }
    pt_clean(pt, pt_table(table), level, r);
    pt_live_add(pt, table, -cleared);
}

/* The tables above the one that has all of r may have become empty, too. */
static void unlink_upwards(struct unmap_job *u, const struct pt_path *path, struct range r)
{
    for (unsigned level = path->level + 1; level <= u->pt->top_level; level++) {
        if (!unlink_if_empty(u, path->table[level], level, r.start))
            break;
        pt_clean(u->pt, pt_table(path->table[level]), level, r);
    }
}

int pt_unmap(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g, uint64_t *unmapped)
{
    struct unmap_job u = {.pt = pt, .g = g};
    struct pt_path path;
    struct range r;
    if (unmapped != NULL)
        *unmapped = 0;
    int rc = pt_check_range(pt, iova, size, &r);
    if (rc != 0)
        return rc;
    pt_descend(pt, r, &path);
    if (pt_cuts_leaf(pt, &path, r))
        return -RF_EINVAL;
    unmap_table(&u, path.table[path.level], path.level, r);
    unlink_upwards(&u, &path, r);
    pt_publish(pt);
    if (unmapped != NULL)
        *unmapped = u.bytes;
    return 0;
}
