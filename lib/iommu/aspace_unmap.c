/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"

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

static void release(struct iommu_aspace *a, struct aspace_map *m, bool ok)
{
    if (a->cfg.release)
        a->cfg.release(a->cfg.release_ctx, m, ok);
    aspace_slot_put(a, m);
}

/* Everything there is: the tree is not kept in order on the way. */
static struct aspace_map *take_all(struct iommu_aspace *a, struct range r)
{
    struct aspace_map *first = TAILQ_FIRST(&a->order);

    if (first->iova.start < r.start || TAILQ_LAST(&a->order, aspace_list)->iova.last > r.last)
        return NULL;
    RB_INIT(&a->maps);
    TAILQ_INIT(&a->order);
    a->near = NULL;
    a->map_count = 0;
    a->mapped_bytes = 0;
    return first;
}

/* Gives the maps from m on back that r has; the first error counts. */
static int release_maps(struct iommu_aspace *a, struct aspace_map *m, struct range r, int err,
                        uint64_t *bytes)
{
    const bool synced = err == 0;
    const bool all = take_all(a, r) != NULL;
    struct aspace_map *next;

    for (; is_in(m, r); m = next) {
        next = TAILQ_NEXT(m, link);
        if (m->lost && !err)
            err = -RF_EIO;
        *bytes += range_size(m->iova);
        if (!all)
            aspace_slot_remove(a, m);
        release(a, m, synced && !m->lost);
    }
    return err;
}

int aspace_unmap(struct iommu_aspace *a, struct range r, uint64_t *bytes)
{
    struct aspace_map *first = aspace_first_in(a, r);
    struct iommu_domain *d;
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
    return release_maps(a, first, r, result, bytes);
}
