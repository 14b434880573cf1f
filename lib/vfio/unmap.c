/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include <stdio.h>

/* VFIO_IOMMU_UNMAP_DMA. A refusal changes nothing, and says in one line which check it was. */

#define UNMAP_FLAGS (VFIO_DMA_UNMAP_FLAG_ALL | VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP)

static int refuse(const struct vfio_iommu_type1_dma_unmap *u, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(const struct vfio_iommu_type1_dma_unmap *u, int err, const char *fmt, ...)
{
    char why[200];
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof(why), fmt, args);
    va_end(args);
    log_warn_limited("UNMAP_DMA iova 0x%lx size 0x%lx refused, %s: %s", u->iova, u->size,
                     err_name(err), why);
    return err;
}

static int check_flags(const struct vfio_iommu_type1_dma_unmap *u)
{
    if (u->flags & ~UNMAP_FLAGS)
        return refuse(u, -RF_EINVAL, "flags 0x%x are not offered", u->flags);
    if (u->flags == UNMAP_FLAGS)
        return refuse(u, -RF_EINVAL, "a dirty bitmap of ALL has no size");
    return 0;
}

static int check_range(const struct iommu_aspace *a, const struct vfio_iommu_type1_dma_unmap *u,
                       struct range *iova)
{
    uint64_t quantum = aspace_quantum(a);

    if (u->flags & VFIO_DMA_UNMAP_FLAG_ALL) {
        *iova = (struct range){0, UINT64_MAX};
        return u->iova | u->size ? refuse(u, -RF_EINVAL, "ALL wants iova and size 0") : 0;
    }
    if (u->size == 0)
        return refuse(u, -RF_EINVAL, "size is 0");
    if (!is_aligned(u->iova | u->size, quantum))
        return refuse(u, -RF_EINVAL, "iova or size is not a multiple of 0x%lx", quantum);
    if (!range_make(u->iova, u->size, iova))
        return refuse(u, -RF_EOVERFLOW, "iova + size leaves the 64-bit space");
    return 0;
}

const struct aspace_map *vfio_find_cut(const struct iommu_aspace *a, struct range r)
{
    const struct aspace_map *map = aspace_find(a, r.start);

    if (!map || range_contains(r, map->iova))
        map = aspace_find(a, r.last);
    return map && !range_contains(r, map->iova) ? map : NULL;
}

static int check_cut(const struct iommu_aspace *a, const struct vfio_iommu_type1_dma_unmap *u,
                     struct range r)
{
    const struct aspace_map *cut = vfio_find_cut(a, r);

    if (!cut)
        return 0;
    return refuse(u, -RF_EINVAL, "cuts the map [0x%lx, 0x%lx]: unmap it whole", cut->iova.start,
                  cut->iova.last);
}

/* The bitmap is filled before anything is unmapped: all writable pages are dirty anyway, and a bad
 * address of it leaves the maps as they are. */
static int report_dirty(const struct vfio_container *c, const struct vfio_iommu_type1_dma_unmap *u,
                        uint64_t uarg, struct range r)
{
    struct vfio_bitmap b;
    int err;

    if (!(u->flags & VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP))
        return 0;
    err = check_cut(&c->aspace, u, r);
    if (err)
        return err;
    if (u->argsz < sizeof(*u) + sizeof(b))
        return refuse(u, -RF_EINVAL, "argsz has no room for a bitmap");
    err = vfio_env->copy_in(&b, uarg + sizeof(*u), sizeof(b));
    if (!err)
        err = vfio_dirty_check(c, &b, u->size);
    return err ? err : vfio_dirty_report(c, &b, r);
}

/* Version 1 of type 1 does not refuse a range that cuts maps. One that starts inside a map unmaps
 * nothing, and a map that starts inside the range goes whole; both are a success that only the size
 * tells. Nothing unmapped is worth a line: who does not look at the size reuses memory that the
 * device still has. */
static int unmap_cut(struct iommu_aspace *a, const struct vfio_iommu_type1_dma_unmap *u,
                     struct range r, uint64_t *bytes)
{
    const struct aspace_map *first = aspace_find(a, r.start), *last = aspace_find(a, r.last);

    if (!first || first->iova.start == r.start)
        return aspace_unmap(a, (struct range){r.start, last->iova.last}, bytes);
    log_warn_limited("UNMAP_DMA iova 0x%lx size 0x%lx unmaps nothing, as type 1 does: it starts "
                     "inside the map [0x%lx, 0x%lx], which the device keeps: unmap it whole",
                     u->iova, u->size, first->iova.start, first->iova.last);
    *bytes = 0;
    return 0;
}

/* u->size becomes what went. */
static int unmap_range(struct vfio_container *c, struct vfio_iommu_type1_dma_unmap *u,
                       struct range r)
{
    uint64_t bytes;
    int err = aspace_unmap(&c->aspace, r, &bytes);

    if (err == -RF_EINVAL && c->v1)
        err = unmap_cut(&c->aspace, u, r, &bytes);
    if (err == -RF_EINVAL)
        return check_cut(&c->aspace, u, r);
    if (err)
        log_limited(LOG_ERR,
                    "UNMAP_DMA [0x%lx, 0x%lx]: %s: the IOMMU did not confirm; its memory is lost",
                    r.start, r.last, err_name(err));
    else
        u->size = bytes;
    return err;
}

long vfio_iommu_unmap(struct vfio_container *c, uint64_t uarg)
{
    struct vfio_iommu_type1_dma_unmap u;
    struct range iova = {0};
    int err = vfio_words_in(&u, uarg, sizeof(u));

    if (!err)
        err = check_flags(&u);
    if (!err)
        err = check_range(&c->aspace, &u, &iova);
    if (!err)
        err = report_dirty(c, &u, uarg, iova);
    if (!err)
        err = unmap_range(c, &u, iova);
    return err ? err : vfio_words_out(uarg, &u, sizeof(u));
}
