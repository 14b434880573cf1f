/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/reference.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "tests/random/machine.h"
#include "tests/random/space.h"
#include "tests/random/workload.h"

struct ref ref;

#define FOR_EACH(m, c) LIST_FOREACH (m, &ref.container[c].maps, link)

void ref_start(const uint64_t *arg)
{
    memset(&ref, 0, sizeof(ref));
    ref.granule = arg[MACHINE_GRANULE];
    ref.unsafe_allowed = arg[MACHINE_FEATURES] & UNSAFE_ALLOWED;
    for (unsigned g = 0; g < GROUPS; g++)
        ref.group[g].container = -1;
}

/* ---- maps ------------------------------------------------------------------------------------ */

static void add(unsigned c, struct ref_map *m)
{
    LIST_INSERT_HEAD(&ref.container[c].maps, m, link);
    ref.container[c].count++;
    ref.container[c].bytes += range_size(m->iova);
}

static void take_out(unsigned c, struct ref_map *m)
{
    LIST_REMOVE(m, link);
    ref.container[c].count--;
    ref.container[c].bytes -= range_size(m->iova);
    free(m);
}

static void find_pages(struct ref_map *m, const uint64_t *arg)
{
    uint64_t pages = arg[MAP_SIZE] / PAGE_SIZE, first = (arg[MAP_VADDR] - USER_BASE) / PAGE_SIZE;

    for (uint64_t i = 0; i < pages; i++)
        m->pa[i] = m->registers >= 0 ? ref_registers_pa(arg[MAP_VADDR] + i * PAGE_SIZE)
                                     : space_page((unsigned)(first + i));
}

/* Where tables have no write-only, whoever may write may read. */
struct ref_map *ref_map_begin(const uint64_t *arg)
{
    struct ref_map *m = malloc(sizeof(*m) + arg[MAP_SIZE] / PAGE_SIZE * sizeof(m->pa[0]));

    m->iova = (struct range){arg[MAP_IOVA], arg[MAP_IOVA] + arg[MAP_SIZE] - 1};
    m->write = arg[MAP_FLAGS] & VFIO_DMA_MAP_FLAG_WRITE;
    m->read = arg[MAP_FLAGS] & VFIO_DMA_MAP_FLAG_READ || !machine.kind->has_write_only;
    m->sure = MAYBE;
    m->registers = ref_registers(arg[MAP_VADDR], arg[MAP_SIZE]);
    m->revoked = false;
    find_pages(m, arg);
    add((unsigned)arg[MAP_CONTAINER], m);
    return m;
}

void ref_map_done(const uint64_t *arg, struct ref_map *m, bool ok)
{
    m->sure = YES;
    if (ok)
        find_pages(m, arg);
    else
        take_out((unsigned)arg[MAP_CONTAINER], m);
}

static struct range unmap_range(const uint64_t *arg)
{
    if (arg[UNMAP_FLAGS] & VFIO_DMA_UNMAP_FLAG_ALL)
        return (struct range){0, UINT64_MAX};
    return (struct range){arg[UNMAP_IOVA], arg[UNMAP_IOVA] + arg[UNMAP_SIZE] - 1};
}

uint64_t ref_unmap_begin(const uint64_t *arg)
{
    struct range r = unmap_range(arg);
    uint64_t bytes = 0;
    struct ref_map *m;

    FOR_EACH(m, arg[UNMAP_CONTAINER])
    {
        if (!range_contains(r, m->iova))
            continue;
        m->sure = MAYBE;
        bytes += range_size(m->iova);
    }
    return bytes;
}

void ref_unmap_done(unsigned c, bool gone)
{
    struct ref_map *m, *next;

    for (m = LIST_FIRST(&ref.container[c].maps); m; m = next) {
        next = LIST_NEXT(m, link);
        if (m->sure == MAYBE && gone)
            take_out(c, m);
        else
            m->sure = YES;
    }
}

void ref_stop(void)
{
    for (unsigned c = 0; c < CONTAINERS; c++)
        while (!LIST_EMPTY(&ref.container[c].maps))
            take_out(c, LIST_FIRST(&ref.container[c].maps));
}

