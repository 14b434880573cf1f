/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"
#include "lib/mem/heap.h"

/* Where the maps of a space are, in a tree and in a list, and what they are made of. Calls come
 * back to the place where the last one was, or go on behind it, so that is looked at first. */

/* Maps that overlap are equal, so that a lookup of a range finds a map that it touches. */
static inline int aspace_map_order(const struct aspace_map *x, const struct aspace_map *y)
{
    if (x->iova.last < y->iova.start)
        return -1;
    return x->iova.start > y->iova.last;
}

RB_GENERATE(aspace_tree, aspace_map, node, aspace_map_order)

/* ---- memory: by the chunk, which the space keeps until it goes */

struct aspace_chunk {
    struct aspace_chunk *next;
    struct aspace_map map[32];
};

static bool grow(struct iommu_aspace *a)
{
    struct aspace_chunk *c = heap_alloc(sizeof(*c));

    if (!c)
        return false;
    c->next = a->chunks;
    a->chunks = c;
    for (size_t i = 0; i < ARRAY_SIZE(c->map); i++)
        TAILQ_INSERT_TAIL(&a->spare, &c->map[i], link);
    return true;
}

int aspace_slots_reserve(struct iommu_aspace *a)
{
    return TAILQ_EMPTY(&a->spare) && !grow(a) ? trace(-RF_ENOMEM) : 0;
}

struct aspace_map *aspace_slot_get(struct iommu_aspace *a)
{
    struct aspace_map *m;

    if (TAILQ_EMPTY(&a->spare) && !grow(a))
        return NULL;
    m = TAILQ_FIRST(&a->spare);
    TAILQ_REMOVE(&a->spare, m, link);
    m->registers = NULL;
    m->revoked = m->lost = false;
    m->filled = m->edges = 0;
    m->seg_count = 0;
    m->seg_room = 1;
    m->segs = &m->first_seg;
    return m;
}

void aspace_slot_put(struct iommu_aspace *a, struct aspace_map *m)
{
    aspace_map_empty(m);
    TAILQ_INSERT_HEAD(&a->spare, m, link);
}

void aspace_slots_free(struct iommu_aspace *a)
{
    struct aspace_chunk *c;

    ASSERT(a->map_count == 0);
    TAILQ_INIT(&a->spare);
    while ((c = a->chunks)) {
        a->chunks = c->next;
        heap_free(c);
    }
}

/* ---- places */

/* m comes between `before` (NULL: it is the first) and its neighbour above, where the tree has room
 * below one of them: what newer versions of <sys/tree.h> call RB_INSERT_NEXT. */
static void insert_after(struct iommu_aspace *a, struct aspace_map *before, struct aspace_map *m)
{
    struct aspace_map *after = before ? TAILQ_NEXT(before, link) : TAILQ_FIRST(&a->order);

    if (before && !RB_RIGHT(before, node)) {
        RB_SET(m, before, node);
        RB_RIGHT(before, node) = m;
    } else if (after) {
        RB_SET(m, after, node);
        RB_LEFT(after, node) = m;
    } else {
        RB_SET(m, NULL, node);
        RB_ROOT(&a->maps) = m;
    }
    aspace_tree_RB_INSERT_COLOR(&a->maps, m);
    if (before)
        TAILQ_INSERT_AFTER(&a->order, before, m, link);
    else
        TAILQ_INSERT_HEAD(&a->order, m, link);
}

/* The map that m overlaps, or NULL and the one that it comes after. */
static struct aspace_map *find_place(const struct iommu_aspace *a, const struct aspace_map *m,
                                     struct aspace_map **before)
{
    struct aspace_map *other = RB_ROOT(&a->maps);

    *before = NULL;
    while (other) {
        if (other->iova.start > m->iova.last) {
            other = RB_LEFT(other, node);
        } else if (other->iova.last < m->iova.start) {
            *before = other;
            other = RB_RIGHT(other, node);
        } else {
            return other;
        }
    }
    return NULL;
}

static bool fits_after(struct aspace_map *before, const struct aspace_map *m)
{
    const struct aspace_map *after;

    if (!before || before->iova.last >= m->iova.start)
        return false;
    after = TAILQ_NEXT(before, link);
    return !after || m->iova.last < after->iova.start;
}

struct aspace_map *aspace_slot_insert(struct iommu_aspace *a, struct aspace_map *m)
{
    struct aspace_map *before = a->near;
    struct aspace_map *other = fits_after(before, m) ? NULL : find_place(a, m, &before);

    if (other)
        return other;
    insert_after(a, before, m);
    a->near = m;
    a->map_count++;
    a->mapped_bytes += range_size(m->iova);
    return NULL;
}

void aspace_slots_put_all(struct iommu_aspace *a)
{
    TAILQ_CONCAT(&a->spare, &a->order, link);
    RB_INIT(&a->maps);
    a->near = NULL;
    a->map_count = 0;
    a->mapped_bytes = 0;
}

void aspace_slot_remove(struct iommu_aspace *a, struct aspace_map *m)
{
    a->near = TAILQ_PREV(m, aspace_list, link);
    a->map_count--;
    a->mapped_bytes -= range_size(m->iova);
    RB_REMOVE(aspace_tree, &a->maps, m);
    TAILQ_REMOVE(&a->order, m, link);
}
