/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/pt/engine.h"

struct unmap_job {
    struct pt *pt;
    struct pt_gather *g;
    uint64_t bytes;
};

/* ---- tables that became empty ---------------------------------------------------------------- */

/* A table with so many live entries is to be unlinked; all of its span went, or only a part. */
static bool must_go(struct pt *pt, uint16_t *live, bool whole)
{
    if (!pt_is_empty(live) || (!whole && pt_keep(pt, live)))
        return false;
    pt_unkeep(pt, live);
    return true;
}

/* Of the entries that the span covers, nothing is as it is remembered. */
static void forget(struct pt *pt, struct range span)
{
    for (size_t i = 0; i < ARRAY_SIZE(pt->near); i++) {
        if (range_has(span, pt->near[i].start))
            pt->near[i] = (struct pt_near){0};
    }
}

/* Takes the table out from below its entry: then nothing stands in the way of a block, and a walker
 * has nothing to find there. It may still hold the pointer, so the table waits in the gather. */
static void unlink_table(struct unmap_job *u, paddr_t table, uint64_t *entry, struct range span)
{
    struct pt *pt = u->pt;
    dma_store64(entry, 0);
    forget(pt, span);
    pt_gather_add(u->g, span, 0, true);
    pt_gather_add_table(u->g, table, (uint8_t)pt_table_order(pt));
    pt->tables--;
}

/* The table that has all of r, and then those above it, may have become empty. None stays: `whole`.
 */
static void unlink_upwards(struct unmap_job *u, struct pt_place at, uint16_t *live, struct range r,
                           bool whole)
{
    struct pt *pt = u->pt;
    while (at.level < pt->top_level) {
        const struct range span = pt_entry_span(pt_entry_lg2(pt, at.level + 1), r.start);
        if (!must_go(pt, live, whole || range_contains(r, span)))
            return;
        const struct pt_place above = pt_walk(pt, r, at.level + 1);
        unlink_table(u, at.table, pt_entry(pt, above, r.start), span);
        pt_clean(pt, above, r);
        live = pt_live(pt, above.table);
        pt_live_sub(live, 1);
        at = above;
    }
}

void pt_unlink_empty(struct pt *pt, struct pt_gather *g, struct range r)
{
    struct unmap_job u = {.pt = pt, .g = g};
    const struct pt_place at = pt_descend(pt, r);
    unlink_upwards(&u, at, pt_live(pt, at.table), r, false);
}

/* ---- leaves ---------------------------------------------------------------------------------- */

/* Every entry of a table of level 0 is valid, and there are n. */
static bool is_full(const struct pt *pt, const uint16_t *live, size_t n)
{
    return live != NULL && *live == n && n == BIT(pt->index_bits);
}

/* Level 0. Returns the number of entries that stay; NULL as pt_live. */
static uint16_t *unmap_pages(struct unmap_job *u, struct pt_place at, struct range r)
{
    struct pt *pt = u->pt;
    const unsigned lg2 = pt->cfg.granule_lg2;
    size_t n = pt_entry_count(r, lg2);
    uint64_t *entry = pt_entry(pt, at, r.start);
    uint16_t *live = pt_live_near(pt, at.table, r.start);
    if (is_full(pt, live, n)) {
        pt_bulk_clear(entry, n / PT_BULK);
        pt_note_run(pt, u->g, lg2, r.start, n);
    } else {
        n = pt_clear_runs(pt, u->g, entry, n, r.start);
    }
    u->bytes += (uint64_t)n << lg2;
    pt_clean(pt, at, r);
    pt_live_sub(live, n);
    return live;
}

/* ---- the walk -------------------------------------------------------------------------------- */

static uint16_t *unmap_table(struct unmap_job *u, struct pt_place at, struct range r);

/* Returns how many entries became invalid: 0 or 1. */
static size_t unmap_below(struct unmap_job *u, uint64_t *entry, unsigned level, struct range r)
{
    const struct range span = pt_entry_span(pt_entry_lg2(u->pt, level), r.start);
    const struct pt_place below = {pt_target(u->pt, dma_load64(entry)), level - 1};
    uint16_t *live = unmap_table(u, below, r);
    if (!must_go(u->pt, live, range_contains(r, span)))
        return 0;
    unlink_table(u, below.table, entry, span);
    return 1;
}