/* ---- windows --------------------------------------------------------------------------------- */

static const struct window {
    unsigned group;
    struct range r;
} windows[] = {
    {2, {BRIDGE_BASE, BRIDGE_BASE + BRIDGE_SIZE - 1}},
    {1, {DIRECT_BASE, DIRECT_BASE + DIRECT_SIZE - 1}},
};

static bool is_in(unsigned g, unsigned c)
{
    return ref.group[g].container == (int)c && ref.group[g].attached != NO;
}

/* The first window of the container that starts at `from` or above; false: none does. */
static bool next_window(unsigned c, uint64_t from, struct range *out)
{
    struct range next = machine.kind->interrupts;
    bool found = next.start >= from;

    for (unsigned i = 0; i < ARRAY_SIZE(windows); i++) {
        struct range r = windows[i].r;

        if (!is_in(windows[i].group, c) || r.start < from || (found && r.start > next.start))
            continue;
        next = r;
        found = true;
    }
    *out = next;
    return found;
}

static bool hits_window(unsigned c, struct range r)
{
    struct range w;

    for (uint64_t from = 0; next_window(c, from, &w); from = w.last + 1)
        if (range_overlaps(w, r))
            return true;
    return false;
}

unsigned ref_usable(unsigned c, struct range *out)
{
    uint64_t from = 0;
    struct range w;
    unsigned n = 0;

    for (; next_window(c, from, &w); from = w.last + 1)
        if (w.start > from)
            out[n++] = (struct range){from, w.start - 1};
    out[n++] = (struct range){from, machine.kind->input_size - 1};
    return n;
}

/* ---- what a call has to give, checks in Linux's order ---------------------------------------- */

static const struct ref_map *overlap(unsigned c, struct range r)
{
    const struct ref_map *m;

    FOR_EACH(m, c)
    if (range_overlaps(m->iova, r))
        return m;
    return NULL;
}

static long want_source(const uint64_t *arg)
{
    int d = ref_registers(arg[MAP_VADDR], arg[MAP_SIZE]);

    if (d >= 0)
        return ref_want_registers((unsigned)d);
    return ref_want_pin(arg[MAP_VADDR], arg[MAP_SIZE], arg[MAP_FLAGS] & VFIO_DMA_MAP_FLAG_WRITE);
}

static long want_place(unsigned c, struct range r)
{
    if (overlap(c, r))
        return -RF_EEXIST;
    if (r.last >= machine.kind->input_size)
        return -RF_ERANGE;
    return hits_window(c, r) ? -RF_EINVAL : 0;
}

long ref_want_map(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[MAP_CONTAINER];
    struct range r, memory;
    long err;

    if (!ref.container[c].iommu)
        return -RF_ENODEV;
    if (arg[MAP_FLAGS] & ~UINT64_C(3) || (arg[MAP_FLAGS] & 3) == 0 || arg[MAP_SIZE] == 0)
        return -RF_EINVAL;
    if (!is_aligned(arg[MAP_IOVA] | arg[MAP_SIZE] | arg[MAP_VADDR], ref.granule))
        return -RF_EINVAL;
    if (!range_make(arg[MAP_IOVA], arg[MAP_SIZE], &r) ||
        !range_make(arg[MAP_VADDR], arg[MAP_SIZE], &memory))
        return -RF_EOVERFLOW;
    err = want_place(c, r);
    return err ? err : want_source(arg);
}

bool ref_cuts(unsigned c, struct range r)
{
    const struct ref_map *m;

    FOR_EACH(m, c)
    if (range_overlaps(r, m->iova) && !range_contains(r, m->iova))
        return true;
    return false;
}

