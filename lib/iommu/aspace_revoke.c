/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include "lib/base/panic.h"

/* Maps of a device's registers, which may go away while they are mapped. */

static bool concerns(const struct aspace_map *m, const void *registers)
{
    return m->registers == registers && !m->revoked;
}

static int clear(struct iommu_aspace *a, struct iommu_domain *d, const void *registers)
{
    struct aspace_map *m;
    struct pt_gather g;

    pt_gather_init(&g);
    TAILQ_FOREACH (m, &a->order, link) {
        int err = concerns(m, registers)
                      ? iommu_domain_unmap(d, m->iova.start, range_size(m->iova), &g)
                      : 0;

        ASSERT(err == 0); /* no leaf is larger than its map */
    }
    return iommu_domain_sync(d, &g);
}

int aspace_revoke(struct iommu_aspace *a, const void *registers)
{
    struct iommu_domain *d;
    struct aspace_map *m;
    int result = 0;

    LIST_FOREACH (d, &a->domains, link) {
        int err = clear(a, d, registers);

        if (err)
            result = err;
    }
    TAILQ_FOREACH (m, &a->order, link)
        m->revoked |= concerns(m, registers);
    return result;
}
