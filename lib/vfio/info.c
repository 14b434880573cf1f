/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

/* VFIO_IOMMU_GET_INFO: page sizes, what dirty bitmaps are like, maps left, usable IOVA ranges. */

static void add_migration(struct vfio_caps *caps, const struct iommu_aspace *a)
{
    struct vfio_iommu_type1_info_cap_migration *cap =
        vfio_caps_add(caps, VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, 1, sizeof(*cap));

    cap->pgsize_bitmap = aspace_quantum(a);
    cap->max_dirty_bitmap_size = VFIO_DIRTY_BITMAP_MAX;
}

static void add_dma_avail(struct vfio_caps *caps, const struct iommu_aspace *a)
{
    struct vfio_iommu_type1_info_dma_avail *cap =
        vfio_caps_add(caps, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, 1, sizeof(*cap));

    cap->avail = a->cfg.map_limit - a->map_count;
}

static void add_iova_ranges(struct vfio_caps *caps, const struct iommu_aspace *a)
{
    struct vfio_iommu_type1_info_cap_iova_range *cap;
    struct range usable[RESV_MAX + 1];
    unsigned n = aspace_usable(a, usable, ARRAY_SIZE(usable));

    if (n == 0)
        return;
    cap = vfio_caps_add(caps, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 1,
                        sizeof(*cap) + n * sizeof(cap->iova_ranges[0]));
    cap->nr_iovas = n;
    for (unsigned i = 0; i < n; i++)
        cap->iova_ranges[i] = (struct vfio_iova_range){usable[i].start, usable[i].last};
}

long vfio_iommu_get_info(struct vfio_container *c, uint64_t uarg)
{
    struct vfio_iommu_type1_info info = {0};
    struct vfio_caps caps;
    uint32_t room;
    int err = vfio_args_in(&info, uarg, offsetof(struct vfio_iommu_type1_info, cap_offset));

    if (err)
        return err;
    room = info.argsz;
    info.flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS;
    info.iova_pgsizes = c->aspace.pgsizes;
    vfio_caps_init(&caps, sizeof(info));
    add_migration(&caps, &c->aspace);
    add_dma_avail(&caps, &c->aspace);
    add_iova_ranges(&caps, &c->aspace);
    err = vfio_caps_out(&caps, uarg, &info.argsz, &info.cap_offset);
    return err ? err : vfio_env->copy_out(uarg, &info, MIN(room, sizeof(info)));
}
