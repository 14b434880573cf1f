/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"
#include "lib/mem/page.h"

/* Unmap: allocates nothing. */

static bool is_in(const struct aspace_map *m, struct range r)
{
    return m && m->iova.start <= r.last;
}

/* `first` is the first map that r touches. */
static bool cuts_a_map(const struct iommu_aspace *a, struct aspace_map *first, struct range r)
{
    const struct aspace_map *last = first;

    if (is_in(TAILQ_NEXT(first, link), r))
        last = aspace_find(a, r.last);
    return first->iova.start < r.start || (last && last->iova.last > r.last);
}

/* m, and the maps that follow it without a gap. Between others there may be doorbells and DIRECT
 * windows, which are not the workload's to remove. */
static struct range run_of(struct aspace_map **m, struct range r)
{
    struct range run = (*m)->iova;

    while (is_in(*m = TAILQ_NEXT(*m, link), r) && range_precedes(run, (*m)->iova))
        run.last = (*m)->iova.last;
    return run;
}

static int clear(struct iommu_domain *d, struct aspace_map *first, struct range r)
{
    struct pt_gather g;

    pt_gather_init(&g);
    for (struct aspace_map *m = first; is_in(m, r);) {
        const struct range run = run_of(&m, r);
        int err = iommu_domain_unmap(d, run.start, range_size(run), &g);

        ASSERT(err == 0); /* no leaf is larger than its map */
    }
    return iommu_domain_sync(d, &g);
}

/* ---- memory goes back -------------------------------------------------------------------------
 */

/* What was not given back yet of the pieces so far. */
struct returning {
    const struct iommu_aspace *a;
    paddr_t pa;
    uint64_t size; /* 0: nothing */
    bool ok;
};

static void give_back(struct returning *w)
{
    if (w->size && w->a->cfg.release)
        w->a->cfg.release(w->a->cfg.release_ctx, w->pa, w->size, w->ok);
    w->size = 0;
}

static inline void give_piece_back(struct returning *w, const struct aspace_seg *s, bool ok)
{
    if (w->pa.v + w->size == s->pa.v && w->ok == ok && w->size + s->size < PAGE_GROUP) {
        w->size += s->size;
        return;
    }
    give_back(w);
    *w = (struct returning){w->a, s->pa, s->size, ok};
}

/* Registers hold no reference: they are revoked before they go. */
static inline void give_map_back(struct returning *w, const struct aspace_map *m, bool ok)
{
    const struct aspace_seg *const end = m->segs + m->seg_count;

    for (const struct aspace_seg *s = m->segs; !m->registers && s < end; s++)
        give_piece_back(w, s, ok);
}

static bool has_all(const struct iommu_aspace *a, struct range r)
{
    return TAILQ_FIRST(&a->order)->iova.start >= r.start &&
           TAILQ_LAST(&a->order, aspace_list)->iova.last <= r.last;
}

/* Gives all maps back, in one pass over the list: none is taken out of the tree by itself. */
static bool release_all(struct iommu_aspace *a, struct returning *memory, bool synced)
{
    struct aspace_map *m;
    bool any_lost = false;

    TAILQ_FOREACH (m, &a->order, link) {
        any_lost |= m->lost;
        give_map_back(memory, m, synced && !m->lost);
        aspace_map_empty(m);
    }
    aspace_slots_put_all(a);
    return any_lost;
}

/* Gives the maps from m on back that r has. */
static bool release_some(struct iommu_aspace *a, struct returning *memory, bool synced,
                         struct aspace_map *m, struct range r)
{
    struct aspace_map *next;
    bool any_lost = false;

    for (; is_in(m, r); m = next) {
        next = TAILQ_NEXT(m, link);
        any_lost |= m->lost;
        give_map_back(memory, m, synced && !m->lost);
        aspace_slot_remove(a, m);
        aspace_slot_put(a, m);
    }
    return any_lost;
}

static int release(struct iommu_aspace *a, struct aspace_map *first, struct range r, int err)
{
    struct returning memory = {.a = a};
    bool any_lost = has_all(a, r) ? release_all(a, &memory, err == 0)
                                  : release_some(a, &memory, err == 0, first, r);

    give_back(&memory);
    return err == 0 && any_lost ? -RF_EIO : err;
}

int aspace_unmap(struct iommu_aspace *a, struct range r, uint64_t *bytes)
{
    struct aspace_map *first = aspace_first_in(a, r);
    struct iommu_domain *d;
    const uint64_t before = a->mapped_bytes;
    int result = 0;

    *bytes = 0;
    if (!first)
        return 0;
    if (cuts_a_map(a, first, r))
        return trace(-RF_EINVAL);
    LIST_FOREACH (d, &a->domains, link) {
        int err = clear(d, first, r);

        if (err)
            result = err;
    }
    result = release(a, first, r, result);
    *bytes = before - a->mapped_bytes;
    return result;
}
