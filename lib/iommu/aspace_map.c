/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"
#include "lib/mem/heap.h"

/* ---- rights */

unsigned aspace_prot_in(const struct iommu_domain *d, unsigned prot)
{
    bool write_only = (prot & (PT_READ | PT_WRITE)) == PT_WRITE;

    if (write_only && d->pt.fmt->check_prot(prot | PT_USER) == -RF_EOPNOTSUPP)
        return prot | PT_READ;
    return prot;
}

unsigned aspace_prot(const struct iommu_aspace *a, unsigned prot)
{
    const struct iommu_domain *d;
    unsigned all = prot;

    LIST_FOREACH (d, &a->domains, link)
        all |= aspace_prot_in(d, prot);
    return all;
}

/* ---- checks, none of which changes anything */

static int check_segs(struct range iova, const struct aspace_seg *segs, unsigned count,
                      uint64_t quantum)
{
    uint64_t at = iova.start;
    struct range pa;

    for (unsigned i = 0; i < count; i++) {
        if (segs[i].size == 0 || !is_aligned(segs[i].pa.v | segs[i].size, quantum))
            return trace(-RF_EINVAL);
        if (!range_make(segs[i].pa.v, segs[i].size, &pa))
            return trace(-RF_EOVERFLOW);
        if (segs[i].size - 1 > iova.last - at)
            return trace(-RF_EINVAL);
        if (segs[i].size - 1 == iova.last - at) /* the range is full: this has to be the last one */
            return i + 1 == count ? 0 : trace(-RF_EINVAL);
        at += segs[i].size;
    }
    return trace(-RF_EINVAL);
}

static int check_arguments(const struct iommu_aspace *a, struct range iova,
                           const struct aspace_seg *segs, unsigned count, unsigned prot)
{
    uint64_t quantum = aspace_quantum(a);

    if (prot == 0 || (prot & ~(unsigned)(PT_READ | PT_WRITE)))
        return trace(-RF_EINVAL);
    if (iova.last < iova.start || !is_aligned(iova.start | (iova.last + 1), quantum))
        return trace(-RF_EINVAL);
    return check_segs(iova, segs, count, quantum);
}

static int check_usable(const struct iommu_aspace *a, struct range iova)
{
    const struct resv_window *w = resv_find(&a->windows, iova);

    if (!range_contains(a->aperture, iova)) {
        log_warn_limited(
            "map of IOVA [0x%lx, 0x%lx] refused: the IOMMU translates [0x%lx, 0x%lx] only",
            iova.start, iova.last, a->aperture.start, a->aperture.last);
        return -RF_ERANGE;
    }
    if (w) {
        log_warn_limited("map of IOVA [0x%lx, 0x%lx] refused: [0x%lx, 0x%lx] is a %s window (%s)",
                         iova.start, iova.last, w->r.start, w->r.last, resv_type_name(w->type),
                         w->origin);
        return -RF_EINVAL;
    }
    return 0;
}

static int check_place(const struct iommu_aspace *a, struct range iova)
{
    const struct aspace_map *other = aspace_first_in(a, iova);

    if (other) {
        log_debug("map of IOVA [0x%lx, 0x%lx] refused: [0x%lx, 0x%lx] is mapped already",
                  iova.start, iova.last, other->iova.start, other->iova.last);
        return -RF_EEXIST;
    }
    if (a->map_count >= a->cfg.map_limit) {
        log_warn_limited(
            "map of IOVA [0x%lx, 0x%lx] refused: there are %u maps, and no more are allowed",
            iova.start, iova.last, a->map_count);
        return -RF_ENOSPC;
    }
    return check_usable(a, iova);
}

/* ---- map */

static struct aspace_map *make(struct range iova, const struct aspace_seg *segs, unsigned count)
{
    size_t segs_size = count * sizeof(segs[0]);
    struct aspace_map *m = heap_alloc(sizeof(*m) + segs_size);

    if (!m)
        return NULL;
    m->iova = iova;
    m->seg_count = count;
    memcpy(m->segs, segs, segs_size);
    return m;
}

/* Pieces that are neighbours in physical memory too are mapped as one, for the largest leaves. */
static struct aspace_seg next_run(const struct aspace_map *m, unsigned *i)
{
    struct aspace_seg run = m->segs[(*i)++];

    while (*i < m->seg_count && run.pa.v + run.size == m->segs[*i].pa.v)
        run.size += m->segs[(*i)++].size;
    return run;
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

    for (unsigned i = 0; i < m->seg_count;) {
        struct aspace_seg run = next_run(m, &i);
        int err = iommu_domain_map(d, m->iova.start + done, run.pa, run.size, prot);

        if (err)
            return undone_error(err, done ? iommu_domain_remove(d, m->iova.start, done) : 0);
        done += run.size;
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

int aspace_map(struct iommu_aspace *a, struct range iova, const struct aspace_seg *segs,
               unsigned count, unsigned prot, const void *registers)
{
    struct aspace_map *m;
    int err = check_arguments(a, iova, segs, count, prot);

    if (!err)
        err = check_place(a, iova);
    if (err)
        return err;
    m = make(iova, segs, count);
    if (!m)
        return trace(-RF_ENOMEM);
    m->prot = aspace_prot(a, prot | (registers ? PT_DEVICE : 0));
    m->registers = registers;
    err = map_everywhere(a, m);
    if (err) {
        heap_free(m);
        return err;
    }
    RB_INSERT(aspace_tree, &a->maps, m);
    a->map_count++;
    a->mapped_bytes += range_size(iova);
    return 0;
}

/* ---- unmap: allocates nothing */

static bool cuts_a_map(const struct iommu_aspace *a, struct range r)
{
    const struct aspace_map *first = aspace_find(a, r.start);
    const struct aspace_map *last = aspace_find(a, r.last);

    return (first && first->iova.start < r.start) || (last && last->iova.last > r.last);
}

/* Only the maps are taken out, one by one: between them there may be doorbells and DIRECT windows,
 * which are not the workload's to remove. */
static int clear(struct iommu_aspace *a, struct iommu_domain *d, struct range r)
{
    struct aspace_map *m = aspace_first_in(a, r);
    struct pt_gather g;

    pt_gather_init(&g);
    for (; m && m->iova.start <= r.last; m = RB_NEXT(aspace_tree, &a->maps, m)) {
        int err = iommu_domain_unmap(d, m->iova.start, range_size(m->iova), &g);

        ASSERT(err == 0); /* no leaf is larger than its map */
    }
    return iommu_domain_sync(d, &g);
}

static void release(struct iommu_aspace *a, struct aspace_map *m, bool ok)
{
    RB_REMOVE(aspace_tree, &a->maps, m);
    a->map_count--;
    a->mapped_bytes -= range_size(m->iova);
    if (a->cfg.release)
        a->cfg.release(a->cfg.release_ctx, m, ok);
    heap_free(m);
}

int aspace_unmap(struct iommu_aspace *a, struct range r, uint64_t *bytes)
{
    struct iommu_domain *d;
    struct aspace_map *m;
    bool synced;
    int result = 0;

    *bytes = 0;
    if (cuts_a_map(a, r))
        return trace(-RF_EINVAL);
    LIST_FOREACH (d, &a->domains, link) {
        int err = clear(a, d, r);

        if (err)
            result = err;
    }
    synced = result == 0;
    while ((m = aspace_first_in(a, r))) {
        if (m->lost && !result)
            result = -RF_EIO;
        *bytes += range_size(m->iova);
        release(a, m, synced && !m->lost);
    }
    return result;
}
