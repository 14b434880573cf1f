/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem/heap.h"

/* VFIO_IOMMU_MAP_DMA. The order of the checks is Linux's, because user
 * programs take decisions by the errno. A refusal says in one line which check it was. */

#define MAP_FLAGS (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

int vfio_refuse_map(const struct vfio_iommu_type1_dma_map *m, int err, const char *fmt, ...)
{
    char why[200];
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof(why), fmt, args);
    va_end(args);
    log_warn_limited("MAP_DMA iova 0x%lx size 0x%lx refused, %s: %s", m->iova, m->size,
                     err_name(err), why);
    return err;
}

/* --- What is asked for ----------------------------------------------------------------------- */

static int check_map_request(const struct iommu_aspace *a, const struct vfio_iommu_type1_dma_map *m,
                             struct range *iova)
{
    uint64_t quantum = aspace_quantum(a);
    struct range memory;

    if (m->flags & ~MAP_FLAGS)
        return vfio_refuse_map(m, -RF_EINVAL, "unknown flags 0x%x", m->flags);
    if ((m->flags & MAP_FLAGS) == 0)
        return vfio_refuse_map(m, -RF_EINVAL, "neither READ nor WRITE is set");
    if (m->size == 0)
        return vfio_refuse_map(m, -RF_EINVAL, "size is 0");
    if (!is_aligned(m->size | m->iova | m->vaddr, quantum))
        return vfio_refuse_map(m, -RF_EINVAL,
                               "iova, size or vaddr 0x%lx is not a multiple of 0x%lx, the smallest "
                               "page of the IOMMU",
                               m->vaddr, quantum);
    if (!range_make(m->iova, m->size, iova))
        return vfio_refuse_map(m, -RF_EOVERFLOW, "iova + size leaves the 64-bit space");
    if (!range_make(m->vaddr, m->size, &memory))
        return vfio_refuse_map(m, -RF_EOVERFLOW, "vaddr 0x%lx + size leaves the 64-bit space",
                               m->vaddr);
    return 0;
}

/* Any map that shares a byte with r. Maps do not overlap, so they are ordered by either end. */
static const struct aspace_map *find_overlap(const struct iommu_aspace *a, struct range r)
{
    const struct aspace_map *map = RB_ROOT(&a->maps);

    while (map && !range_overlaps(map->iova, r))
        map = r.last < map->iova.start ? RB_LEFT(map, node) : RB_RIGHT(map, node);
    return map;
}

/* Linux answers -RF_EINVAL for everything that is outside the usable ranges; beyond the aperture it
 * is -RF_ERANGE here, which no other check gives: the address has too many bits for the IOMMU. */
static int check_place(const struct iommu_aspace *a, const struct vfio_iommu_type1_dma_map *m,
                       struct range r)
{
    const struct aspace_map *map = find_overlap(a, r);
    const struct resv_window *w;

    if (map)
        return vfio_refuse_map(m, -RF_EEXIST, "overlaps the map [0x%lx, 0x%lx]", map->iova.start,
                               map->iova.last);
    if (a->map_count >= a->cfg.map_limit)
        return vfio_refuse_map(m, -RF_ENOSPC, "the container holds %u maps, its limit",
                               a->map_count);
    if (!range_contains(a->aperture, r))
        return vfio_refuse_map(m, -RF_ERANGE, "outside the aperture [0x%lx, 0x%lx] of the IOMMU",
                               a->aperture.start, a->aperture.last);
    w = resv_find(&a->windows, r);
    if (w)
        return vfio_refuse_map(m, -RF_EINVAL, "overlaps the %s window [0x%lx, 0x%lx] (%s)",
                               resv_type_name(w->type), w->r.start, w->r.last, w->origin);
    return 0;
}

/* --- The memory behind it -------------------------------------------------------------------- */

/* Pieces of pinned memory, neighbours joined. */
struct segs {
    struct aspace_seg *seg;
    unsigned count, room;
};

static int grow(struct segs *s)
{
    unsigned room = s->room ? 2 * s->room : 16;
    struct aspace_seg *bigger = heap_alloc(room * sizeof(*bigger));

    if (!bigger)
        return trace(-RF_ENOMEM);
    if (s->seg)
        memcpy(bigger, s->seg, s->count * sizeof(*bigger));
    heap_free(s->seg);
    s->seg = bigger;
    s->room = room;
    return 0;
}

