/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/pt/engine.h"

/* A map is two walks over the same steps. The first only reads: it refuses an overlap and allocates
 * every table that will be missing. The second cannot fail. So an error leaves nothing to take back
 * that a walker might have seen. */

struct map_job {
    struct pt *pt;
    uint64_t to_pa; /* what to add to an iova, modulo 2^64 */
    uint64_t sizes; /* leaf sizes at which iova and pa agree */
    unsigned prot;
    unsigned spares; /* zeroed tables, chained through their first word */
    paddr_t spare;
};

static int add_spare(struct map_job *m)
{
    paddr_t table = page_alloc_zeroed(pt_table_order(m->pt));
    if (!paddr_valid(table))
        return -RF_ENOMEM;
    *pt_table(table) = m->spare.v;
    m->spare = table;
    m->spares++;
    return 0;
}

static paddr_t use_spare(struct map_job *m)
{
    paddr_t table = m->spare;
    m->spare = PADDR(*pt_table(table));
    m->spares--;
    m->pt->tables++;
    dma_store64(pt_table(table), 0);
    return table;
}

static void give_spares_back(struct map_job *m)
{
    while (m->spares-- > 0) {
        paddr_t next = PADDR(*pt_table(m->spare));
        page_free(m->spare, pt_table_order(m->pt));
        m->spare = next;
    }
}

/* Of the part r of a table (NULL: not there yet): how many entries from the first on become leaves.
 * These are the ones that r covers whole, at a level where a leaf fits, up to one that is in use
 * (an empty adopted table). At level 0 nothing is in use: the first walk saw to that. */
static size_t leaf_run(const struct map_job *m, const uint64_t *table, unsigned level,
                       struct range r)
{
    uint64_t size = BIT(pt_entry_lg2(m->pt, level));
    if ((m->sizes & size) == 0 || !is_aligned(r.start, size))
        return 0;
    size_t n = range_size(r) / size;
    if (table == NULL || level == 0)
        return n;
    const uint64_t *first = &table[pt_index(m->pt, level, r.start)];
    size_t i = 0;
    while (i < n && !pt_is_valid(m->pt, dma_load64(&first[i])))
        i++;
    return i;
}

/* The next step through r, the same in both walks: a run of leaves (*leaves of them), or one entry
 * that has or needs a table (*leaves = 0). */
static struct range next_step(const struct map_job *m, const uint64_t *table, unsigned level,
                              struct range r, size_t *leaves)
{
    unsigned lg2 = pt_entry_lg2(m->pt, level);
    *leaves = leaf_run(m, table, level, r);
    if (*leaves == 0)
        return pt_entry_part(r, lg2);
    return (struct range){r.start, r.start + ((uint64_t)*leaves << lg2) - 1};
}

static int check_level_0(const struct map_job *m, const uint64_t *table, struct range r)
{
    if (table == NULL)
        return 0;
    const uint64_t *entry = &table[pt_index(m->pt, 0, r.start)];
    const uint64_t *last = &table[pt_index(m->pt, 0, r.last)];
    const uint64_t valid = m->pt->fmt->valid_mask;
    for (; entry <= last; entry++) {
        if ((dma_load64(entry) & valid) != 0)
            return -RF_EEXIST;
    }
    return 0;
}

static int reserve(struct map_job *m, const uint64_t *table, unsigned level, struct range r);

static int reserve_below(struct map_job *m, uint64_t entry, unsigned level, struct range r)
{
    if (pt_is_leaf(m->pt, entry, level))
        return -RF_EEXIST;
    if (pt_is_table(m->pt, entry, level))
        return reserve(m, pt_table(m->pt->fmt->table_of(m->pt, entry)), level - 1, r);
    int rc = add_spare(m);
    return rc != 0 ? rc : reserve(m, NULL, level - 1, r);
}

/* The first walk. */
static int reserve(struct map_job *m, const uint64_t *table, unsigned level, struct range r)
{
    if (level == 0)
        return check_level_0(m, table, r);
    for (;;) {
        size_t leaves;
        struct range step = next_step(m, table, level, r, &leaves);
        if (leaves == 0) {
            uint64_t entry =
                table == NULL ? 0 : dma_load64(&table[pt_index(m->pt, level, r.start)]);
            int rc = reserve_below(m, entry, level, step);
            if (rc != 0)
                return rc;
        }
        if (step.last == r.last)
            return 0;
        r.start = step.last + 1;
    }
}

