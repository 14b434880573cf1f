/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/device.h"
#include "tests/random/execute.h"
#include "tests/random/reference.h"
#include "tests/random/space.h"
#include "tests/random/verdict.h"
#include "tests/random/workload.h"

/* Steps that are about the memory of devices. */

/* Where a granule is more than a page, only memory that is there can be told to be good enough. */
void step_map_prepare(const uint64_t *arg)
{
    if (ref.granule > PAGE_SIZE)
        space_touch(arg[MAP_VADDR], arg[MAP_SIZE]);
}

void step_map(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[MAP_CONTAINER];

    if (!workload_has_container(c))
        return;
    long want = ref_want_map(arg);
    struct ref_map *m = want == 0 ? ref_map_begin(arg) : NULL;
    device_touch(arg[MAP_IOVA]);
    long got = workload_map(arg);
    judge("VFIO_IOMMU_MAP_DMA", want, got);
    space_look(arg[MAP_VADDR], arg[MAP_SIZE]);
    if (m)
        ref_map_done(arg, m, got == 0);
}

void step_unmap(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[UNMAP_CONTAINER];
    uint64_t bytes, sum = 0;

    if (!workload_has_container(c))
        return;
    long want = ref_want_unmap(arg);
    if (want == 0)
        sum = ref_unmap_begin(arg);
    device_touch(arg[UNMAP_IOVA]);
    long got = workload_unmap(arg, &bytes);
    judge("VFIO_IOMMU_UNMAP_DMA", want, got);
    if (want == 0 && got == 0 && arg[UNMAP_FLAGS] == VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP)
        ref_check_bitmap(c, (struct range){arg[UNMAP_IOVA], arg[UNMAP_IOVA] + arg[UNMAP_SIZE] - 1},
                         workload_bitmap());
    if (got == 0 && bytes != sum)
        verdict_fail("VFIO_IOMMU_UNMAP_DMA: 0x%lx bytes, the reference 0x%lx", bytes, sum);
    if (want == 0 && is_loss(got))
        ref_lose(c);
    if (want == 0)
        ref_unmap_done(c, got == 0 || is_loss(got));
}

void step_dirty(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[DIRTY_CONTAINER];

    if (!workload_has_container(c))
        return;
    long want = ref_want_dirty(arg), got = workload_dirty(arg);
    judge("VFIO_IOMMU_DIRTY_PAGES", want, got);
    if (got)
        return;
    if (arg[DIRTY_OPERATION] == VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP)
        ref_check_bitmap(c, (struct range){arg[DIRTY_IOVA], arg[DIRTY_IOVA] + arg[DIRTY_SIZE] - 1},
                         workload_bitmap());
    else
        ref.container[c].tracking = arg[DIRTY_OPERATION] == VFIO_IOMMU_DIRTY_PAGES_FLAG_START;
}

void step_dma(const uint64_t *arg)
{
    device_touch(arg[DMA_IOVA]);
    device_access((unsigned)arg[DMA_STREAM], arg[DMA_IOVA], arg[DMA_WRITE]);
}
