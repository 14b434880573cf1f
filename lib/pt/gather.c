/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/gather.h"

#include <string.h>

#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/panic.h"
#include "lib/mem/page.h"

void pt_gather_init(struct pt_gather *g)
{
    g->count = 0;
    g->all = false;
    g->free_head = PADDR_INVALID;
    g->free_count = 0;
    g->table_order = 0;
}

bool pt_gather_empty(const struct pt_gather *g)
{
    return g->count == 0 && !g->all;
}

void pt_gather_add_all(struct pt_gather *g)
{
    g->all = true;
    g->count = 0;
}

static bool same_kind(const struct pt_flush *a, const struct pt_flush *b)
{
    return a->tables == b->tables && a->leaf_lg2 == b->leaf_lg2;
}

/* Flushing `outer` flushes `inner` too. */
static bool covers(const struct pt_flush *outer, const struct pt_flush *inner)
{
    return range_contains(outer->iova, inner->iova) && (outer->tables || same_kind(outer, inner));
}

static bool touches(struct range a, struct range b)
{
    return range_overlaps(a, b) || range_precedes(a, b) || range_precedes(b, a);
}

static struct pt_flush join(const struct pt_flush *a, const struct pt_flush *b)
{
    return (struct pt_flush){
        .iova = {MIN(a->iova.start, b->iova.start), MAX(a->iova.last, b->iova.last)},
        .leaf_lg2 = same_kind(a, b) ? a->leaf_lg2 : 0,
        .tables = a->tables || b->tables,
    };
}

static void remove_at(struct pt_gather *g, unsigned i)
{
    g->count--;
    memmove(&g->flush[i], &g->flush[i + 1], (g->count - i) * sizeof(g->flush[0]));
}

static void insert_sorted(struct pt_gather *g, const struct pt_flush *f)
{
    unsigned i = g->count;
    while (i > 0 && g->flush[i - 1].iova.start > f->iova.start)
        i--;
    memmove(&g->flush[i + 1], &g->flush[i], (g->count - i) * sizeof(g->flush[0]));
    g->flush[i] = *f;
    g->count++;
}

/* Makes *f take in every entry that it can be one with; false when one of them has all of *f. */
static bool absorb(struct pt_gather *g, struct pt_flush *f)
{
    for (unsigned i = g->count; i-- > 0;) {
        const struct pt_flush *other = &g->flush[i];
        if (covers(other, f))
            return false;
        if (!covers(f, other) && !(same_kind(f, other) && touches(f->iova, other->iova)))
            continue;
        *f = join(f, other);
        remove_at(g, i);
    }
    return true;
}

/* Bytes between two neighbours of the sorted list that nobody asked to flush. */
static uint64_t gap_after(const struct pt_gather *g, unsigned i)
{
    struct range a = g->flush[i].iova;
    struct range b = g->flush[i + 1].iova;
    return b.start > a.last ? b.start - a.last - 1 : 0;
}

static void join_nearest(struct pt_gather *g)
{
    unsigned best = 0;
    for (unsigned i = 1; i + 1 < g->count; i++) {
        if (gap_after(g, i) < gap_after(g, best))
            best = i;
    }
    g->flush[best] = join(&g->flush[best], &g->flush[best + 1]);
    remove_at(g, best + 1);
}

static void add(struct pt_gather *g, struct pt_flush f)
{
    if (g->all || !absorb(g, &f))
        return;
    if (g->count == PT_GATHER_RANGES)
        join_nearest(g);
    insert_sorted(g, &f);
}

/* Most ranges come in rising order, and go on where the last one ended. */
void pt_gather_add_more(struct pt_gather *g, struct range iova, uint8_t leaf_lg2, bool tables)
{
    struct pt_flush *last = g->count != 0 ? &g->flush[g->count - 1] : NULL;
    if (last != NULL && range_precedes(last->iova, iova) && last->leaf_lg2 == leaf_lg2 &&
        last->tables == tables)
        last->iova.last = iova.last;
    else
        add(g, (struct pt_flush){iova, leaf_lg2, tables});
}

/* The chain ends by free_count, not by a special link: the last table's word is 0, which is an
 * invalid entry, and physical address 0 can be a table. */
void pt_gather_add_table(struct pt_gather *g, paddr_t table, uint8_t order)
{
    ASSERT(g->free_count == 0 || g->table_order == order);
    dma_store64(paddr_to_ptr(table), g->free_count == 0 ? 0 : g->free_head.v);
    g->free_head = table;
    g->free_count++;
    g->table_order = order;
}

static void empty_into(struct pt_gather *g, void (*sink)(paddr_t pa, unsigned order))
{
    paddr_t table = g->free_head;
    while (g->free_count-- > 0) {
        paddr_t next = PADDR(dma_load64(paddr_to_ptr(table)));
        sink(table, g->table_order);
        table = next;
    }
    pt_gather_init(g);
}

void pt_gather_release(struct pt_gather *g)
{
    empty_into(g, page_free);
}

void pt_gather_quarantine(struct pt_gather *g)
{
    empty_into(g, page_quarantine);
}
