/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/mask.h"
#include "lib/vfio/objects.h"

/* Dirty pages. The tables have no dirty bits (SMMUv3 could set them where IDR0.HTTU says so, which
 * is not used), so each page that devices may write counts as written: more than is true, never
 * less. Linux says the same of devices that do not report what they write. */

#define BITS 64u /* of a word */

/* --- Bitmaps --------------------------------------------------------------------------------- */

static int set_word(uint64_t uaddr, uint64_t bits)
{
    uint64_t word = 0;
    int err = ~bits ? vfio_env->copy_in(&word, uaddr, sizeof(word)) : 0;

    word |= bits;
    return err ? err : vfio_env->copy_out(uaddr, &word, sizeof(word));
}

static int set_bits(const struct vfio_bitmap *b, uint64_t first, uint64_t last)
{
    int err = 0;

    for (uint64_t i = first / BITS; i <= last / BITS && !err; i++) {
        unsigned low = i == first / BITS ? first % BITS : 0;
        unsigned high = i == last / BITS ? last % BITS : BITS - 1;

        err = set_word((uintptr_t)b->data + i * sizeof(*b->data), MASK(high, low));
    }
    return err;
}

int vfio_dirty_report(const struct vfio_container *c, const struct vfio_bitmap *b, struct range r)
{
    int err = 0;

    for (uint64_t at = r.start; !err;) {
        const struct aspace_map *m = aspace_at_or_above(&c->aspace, at);

        if (!m || m->iova.start > r.last)
            break;
        if (m->prot & PT_WRITE)
            err = set_bits(b, (m->iova.start - r.start) / b->pgsize,
                           (m->iova.last - r.start) / b->pgsize);
        if (m->iova.last == r.last)
            break;
        at = m->iova.last + 1;
    }
    return err;
}

static int refuse(const char *why)
{
    log_warn_limited("dirty pages: refused, EINVAL: %s", why);
    return -RF_EINVAL;
}

int vfio_dirty_check(const struct vfio_container *c, const struct vfio_bitmap *b, uint64_t size)
{
    uint64_t page = aspace_quantum(&c->aspace);
    uint64_t words = (size / page + BITS - 1) / BITS;

    if (!c->dirty_tracking)
        return refuse("VFIO_IOMMU_DIRTY_PAGES_FLAG_START comes first");
    if (b->pgsize != page)
        return refuse("the bitmap's pgsize is not the smallest one of the MIGRATION capability");
    if (words == 0 || b->size > VFIO_DIRTY_BITMAP_MAX || b->size / sizeof(*b->data) < words)
        return refuse("the bitmap has too few bytes for the range, or more than 256 MiB");
    return 0;
}

/* --- VFIO_IOMMU_DIRTY_PAGES ------------------------------------------------------------------ */

static long start(struct vfio_container *c, uint64_t udata, uint32_t size)
{
    (void)udata, (void)size;
    if (!c->dirty_tracking)
        log_limited(LOG_INFO, "dirty pages: the IOMMU does not tell which pages devices wrote: all "
                              "that are mapped writable are reported");
    c->dirty_tracking = true;
    return 0;
}

static long stop(struct vfio_container *c, uint64_t udata, uint32_t size)
{
    (void)udata, (void)size;
    c->dirty_tracking = false;
    return 0;
}

static int check_range(const struct vfio_container *c,
                       const struct vfio_iommu_type1_dirty_bitmap_get *g, struct range *r)
{
    int err = vfio_dirty_check(c, &g->bitmap, g->size);

    if (err)
        return err;
    if (!is_aligned(g->iova | g->size, g->bitmap.pgsize))
        return refuse("iova or size is not a multiple of the page size");
    if (!range_make(g->iova, g->size, r))
        return trace(-RF_EOVERFLOW);
    return vfio_find_cut(&c->aspace, *r) ? refuse("the range cuts a map in two") : 0;
}

static long get_bitmap(struct vfio_container *c, uint64_t udata, uint32_t size)
{
    struct vfio_iommu_type1_dirty_bitmap_get g;
    struct range r = {0};
    int err;

    if (!c->dirty_tracking)
        return refuse("VFIO_IOMMU_DIRTY_PAGES_FLAG_START comes first");
    if (size < sizeof(g))
        return refuse("argsz has no room for a range and its bitmap");
    err = vfio_env->copy_in(&g, udata, sizeof(g));
    if (!err)
        err = check_range(c, &g, &r);
    return err ? err : vfio_dirty_report(c, &g.bitmap, r);
}

static const struct {
    uint32_t flag;
    long (*run)(struct vfio_container *c, uint64_t udata, uint32_t size);
} operations[] = {
    {VFIO_IOMMU_DIRTY_PAGES_FLAG_START, start},
    {VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP, stop},
    {VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP, get_bitmap},
};

long vfio_iommu_dirty_pages(struct vfio_container *c, uint64_t uarg)
{
    struct vfio_iommu_type1_dirty_bitmap d;
    int err;

    if (c->v1) {
        log_warn_limited("dirty pages: refused, EACCES: only VFIO_TYPE1v2_IOMMU has them");
        return -RF_EACCES;
    }
    err = vfio_args_in(&d, uarg, sizeof(d));
    if (err)
        return err;
    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        if (operations[i].flag == d.flags)
            return operations[i].run(c, uarg + sizeof(d), d.argsz - (uint32_t)sizeof(d));
    }
    return refuse("flags must be exactly one of START, STOP and GET_BITMAP");
}
