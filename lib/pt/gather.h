/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PT_GATHER_H
#define RF_PT_GATHER_H

#include "lib/base/range.h"

/* What an unmap leaves to be done: which translations some cache may still hold, and which table
 * pages that cache may still walk. The mapper fills it; the owner of the tables hands it to the
 * hardware, waits ONCE, and only then calls pt_gather_release(). No allocation, fixed size: when
 * the slots are used up the nearest two ranges become one, which asks for more than needed, never
 * less. */
#define PT_GATHER_RANGES 32

struct pt_flush {
    struct range iova;
    uint8_t leaf_lg2; /* log2 of the leaf size all through; 0: mixed, unknown, or tables is set */
    bool tables;      /* a table was unlinked here: walk caches too, not only leaves */
};

struct pt_gather {
    unsigned count;
    bool all;                                /* the whole space (domain destroyed, root replaced) */
    struct pt_flush flush[PT_GATHER_RANGES]; /* sorted by start; different kinds may overlap */
    paddr_t free_head;                       /* unlinked tables, chained through their first word */
    uint32_t free_count;                     /* tables in the chain */
    uint8_t table_order;                     /* order of each (lib/mem/page.h) */
};

void pt_gather_init(struct pt_gather *g);

/* True when nothing needs flushing. */
bool pt_gather_empty(const struct pt_gather *g);

/* Adds leaves of one size, or (tables, leaf_lg2 0) the whole span of an unlinked table. Merges with
 * a neighbour or an overlapping range of the same kind; what lies inside a table's span is part of
 * it. */
void pt_gather_add_more(struct pt_gather *g, struct range iova, uint8_t leaf_lg2, bool tables);
static inline void pt_gather_add(struct pt_gather *g, struct range iova, uint8_t leaf_lg2,
                                 bool tables)
{
    if (g->count != 0 || g->all) {
        pt_gather_add_more(g, iova, leaf_lg2, tables);
        return;
    }
    g->flush[0] = (struct pt_flush){iova, leaf_lg2, tables};
    g->count = 1;
}

void pt_gather_add_all(struct pt_gather *g);

/* Chains an unlinked table. Its first word is overwritten with the (page-aligned) link, which every
 * format reads as an invalid entry. */
void pt_gather_add_table(struct pt_gather *g, paddr_t table, uint8_t order);

/* After the invalidation completed: frees the tables and empties the gather. */
void pt_gather_release(struct pt_gather *g);

/* After it did not complete: puts the tables into quarantine for ever and empties the gather. */
void pt_gather_quarantine(struct pt_gather *g);

#endif