/* Above level 0. */
static size_t unmap_entries(struct unmap_job *u, uint64_t *entry, unsigned level, struct range r)
{
    struct pt *pt = u->pt;
    const unsigned lg2 = pt_entry_lg2(pt, level);
    const size_t n = pt_entry_count(r, lg2);
    size_t cleared = 0;
    for (size_t i = 0, step = 1; i < n; i += step, step = 1) {
        const uint64_t value = dma_load64(&entry[i]);
        const struct range rest = {pt_entry_iova(r, lg2, i), r.last};
        if (pt_is_leaf(pt, value, level)) {
            step = pt_clear_run(pt, &entry[i], n - i, 1);
            pt_note_run(pt, u->g, lg2, rest.start, step);
            u->bytes += (uint64_t)step << lg2;
            cleared += step;
        } else if (pt_is_valid(pt, value)) {
            cleared += unmap_below(u, &entry[i], level, pt_entry_part(rest, lg2));
        }
    }
    return cleared;
}

static uint16_t *unmap_table(struct unmap_job *u, struct pt_place at, struct range r)
{
    struct pt *pt = u->pt;
    if (at.level == 0)
        return unmap_pages(u, at, r);
    uint16_t *live = pt_live(pt, at.table);
    pt_live_sub(live, unmap_entries(u, pt_entry(pt, at, r.start), at.level, r));
    pt_clean(pt, at, r);
    return live;
}

int pt_unmap_far(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g,
                 uint64_t *unmapped)
{
    struct unmap_job u = {.pt = pt, .g = g};
    struct range r;
    if (unmapped != NULL)
        *unmapped = 0;
    int rc = pt_check_range(pt, iova, size, &r);
    if (rc != 0)
        return rc;
    const struct pt_place at = pt_descend(pt, r);
    if (pt_cuts_leaf(pt, at, r))
        return -RF_EINVAL;
    unlink_upwards(&u, at, unmap_table(&u, at, r), r, false);
    pt_publish(pt);
    if (unmapped != NULL)
        *unmapped = u.bytes;
    return 0;
}

/* ---- empty tables that were kept ------------------------------------------------------------- */

/* Tables that r touches (all), or has whole. Returns the number of entries that stay. */
static uint16_t *trim_table(struct unmap_job *u, struct pt_place at, struct range r, bool all)
{
    struct pt *pt = u->pt;
    const unsigned lg2 = pt_entry_lg2(pt, at.level);
    const size_t n = pt_entry_count(r, lg2);
    uint64_t *entry = pt_entry(pt, at, r.start);
    uint16_t *live = pt_live(pt, at.table);
    for (size_t i = 0; i < n && at.level > 0 && !pt_is_empty(live); i++) {
        const struct range part =
            pt_entry_part((struct range){pt_entry_iova(r, lg2, i), r.last}, lg2);
        const uint64_t value = dma_load64(&entry[i]);
        if (!pt_is_table(pt, value, at.level))
            continue;
        const struct pt_place below = {pt_target(pt, value), at.level - 1};
        const struct range span = pt_entry_span(lg2, part.start);
        if (!must_go(pt, trim_table(u, below, part, all), all || range_contains(r, span)))
            continue;
        unlink_table(u, below.table, &entry[i], span);
        pt_live_sub(live, 1);
    }
    pt_clean(pt, at, r);
    return live;
}

static int trim(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g, bool all)
{
    struct unmap_job u = {.pt = pt, .g = g};
    struct range r;
    int rc = pt_check_range(pt, iova, size, &r);
    if (rc != 0 || pt->kept == 0)
        return rc;
    const struct pt_place at = pt_descend(pt, r);
    unlink_upwards(&u, at, trim_table(&u, at, r, all), r, all);
    pt_publish(pt);
    return 0;
}

int pt_trim(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g)
{
    return trim(pt, iova, size, g, true);
}

int pt_make_way(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g)
{
    return trim(pt, iova, size, g, false);
}
