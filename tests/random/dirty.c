/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/vfio/uapi.h"
#include "tests/random/reference.h"
#include "tests/random/verdict.h"
#include "tests/random/workload.h"

/* Dirty pages: each that devices may write. */

long ref_want_bitmap(unsigned c, uint64_t size)
{
    uint64_t pages = size / ref.granule;

    return ref.container[c].tracking && pages && pages <= DIRTY_WORDS * 64 ? 0 : -RF_EINVAL;
}

static long want_get(unsigned c, const uint64_t *arg)
{
    long err = ref_want_bitmap(c, arg[DIRTY_SIZE]);
    struct range r;

    if (err)
        return err;
    if (!is_aligned(arg[DIRTY_IOVA] | arg[DIRTY_SIZE], ref.granule))
        return -RF_EINVAL;
    if (!range_make(arg[DIRTY_IOVA], arg[DIRTY_SIZE], &r))
        return -RF_EOVERFLOW;
    return ref_cuts(c, r) ? -RF_EINVAL : 0;
}

long ref_want_dirty(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[DIRTY_CONTAINER];

    if (!ref.container[c].iommu)
        return -RF_ENODEV;
    switch (arg[DIRTY_OPERATION]) {
    case VFIO_IOMMU_DIRTY_PAGES_FLAG_START:
    case VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP:
        return 0;
    case VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP:
        return want_get(c, arg);
    default:
        return -RF_EINVAL;
    }
}

static bool is_writable(unsigned c, uint64_t iova)
{
    const struct ref_map *m;

    LIST_FOREACH (m, &ref.container[c].maps, link)
        if (range_has(m->iova, iova))
            return m->write;
    return false;
}

void ref_check_bitmap(unsigned c, struct range r, const uint64_t *bitmap)
{
    uint64_t pages = range_size(r) / ref.granule;

    for (uint64_t i = 0; i < pages; i++) {
        bool set = bitmap[i / 64] >> i % 64 & 1;
        uint64_t iova = r.start + i * ref.granule;

        if (set != is_writable(c, iova))
            verdict_fail("container %u: 0x%lx is %sreported as dirty", c, iova, set ? "" : "not ");
    }
}
