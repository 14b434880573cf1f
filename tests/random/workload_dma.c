/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/workload.h"

#include <string.h>

#include "tests/random/machine.h"

/* The workload's calls about the memory of its devices. */

static long call(unsigned c, uint64_t cmd, const void *arg, size_t n)
{
    return vfio_container_ioctl(workload_container(c), cmd, workload_put(arg, n));
}

/* ---- bitmaps --------------------------------------------------------------------------------- */

#define BITMAP_AT 1024u /* in the workload's page of arguments */

static struct vfio_bitmap empty_bitmap(void)
{
    memset((uint8_t *)workload_got() + BITMAP_AT, 0, DIRTY_WORDS * 8);
    return (struct vfio_bitmap){
        .pgsize = machine.granule,
        .size = DIRTY_WORDS * 8,
        .data = (uint64_t *)(uintptr_t)(WORKLOAD_ARG + BITMAP_AT),
    };
}

const uint64_t *workload_bitmap(void)
{
    return (const uint64_t *)(const void *)((uint8_t *)workload_got() + BITMAP_AT);
}

/* ---- maps ------------------------------------------------------------------------------------ */

long workload_map(const uint64_t *arg)
{
    struct vfio_iommu_type1_dma_map m = {
        .argsz = sizeof(m),
        .flags = (uint32_t)arg[MAP_FLAGS],
        .vaddr = arg[MAP_VADDR],
        .iova = arg[MAP_IOVA],
        .size = arg[MAP_SIZE],
    };

    return call((unsigned)arg[MAP_CONTAINER], VFIO_IOMMU_MAP_DMA, &m, sizeof(m));
}

long workload_unmap(const uint64_t *arg, uint64_t *bytes)
{
    struct {
        struct vfio_iommu_type1_dma_unmap u;
        struct vfio_bitmap bitmap;
    } a = {
        .u = {.argsz = sizeof(a),
              .flags = (uint32_t)arg[UNMAP_FLAGS],
              .iova = arg[UNMAP_IOVA],
              .size = arg[UNMAP_SIZE]},
        .bitmap = empty_bitmap(),
    };
    long result = call((unsigned)arg[UNMAP_CONTAINER], VFIO_IOMMU_UNMAP_DMA, &a, sizeof(a));

    memcpy(&a.u, workload_got(), sizeof(a.u));
    *bytes = a.u.size;
    return result;
}

long workload_dirty(const uint64_t *arg)
{
    struct {
        struct vfio_iommu_type1_dirty_bitmap d;
        struct vfio_iommu_type1_dirty_bitmap_get get;
    } a = {
        .d = {.argsz = sizeof(a), .flags = (uint32_t)arg[DIRTY_OPERATION]},
        .get = {.iova = arg[DIRTY_IOVA], .size = arg[DIRTY_SIZE], .bitmap = empty_bitmap()},
    };

    return call((unsigned)arg[DIRTY_CONTAINER], VFIO_IOMMU_DIRTY_PAGES, &a, sizeof(a));
}

/* ---- GET_INFO -------------------------------------------------------------------------------- */

static void take_cap(const struct vfio_info_cap_header *cap, struct workload_info *out)
{
    if (cap->id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL) {
        out->avail = ((const struct vfio_iommu_type1_info_dma_avail *)(const void *)cap)->avail;
    } else if (cap->id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
        const struct vfio_iommu_type1_info_cap_iova_range *r = (const void *)cap;

        out->count = r->nr_iovas;
        memcpy(out->range, r->iova_ranges,
               MIN(r->nr_iovas, ARRAY_SIZE(out->range)) * sizeof(out->range[0]));
    }
}

long workload_info(unsigned c, struct workload_info *out)
{
    struct vfio_iommu_type1_info info = {.argsz = WORKLOAD_ARG_SIZE};
    long result = call(c, VFIO_IOMMU_GET_INFO, &info, sizeof(info));
    const struct vfio_info_cap_header *cap;

    *out = (struct workload_info){0};
    memcpy(&info, workload_got(), sizeof(info));
    out->pgsizes = info.iova_pgsizes;
    for (uint32_t at = info.cap_offset; !result && at; at = cap->next) {
        cap = (const void *)((const uint8_t *)workload_got() + at);
        take_cap(cap, out);
    }
    return result;
}