static void write_leaves(struct map_job *m, uint64_t *entry, unsigned level, uint64_t iova,
                         size_t n)
{
    const uint64_t size = BIT(pt_entry_lg2(m->pt, level));
    uint64_t leaf = m->pt->fmt->encode_leaf(m->pt, level, PADDR(iova + m->to_pa), m->prot);
    for (uint64_t *end = entry + n; entry < end; entry++, leaf += size)
        dma_store64(entry, leaf);
    m->pt->leaves += n;
}

static void fill(struct map_job *m, paddr_t table, unsigned level, struct range r);

/* Fills what is below the entry. A table that was missing is complete, and seen as such by a
 * walker, before the entry points to it. Returns how many entries became valid: 0 or 1. */
static int fill_below(struct map_job *m, uint64_t *entry, unsigned level, struct range r)
{
    struct pt *pt = m->pt;
    uint64_t old = dma_load64(entry);
    if (pt_is_valid(pt, old)) {
        paddr_t table = pt->fmt->table_of(pt, old);
        fill(m, table, level - 1, r);
        pt_clean(pt, pt_table(table), level - 1, r);
        return 0;
    }
    paddr_t table = use_spare(m);
    fill(m, table, level - 1, r);
    pt_clean(pt, pt_table(table), level - 1, pt_entry_span(pt_entry_lg2(pt, level), r.start));
    pt_publish(pt);
    dma_store64(entry, pt->fmt->encode_table(pt, table));
    return 1;
}

/* The second walk. */
static void fill(struct map_job *m, paddr_t table, unsigned level, struct range r)
{
    uint64_t *entries = pt_table(table);
    int added = 0;
    for (;;) {
        size_t leaves;
        struct range step = next_step(m, entries, level, r, &leaves);
        uint64_t *entry = &entries[pt_index(m->pt, level, r.start)];
        if (leaves != 0)
            write_leaves(m, entry, level, r.start, leaves);
        added += leaves != 0 ? (int)leaves : fill_below(m, entry, level, step);
        if (step.last == r.last)
            break;
        r.start = step.last + 1;
    }
    pt_live_add(m->pt, table, added);
}

static int check_output(const struct pt *pt, paddr_t pa, uint64_t size)
{
    struct range out;
    if (!is_aligned(pa.v, BIT(pt->cfg.granule_lg2)))
        return -RF_EINVAL;
    if (!range_make(pa.v, size, &out))
        return -RF_EOVERFLOW;
    return out.last >> pt->cfg.oas == 0 ? 0 : -RF_ERANGE;
}

static uint64_t usable_sizes(const struct pt *pt, uint64_t iova, paddr_t pa, uint64_t size)
{
    uint64_t best = pt_best_size(pt->leaf_sizes, iova, pa, size);
    return pt->leaf_sizes & (best | (best - 1));
}

int pt_map(struct pt *pt, uint64_t iova, paddr_t pa, uint64_t size, unsigned prot)
{
    struct range r;
    int rc = pt_check_range(pt, iova, size, &r);
    if (rc == 0)
        rc = check_output(pt, pa, size);
    if (rc == 0)
        rc = pt->fmt->check_prot(prot);
    if (rc != 0)
        return rc;

    struct map_job m = {
        .pt = pt,
        .to_pa = pa.v - iova,
        .sizes = usable_sizes(pt, iova, pa, size),
        .prot = prot,
        .spare = PADDR_INVALID,
    };
    struct pt_path path;
    pt_descend(pt, r, &path);
    paddr_t table = path.table[path.level];
    rc = reserve(&m, pt_table(table), path.level, r);
    if (rc != 0) {
        give_spares_back(&m);
        return rc;
    }
    fill(&m, table, path.level, r);
    pt_clean(pt, pt_table(table), path.level, r);
    pt_publish(pt);
    return 0;
}