static bool joins_last(const struct segs *s, paddr_t pa)
{
    const struct aspace_seg *last;

    if (s->count == 0)
        return false;
    last = &s->seg[s->count - 1];
    return paddr_add(last->pa, last->size).v == pa.v;
}

static int add_piece(void *ctx, paddr_t pa, uint64_t size)
{
    struct segs *s = ctx;
    int err = 0;

    if (joins_last(s, pa)) {
        s->seg[s->count - 1].size += size;
        return 0;
    }
    if (s->count == s->room)
        err = grow(s);
    if (!err)
        s->seg[s->count++] = (struct aspace_seg){pa, size};
    return err;
}

static void unpin(const struct aspace_seg *segs, unsigned count, bool ok)
{
    for (unsigned i = 0; i < count; i++)
        vfio_env->unpin(segs[i].pa, segs[i].size, ok);
}

/* Registers hold no reference: they are revoked before they go. */
void vfio_release(void *ctx, const struct aspace_map *m, bool ok)
{
    (void)ctx;
    if (!m->registers)
        unpin(m->segs, m->seg_count, ok);
}

/* With a granule above the CPU's page, the memory must be contiguous in pieces of the granule. */
static bool suits_quantum(const struct segs *s, uint64_t quantum)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (!is_aligned(s->seg[i].pa.v | s->seg[i].size, quantum))
            return false;
    }
    return true;
}

unsigned vfio_map_prot(const struct vfio_iommu_type1_dma_map *m)
{
    return (m->flags & VFIO_DMA_MAP_FLAG_READ ? PT_READ : 0) |
           (m->flags & VFIO_DMA_MAP_FLAG_WRITE ? PT_WRITE : 0);
}

static int map_pinned(struct iommu_aspace *a, const struct vfio_iommu_type1_dma_map *m,
                      struct range iova, const struct segs *s)
{
    uint64_t quantum = aspace_quantum(a);
    int err;

    if (!suits_quantum(s, quantum))
        return vfio_refuse_map(m, -RF_EINVAL,
                               "the memory at 0x%lx is not contiguous in pieces of 0x%lx bytes",
                               m->vaddr, quantum);
    err = aspace_map(a, iova, s->seg, s->count, vfio_map_prot(m), NULL);
    if (err)
        return vfio_refuse_map(m, err, "the IOMMU's tables could not be written");
    return 0;
}

/* After an invalidation that did not complete a device may still reach the memory: it is lost. */
static bool is_safe(int err)
{
    return err != -RF_ETIMEDOUT && err != -RF_EIO;
}

static int pin_and_map(struct iommu_aspace *a, const struct vfio_iommu_type1_dma_map *m,
                       struct range iova)
{
    struct segs s = {0};
    bool write = m->flags & VFIO_DMA_MAP_FLAG_WRITE;
    int err = vfio_env->pin(m->vaddr, m->size, write, add_piece, &s);

    if (err) {
        vfio_refuse_map(m, err, "the memory at 0x%lx cannot be pinned for %s", m->vaddr,
                        write ? "writing" : "reading");
    } else {
        err = map_pinned(a, m, iova, &s);
        if (err)
            unpin(s.seg, s.count, is_safe(err));
    }
    heap_free(s.seg);
    return err;
}

/* vaddr is memory, or registers of a device that the workload has mapped. */
static int map_source(struct vfio_container *c, const struct vfio_iommu_type1_dma_map *m,
                      struct range iova)
{
    bool write = m->flags & VFIO_DMA_MAP_FLAG_WRITE;
    uint64_t offset;
    struct vfio_device *d = vfio_env->registers(m->vaddr, m->size, write, &offset);

    return d ? vfio_peer_map(c, m, iova, d, offset) : pin_and_map(&c->aspace, m, iova);
}

long vfio_iommu_map(struct vfio_container *c, uint64_t uarg)
{
    struct vfio_iommu_type1_dma_map m;
    struct range iova = {0};
    int err = vfio_args_in(&m, uarg, sizeof(m));

    if (!err)
        err = check_map_request(&c->aspace, &m, &iova);
    if (!err)
        err = check_place(&c->aspace, &m, iova);
    if (!err)
        err = map_source(c, &m, iova);
    return err;
}
