/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include "lib/base/panic.h"

/* The limit of Linux's type 1 driver: a program that makes maps without end must not use up the
 * kernel's memory. */
#define MAP_LIMIT_DEFAULT 65535

#define WHOLE_SPACE ((struct range){0, UINT64_MAX})

void aspace_init(struct iommu_aspace *a, const struct aspace_config *cfg)
{
    *a = (struct iommu_aspace){.cfg = *cfg, .aperture = WHOLE_SPACE};
    if (!a->cfg.map_limit)
        a->cfg.map_limit = MAP_LIMIT_DEFAULT;
    RB_INIT(&a->maps);
    TAILQ_INIT(&a->order);
    TAILQ_INIT(&a->spare);
    aspace_set_sizes(a, 0);
    aspace_forget_open(a);
    LIST_INIT(&a->domains);
}

void aspace_fini(struct iommu_aspace *a)
{
    uint64_t bytes;

    ASSERT(a->group_count == 0);
    (void)aspace_unmap(a, WHOLE_SPACE, &bytes); /* the release callback hears of what was lost */
    aspace_slots_free(a);
}

void aspace_set_sizes(struct iommu_aspace *a, uint64_t pgsizes)
{
    a->pgsizes = pgsizes;
    a->quantum = MAX(PAGE_SIZE, pgsizes & -pgsizes);
}

/* The map that holds iova, else the first one above. */
static struct aspace_map *at_or_above(const struct iommu_aspace *a, uint64_t iova)
{
    struct aspace_map *m = RB_ROOT(&a->maps), *above = NULL;

    if (a->near && range_has(a->near->iova, iova))
        return a->near;
    while (m) {
        if (m->iova.last >= iova)
            above = m;
        m = m->iova.last < iova ? RB_RIGHT(m, node) : RB_LEFT(m, node);
    }
    return above;
}

const struct aspace_map *aspace_at_or_above(const struct iommu_aspace *a, uint64_t iova)
{
    return at_or_above(a, iova);
}

struct aspace_map *aspace_first_in(const struct iommu_aspace *a, struct range r)
{
    struct aspace_map *m = at_or_above(a, r.start);

    return m && m->iova.start <= r.last ? m : NULL;
}

const struct aspace_map *aspace_find(const struct iommu_aspace *a, uint64_t iova)
{
    return aspace_first_in(a, (struct range){iova, iova});
}

const struct aspace_map *aspace_nearest(const struct iommu_aspace *a, uint64_t iova)
{
    struct aspace_map *above = at_or_above(a, iova);
    struct aspace_map *below =
        above ? TAILQ_PREV(above, aspace_list, link) : TAILQ_LAST(&a->order, aspace_list);

    if (!above || !below || range_has(above->iova, iova))
        return above ? above : below;
    return iova - below->iova.last <= above->iova.start - iova ? below : above;
}

unsigned aspace_usable(const struct iommu_aspace *a, struct range *out, unsigned max)
{
    return a->group_count ? resv_usable(&a->windows, a->aperture, out, max) : 0;
}
