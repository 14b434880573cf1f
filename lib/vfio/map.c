/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include <stdio.h>

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

/* Says what aspace_map_begin found in the way. Linux answers -RF_EINVAL for everything that is
 * outside the usable ranges; beyond the aperture it is -RF_ERANGE here, which no other check gives:
 * the address has too many bits for the IOMMU. */
static int explain(const struct iommu_aspace *a, const struct vfio_iommu_type1_dma_map *m,
                   struct range r, int err)
{
    const struct aspace_map *map = aspace_at_or_above(a, r.start);
    const struct resv_window *w = resv_find(&a->windows, r);

    if (err == -RF_EEXIST && map)
        return vfio_refuse_map(m, err, "overlaps the map [0x%lx, 0x%lx]", map->iova.start,
                               map->iova.last);
    if (err == -RF_ENOSPC)
        return vfio_refuse_map(m, err, "the container holds %u maps, its limit", a->map_count);
    if (err == -RF_ERANGE)
        return vfio_refuse_map(m, err, "outside the aperture [0x%lx, 0x%lx] of the IOMMU",
                               a->aperture.start, a->aperture.last);
    if (err == -RF_EINVAL && w)
        return vfio_refuse_map(m, err, "overlaps the %s window [0x%lx, 0x%lx] (%s)",
                               resv_type_name(w->type), w->r.start, w->r.last, w->origin);
    return err;
}

/* --- The memory behind it -------------------------------------------------------------------- */

static void unpin(const struct aspace_map *map, bool ok)
{
    for (unsigned i = 0; i < map->seg_count; i++)
        vfio_env->unpin(map->segs[i].pa, map->segs[i].size, ok);
}

void vfio_release(void *ctx, paddr_t pa, uint64_t size, bool ok)
{
    (void)ctx;
    vfio_env->unpin(pa, size, ok);
}

unsigned vfio_map_prot(const struct vfio_iommu_type1_dma_map *m)
{
    return (m->flags & VFIO_DMA_MAP_FLAG_READ ? PT_READ : 0) |
           (m->flags & VFIO_DMA_MAP_FLAG_WRITE ? PT_WRITE : 0);
}

/* After an invalidation that did not complete a device may still reach the memory: it is lost. */
static bool is_safe(int err)
{
    return err != -RF_ETIMEDOUT && err != -RF_EIO;
}

static int commit(struct iommu_aspace *a, const struct vfio_iommu_type1_dma_map *m,
                  struct aspace_map *map)
{
    int err = aspace_map_commit(a, map);

    if (err == -RF_EINVAL) /* with a granule above the CPU's page */
        return vfio_refuse_map(m, err,
                               "the memory at 0x%lx is not contiguous in pieces of 0x%lx bytes",
                               m->vaddr, aspace_quantum(a));
    return err ? vfio_refuse_map(m, err, "the IOMMU's tables could not be written") : 0;
}

static int pin_piece(uint64_t vaddr, uint64_t size, bool write, struct aspace_map *map,
                     uint64_t *piece)
{
    paddr_t pa;
    int err = vfio_env->pin(vaddr, size, write, &pa, piece);

    if (err)
        return err;
    err = aspace_map_add(map, pa, *piece);
    if (err)
        vfio_env->unpin(pa, *piece, true);
    return err;
}

static int pin(const struct vfio_iommu_type1_dma_map *m, struct aspace_map *map)
{
    const bool write = m->flags & VFIO_DMA_MAP_FLAG_WRITE;
    uint64_t piece;

    for (uint64_t done = 0; done < m->size; done += piece) {
        int err = pin_piece(m->vaddr + done, m->size - done, write, map, &piece);

        if (err) {
            unpin(map, true);
            return err;
        }
    }
    return 0;
}

static int refuse_memory(const struct vfio_iommu_type1_dma_map *m, int err, const char *what)
{
    return vfio_refuse_map(m, err, "%s at 0x%lx cannot be pinned for %s", what, m->vaddr,
                           m->flags & VFIO_DMA_MAP_FLAG_WRITE ? "writing" : "reading");
}

/* Registers of a device that the workload has mapped. */
static int map_registers(struct vfio_container *c, const struct vfio_iommu_type1_dma_map *m,
                         struct aspace_map *map)
{
    const bool write = m->flags & VFIO_DMA_MAP_FLAG_WRITE;
    uint64_t offset;
    struct vfio_device *d = vfio_env->registers(m->vaddr, m->size, write, &offset);
    int err;

    if (!d)
        return refuse_memory(m, -RF_EFAULT, "registers, which are not in one mapping,");
    err = vfio_peer_add(c, m, map, d, offset);
    return err ? err : commit(&c->aspace, m, map);
}

static int map_source(struct vfio_container *c, const struct vfio_iommu_type1_dma_map *m,
                      struct aspace_map *map)
{
    int err = pin(m, map);

    if (err == -RF_ENXIO)
        return map_registers(c, m, map);
    if (err)
        return refuse_memory(m, err, "the memory");
    err = commit(&c->aspace, m, map);
    if (err)
        unpin(map, is_safe(err));
    return err;
}

long vfio_iommu_map(struct vfio_container *c, uint64_t uarg)
{
    struct vfio_iommu_type1_dma_map m;
    struct aspace_map *map;
    struct range iova = {0};
    int err = vfio_words_in(&m, uarg, sizeof(m));

    if (!err)
        err = check_map_request(&c->aspace, &m, &iova);
    if (err)
        return err;
    err = aspace_map_begin(&c->aspace, iova, vfio_map_prot(&m), &map);
    if (err)
        return explain(&c->aspace, &m, iova, err);
    err = map_source(c, &m, map);
    if (err)
        aspace_map_cancel(&c->aspace, map);
    return err;
}
