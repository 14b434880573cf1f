/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include "lib/base/panic.h"

/* Identity maps of DIRECT windows. They are made of smallest leaves: windows of two devices may
 * overlap, and when one device leaves, its part must go without cutting a leaf of the other's. */

static bool has_direct(const struct resv_list *l, uint64_t iova)
{
    for (unsigned i = 0; i < l->count; i++) {
        if (l->w[i].type == RESV_DIRECT && range_has(l->w[i].r, iova))
            return true;
    }
    return false;
}

static uint64_t leaf_size(const struct iommu_domain *d)
{
    return UINT64_C(1) << d->pt.cfg.granule_lg2;
}

static int add_page(struct iommu_domain *d, uint64_t iova)
{
    struct pt_leaf leaf;

    /* Nothing but another DIRECT window can be here. */
    if (pt_lookup(&d->pt, iova, &leaf))
        return 0;
    return iommu_domain_map(d, iova, PADDR(iova), leaf_size(d), PT_READ | PT_WRITE);
}

static int add_window(struct iommu_domain *d, struct range r)
{
    const uint64_t pages = range_size(r) / leaf_size(d);

    for (uint64_t i = 0; i < pages; i++) {
        int err = add_page(d, r.start + i * leaf_size(d));

        if (err)
            return err;
    }
    return 0;
}

int aspace_direct_add(struct iommu_domain *d, const struct resv_list *want)
{
    for (unsigned i = 0; i < want->count; i++) {
        int err = want->w[i].type == RESV_DIRECT ? add_window(d, want->w[i].r) : 0;

        if (err)
            return err;
    }
    return 0;
}

static void clear_window(struct iommu_domain *d, struct range r, const struct resv_list *keep,
                         struct pt_gather *g)
{
    const uint64_t pages = range_size(r) / leaf_size(d);

    for (uint64_t i = 0; i < pages; i++) {
        uint64_t iova = r.start + i * leaf_size(d);
        int err = has_direct(keep, iova) ? 0 : iommu_domain_unmap(d, iova, leaf_size(d), g);

        ASSERT(err == 0);
    }
}

int aspace_direct_remove(struct iommu_domain *d, const struct resv_list *gone,
                         const struct resv_list *keep)
{
    struct pt_gather g;

    pt_gather_init(&g);
    for (unsigned i = 0; i < gone->count; i++) {
        if (gone->w[i].type == RESV_DIRECT)
            clear_window(d, gone->w[i].r, keep, &g);
    }
    return iommu_domain_sync(d, &g);
}
