/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mem.h"
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
    unsigned spares; /* tables, chained through their first word; content undefined */
    paddr_t spare;
};

static int add_spare(struct map_job *m)
{
    paddr_t table = page_alloc(pt_table_order(m->pt));
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
 * (an empty table that was adopted or kept). */
static size_t leaf_run(const struct map_job *m, const uint64_t *table, unsigned level,
                       struct range r)
{
    unsigned lg2 = pt_entry_lg2(m->pt, level);
    if ((m->sizes & BIT(lg2)) == 0 || !is_aligned(r.start, BIT(lg2)))
        return 0;
    size_t n = range_size(r) >> lg2;
    if (table == NULL)
        return n;
    const uint64_t *first = &table[pt_index(m->pt, level, r.start)];
    if (!pt_any_valid(m->pt, first, n))
        return n;
    size_t i = 0;
    while (i < n && !pt_is_valid(m->pt, dma_load64(&first[i])))
        i++;
    return i;
}

/* The next step through r above level 0, the same in both walks: a run of leaves (*leaves of them),
 * or one entry that has or needs a table (*leaves = 0). */
static struct range next_step(const struct map_job *m, const uint64_t *table, unsigned level,
                              struct range r, size_t *leaves)
{
    unsigned lg2 = pt_entry_lg2(m->pt, level);
    *leaves = leaf_run(m, table, level, r);
    if (*leaves == 0)
        return pt_entry_part(r, lg2);
    return (struct range){r.start, r.start + ((uint64_t)*leaves << lg2) - 1};
}

/* The entries of a table; NULL: none is in use, so that none has to be looked at. */
static const uint64_t *used_entries(const struct pt *pt, paddr_t table)
{
    return pt_is_empty(pt_live(pt, table)) ? NULL : pt_table(table);
}

static int reserve(struct map_job *m, const uint64_t *table, unsigned level, struct range r);

static int reserve_below(struct map_job *m, uint64_t entry, unsigned level, struct range r)
{
    if (pt_is_leaf(m->pt, entry, level))
        return -RF_EEXIST;
    if (pt_is_table(m->pt, entry, level))
        return reserve(m, used_entries(m->pt, pt_target(m->pt, entry)), level - 1, r);
    int rc = add_spare(m);
    return rc != 0 ? rc : reserve(m, NULL, level - 1, r);
}

/* The first walk. */
static int reserve(struct map_job *m, const uint64_t *table, unsigned level, struct range r)
{
    if (level == 0 && table == NULL)
        return 0;
    if (level == 0)
        return pt_any_valid(m->pt, &table[pt_index(m->pt, 0, r.start)],
                            pt_entry_count(r, m->pt->cfg.granule_lg2))
                   ? -RF_EEXIST
                   : 0;
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

static void fill_leaves(struct map_job *m, uint64_t *entry, unsigned level, uint64_t iova, size_t n)
{
    const struct pt *pt = m->pt;
    uint64_t bits = level == 0 ? pt->page_bits : pt->fmt->encode_leaf(pt, level, PADDR(0), m->prot);
    pt_write_leaves(entry, bits + iova + m->to_pa, pt_entry_lg2(pt, level), n);
    m->pt->leaves += n;
}

/* A table that was missing, of which r will be filled. It is zeroed but where that leaves nothing.
 */
static paddr_t new_table(struct map_job *m, unsigned level, struct range r)
{
    const unsigned table_lg2 = pt_entry_lg2(m->pt, level + 1);
    paddr_t table = use_spare(m);
    if (level > 0 || range_size(r) != BIT(table_lg2))
        mem_zero_pages(pt_table(table), BIT(m->pt->cfg.granule_lg2));
    return table;
}

static void fill(struct map_job *m, struct pt_place at, struct range r);

/* Fills what is below the entry. A table that was missing is complete, and seen as such by a
 * walker, before the entry points to it. Returns how many entries became valid: 0 or 1. */
static size_t fill_below(struct map_job *m, uint64_t *entry, unsigned level, struct range r)
{
    struct pt *pt = m->pt;
    uint64_t old = dma_load64(entry);
    if (pt_is_valid(pt, old)) {
        const struct pt_place below = {pt_target(pt, old), level - 1};
        fill(m, below, r);
        pt_clean(pt, below, r);
        return 0;
    }
    const struct pt_place at = {new_table(m, level - 1, r), level - 1};
    fill(m, at, r);
    pt_clean(pt, at, pt_entry_span(pt_entry_lg2(pt, level), r.start));
    pt_publish(pt);
    dma_store64(entry, pt_encode_table(pt, at.table));
    return 1;
}

/* The second walk, above level 0. Returns how many entries became valid. */
static size_t fill_entries(struct map_job *m, struct pt_place at, struct range r)
{
    const uint64_t *used = used_entries(m->pt, at.table);
    size_t added = 0;
    for (;;) {
        size_t leaves;
        struct range step = next_step(m, used, at.level, r, &leaves);
        uint64_t *entry = pt_entry(m->pt, at, r.start);
        if (leaves != 0)
            fill_leaves(m, entry, at.level, r.start, leaves);
        added += leaves != 0 ? leaves : fill_below(m, entry, at.level, step);
        if (step.last == r.last)
            return added;
        r.start = step.last + 1;
    }
}

static void fill(struct map_job *m, struct pt_place at, struct range r)
{
    struct pt *pt = m->pt;
    size_t added = pt_entry_count(r, pt->cfg.granule_lg2);
    if (at.level == 0)
        fill_leaves(m, pt_entry(pt, at, r.start), 0, r.start, added);
    else
        added = fill_entries(m, at, r);
    pt_live_add(pt, pt_live(pt, at.table), added);
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

/* Leaf sizes modulo which iova and pa agree: up to the lowest bit in which they differ. */
static uint64_t usable_sizes(const struct pt *pt, uint64_t iova, paddr_t pa)
{
    uint64_t differ = iova ^ pa.v;
    return pt->leaf_sizes & (differ ^ (differ - 1));
}

static int check_prot(struct pt *pt, unsigned prot)
{
    if (prot == pt->page_prot)
        return 0;
    int rc = pt_check_prot(pt, prot);
    if (rc != 0)
        return rc;
    pt->page_prot = prot;
    pt->page_bits = pt->fmt->encode_leaf(pt, 0, PADDR(0), prot);
    return 0;
}

/* All is in one table, which is there. */
static int map_pages(struct pt *pt, struct pt_place at, struct range r, paddr_t pa)
{
    uint64_t *entry = pt_entry(pt, at, r.start);
    const size_t n = pt_entry_count(r, pt->cfg.granule_lg2);
    if (pt_any_valid(pt, entry, n))
        return -RF_EEXIST;
    pt_write_leaves(entry, pt->page_bits + pa.v, pt->cfg.granule_lg2, n);
    pt->leaves += n;
    pt_live_add(pt, pt_live_near(pt, at.table, r.start), n);
    return 0;
}

static int map_tables(struct pt *pt, struct pt_place at, struct range r, paddr_t pa, unsigned prot)
{
    struct map_job m = {
        .pt = pt,
        .to_pa = pa.v - r.start,
        .sizes = usable_sizes(pt, r.start, pa),
        .prot = prot,
        .spare = PADDR_INVALID,
    };
    int rc = reserve(&m, used_entries(pt, at.table), at.level, r);
    if (rc == 0)
        fill(&m, at, r);
    else
        give_spares_back(&m);
    return rc;
}

int pt_map_far(struct pt *pt, uint64_t iova, paddr_t pa, uint64_t size, unsigned prot)
{
    struct range r;
    int rc = pt_check_range(pt, iova, size, &r);
    if (rc == 0)
        rc = check_output(pt, pa, size);
    if (rc == 0)
        rc = check_prot(pt, prot);
    if (rc != 0)
        return rc;
    const struct pt_place at = pt_descend(pt, r);
    rc = at.level == 0 ? map_pages(pt, at, r, pa) : map_tables(pt, at, r, pa, prot);
    if (rc != 0)
        return rc;
    pt_clean(pt, at, r);
    pt_publish(pt);
    return 0;
}