long ref_want_unmap(const uint64_t *arg)
{
    unsigned c = (unsigned)arg[UNMAP_CONTAINER];
    struct range r;

    if (!ref.container[c].iommu)
        return -RF_ENODEV;
    if (arg[UNMAP_FLAGS] & ~UINT64_C(3) || arg[UNMAP_FLAGS] == 3)
        return -RF_EINVAL;
    if (arg[UNMAP_FLAGS] & VFIO_DMA_UNMAP_FLAG_ALL)
        return arg[UNMAP_IOVA] | arg[UNMAP_SIZE] ? -RF_EINVAL : 0;
    if (arg[UNMAP_SIZE] == 0 || !is_aligned(arg[UNMAP_IOVA] | arg[UNMAP_SIZE], ref.granule))
        return -RF_EINVAL;
    if (!range_make(arg[UNMAP_IOVA], arg[UNMAP_SIZE], &r))
        return -RF_EOVERFLOW;
    if (ref_cuts(c, r))
        return -RF_EINVAL;
    return arg[UNMAP_FLAGS] ? ref_want_bitmap(c, arg[UNMAP_SIZE]) : 0;
}

long ref_want_open_group(unsigned g)
{
    return ref.group[g].open || ref.device[g].opens ? -RF_EBUSY : 0;
}

/* Where nothing tells who rings, groups of two containers share that only if it is allowed. */
static long want_attach(unsigned g, unsigned c)
{
    bool shares = ref.unsafe_allowed || machine.kind->isolates_interrupts;

    for (unsigned o = 0; o < GROUPS && !shares; o++)
        if (ref.group[o].attached != NO && ref.group[o].container != (int)c)
            return -RF_EPERM;
    for (unsigned i = 0; i < ARRAY_SIZE(windows); i++)
        if (windows[i].group == g && overlap(c, windows[i].r))
            return -RF_EINVAL;
    return 0;
}

long ref_want_set_container(unsigned g, unsigned c)
{
    if (!ref.container[c].open)
        return -RF_EBADF;
    if (ref.group[g].container >= 0)
        return -RF_EINVAL;
    return ref.container[c].iommu ? want_attach(g, c) : 0;
}

long ref_want_unset_container(unsigned g)
{
    if (ref.group[g].container < 0)
        return -RF_EINVAL;
    return ref.device[g].opens ? -RF_EBUSY : 0;
}

long ref_want_set_iommu(unsigned c)
{
    long want = -RF_EINVAL; /* no group */

    for (unsigned g = 0; g < GROUPS && !ref.container[c].iommu; g++) {
        if (ref.group[g].container != (int)c)
            continue;
        want = want_attach(g, c);
        if (want)
            return want;
    }
    return want;
}

/* ---- groups ---------------------------------------------------------------------------------- */

void ref_join_begin(unsigned g, unsigned c)
{
    ref.group[g].container = (int)c;
    if (ref.container[c].iommu)
        ref.group[g].attached = MAYBE;
}

void ref_join_done(unsigned g, unsigned c, bool ok)
{
    ref.group[g].container = ok ? (int)c : -1;
    ref.group[g].attached = ok && ref.container[c].iommu ? YES : NO;
}

static void set_all(unsigned c, enum sure sure)
{
    for (unsigned g = 0; g < GROUPS; g++)
        if (ref.group[g].container == (int)c)
            ref.group[g].attached = sure;
}

void ref_set_iommu_begin(unsigned c)
{
    set_all(c, MAYBE);
}

void ref_set_iommu_done(unsigned c, bool ok)
{
    set_all(c, ok ? YES : NO);
    ref.container[c].iommu = ok;
    ref.container[c].tracking = false;
}

static bool is_last(unsigned g)
{
    for (unsigned o = 0; o < GROUPS; o++)
        if (o != g && ref.group[o].container == ref.group[g].container)
            return false;
    return true;
}

/* A container loses its IOVA space with its last group. */
void ref_leave_begin(unsigned g)
{
    int c = ref.group[g].container;
    struct ref_map *m;

    if (c < 0 || !ref.container[c].iommu)
        return;
    ref.group[g].attached = MAYBE;
    if (is_last(g))
        FOR_EACH(m, c)
    m->sure = MAYBE;
}

void ref_leave_done(unsigned g)
{
    int c = ref.group[g].container;

    if (c < 0)
        return;
    ref.group[g].attached = NO;
    if (is_last(g)) {
        ref_unmap_done((unsigned)c, true);
        ref.container[c].iommu = false;
    }
    ref.group[g].container = -1;
    ref.device[g].index = ref.device[g].live = 0;
}
