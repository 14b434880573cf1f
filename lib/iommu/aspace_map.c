/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"
#include "lib/mem/heap.h"

/* ---- rights */

static bool is_write_only(unsigned prot)
{
    return (prot & (PT_READ | PT_WRITE)) == PT_WRITE;
}

unsigned aspace_prot_in(const struct iommu_domain *d, unsigned prot)
{
    if (is_write_only(prot) && d->pt.fmt->check_prot(prot | PT_USER) == -RF_EOPNOTSUPP)
        return prot | PT_READ;
    return prot;
}

unsigned aspace_prot(const struct iommu_aspace *a, unsigned prot)
{
    const struct iommu_domain *d;
    unsigned all = prot;

    if (!is_write_only(prot))
        return prot;
    LIST_FOREACH (d, &a->domains, link)
        all |= aspace_prot_in(d, prot);
    return all;
}

/* ---- checks, none of which changes anything */

static int check_arguments(const struct iommu_aspace *a, struct range iova, unsigned prot)
{
    if (prot == 0 || (prot & ~(unsigned)(PT_READ | PT_WRITE)))
        return trace(-RF_EINVAL);
    if (iova.last < iova.start || !is_aligned(iova.start | (iova.last + 1), a->quantum))
        return trace(-RF_EINVAL);
    return 0;
}

void aspace_forget_open(struct iommu_aspace *a)
{
    a->open = (struct range){1, 0};
}

static int check_windows(struct iommu_aspace *a, struct range iova)
{
    if (!range_contains(a->aperture, iova))
        return trace(-RF_ERANGE);
    if (resv_find(&a->windows, iova))
        return trace(-RF_EINVAL);
    a->open = resv_gap(&a->windows, a->aperture, iova);
    return 0;
}

/* Of a map that has its place among the others. */
static int check_place(struct iommu_aspace *a, struct range iova)
{
    if (a->map_count > a->cfg.map_limit)
        return trace(-RF_ENOSPC);
    return range_contains(a->open, iova) ? 0 : check_windows(a, iova);
}

/* ---- steps of a map */

/* Without memory for a slot, the answer is still the one of the first check that fails. */
static int begin_without_memory(struct iommu_aspace *a, struct range iova)
{
    int err;

    if (aspace_first_in(a, iova))
        return trace(-RF_EEXIST);
    if (a->map_count >= a->cfg.map_limit)
        return trace(-RF_ENOSPC);
    err = check_windows(a, iova);
    return err ? err : trace(-RF_ENOMEM);
}

int aspace_map_begin(struct iommu_aspace *a, struct range iova, unsigned prot,
                     struct aspace_map **out)
{
    struct aspace_map *m;
    int err = check_arguments(a, iova, prot);

    if (err)
        return err;
    m = aspace_slot_get(a);
    if (!m)
        return begin_without_memory(a, iova);
    m->iova = iova;
    m->prot = prot;
    if (aspace_slot_insert(a, m)) {
        aspace_slot_put(a, m);
        return trace(-RF_EEXIST);
    }
    err = check_place(a, iova);
    if (err)
        aspace_map_cancel(a, m);
    *out = m;
    return err;
}

static int grow_segs(struct aspace_map *m)
{
    unsigned room = m->seg_room == 1 ? 16 : 2 * m->seg_room;
    struct aspace_seg *bigger = heap_alloc(room * sizeof(*bigger));

    if (!bigger)
        return trace(-RF_ENOMEM);
    memcpy(bigger, m->segs, m->seg_count * sizeof(*bigger));
    if (m->segs != &m->first_seg)
        heap_free(m->segs);
    m->segs = bigger;
    m->seg_room = room;
    return 0;
}

static bool joins_last(const struct aspace_map *m, paddr_t pa)
{
    const struct aspace_seg *end = m->segs + m->seg_count;

    return m->seg_count && paddr_add(end[-1].pa, end[-1].size).v == pa.v;
}

int aspace_map_add(struct aspace_map *m, paddr_t pa, uint64_t size)
{
    int err = 0;

    if (size - 1 > UINT64_MAX - pa.v)
        return trace(size ? -RF_EOVERFLOW : -RF_EINVAL);
    if (joins_last(m, pa)) {
        m->segs[m->seg_count - 1].size += size;
        m->filled += size;
        return 0;
    }
    if (m->seg_count == m->seg_room)
        err = grow_segs(m);
    if (err)
        return err;
    m->segs[m->seg_count++] = (struct aspace_seg){pa, size};
    m->edges |= pa.v | m->filled;
    m->filled += size;
    return 0;
}

void aspace_map_registers(struct aspace_map *m, const void *owner)
{
    m->registers = owner;
    m->prot |= PT_DEVICE;
}

void aspace_map_cancel(struct iommu_aspace *a, struct aspace_map *m)
{
    aspace_slot_remove(a, m);
    aspace_slot_put(a, m);
}

/* The error to return when undoing after err came to `undone`: that a unit died counts more than
 * why, and the first wait that failed more than that it is dead since. */
static int undone_error(int err, int undone)
{
    bool died = err == -RF_ETIMEDOUT || err == -RF_EIO;

    return undone && !died ? undone : err;
}

int aspace_map_into(struct iommu_domain *d, const struct aspace_map *m)
{
    unsigned prot = aspace_prot_in(d, m->prot);
    uint64_t done = 0;

    for (unsigned i = 0; i < m->seg_count; i++) {
        const struct aspace_seg *seg = &m->segs[i];
        int err = iommu_domain_map(d, m->iova.start + done, seg->pa, seg->size, prot);

        if (err)
            return undone_error(err, done ? iommu_domain_remove(d, m->iova.start, done) : 0);
        done += seg->size;
    }
    return 0;
}

/* Takes m out of the domains before `stop`. */
static int undo(struct iommu_aspace *a, const struct iommu_domain *stop, const struct aspace_map *m,
                int err)
{
    struct iommu_domain *d;

    LIST_FOREACH (d, &a->domains, link) {
        if (d == stop)
            break;
        err = undone_error(err, iommu_domain_remove(d, m->iova.start, range_size(m->iova)));
    }
    return err;
}

static int map_everywhere(struct iommu_aspace *a, const struct aspace_map *m)
{
    struct iommu_domain *d;

    LIST_FOREACH (d, &a->domains, link) {
        int err = aspace_map_into(d, m);

        if (err)
            return undo(a, d, m, err);
    }
    return 0;
}

int aspace_map_commit(struct iommu_aspace *a, struct aspace_map *m)
{
    if (m->filled == 0 || m->filled != range_size(m->iova) || !is_aligned(m->edges, a->quantum))
        return trace(-RF_EINVAL);
    m->prot = aspace_prot(a, m->prot);
    return map_everywhere(a, m);
}
