/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_IOMMU_H
#define RF_TESTS_FAKE_IOMMU_H

#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/iommu/aspace.h"
#include "lib/mem/inject.h"
#include "lib/mem/page.h"

/* A unit that records what it is asked, fails when told to, and caches each translation that a
 * stream used until a flush names it. */
#define FAKE_STREAMS 16
#define FAKE_CACHE   64
#define FAKE_FAULTS  8192

struct fake_cached {
    uint16_t asid;
    uint64_t iova;
    paddr_t pa;
};

struct fake_unit {
    struct iommu_unit unit;
    const struct iommu_domain *stream[FAKE_STREAMS]; /* NULL: denied */
    struct fake_cached cache[FAKE_CACHE];
    unsigned cached;
    unsigned probes, enables, attaches, detaches, flushes, quiesces;
    struct pt_gather last_flush;
    uint64_t free_at_flush;                          /* pages, while it was under way */
    void (*on_attach)(const struct iommu_domain *d); /* NULL: nothing */
    struct iommu_fault *faults;
    unsigned fault_count, fault_next;
};

/* The n-th operation from now on, of whatever unit, fails; 0: none does. And so do as many after it
 * as fake_fail_more says. */
static unsigned fake_fail_after;
static unsigned fake_fail_more;
static unsigned fake_op_count;
static int fake_fail_error = -RF_ETIMEDOUT;

static inline void fake_fail(unsigned n)
{
    fake_fail_after = n;
    fake_op_count = 0;
}

static inline int fake_step(void)
{
    unsigned n = ++fake_op_count;

    if (!fake_fail_after || n < fake_fail_after || n > fake_fail_after + fake_fail_more)
        return 0;
    return fake_fail_error;
}

static inline struct fake_unit *fake_of(struct iommu_unit *u)
{
    return CONTAINER_OF(u, struct fake_unit, unit);
}

static inline int fake_probe(struct iommu_unit *u)
{
    fake_of(u)->probes++;
    return fake_step();
}

static inline int fake_enable(struct iommu_unit *u)
{
    fake_of(u)->enables++;
    return fake_step();
}

static inline void fake_quiesce(struct iommu_unit *u)
{
    fake_of(u)->quiesces++;
    memset(fake_of(u)->stream, 0, sizeof(fake_of(u)->stream));
}

static inline int fake_attach(struct iommu_unit *u, uint32_t sid, const struct iommu_domain *d)
{
    struct fake_unit *f = fake_of(u);
    int err = fake_step();

    if (err)
        return err;
    if (sid >= FAKE_STREAMS)
        return -RF_ERANGE;
    if (f->stream[sid])
        return -RF_EBUSY;
    if (f->on_attach)
        f->on_attach(d);
    f->attaches++;
    f->stream[sid] = d;
    return 0;
}

static inline int fake_detach(struct iommu_unit *u, uint32_t sid)
{
    int err = fake_step();

    if (err)
        return err;
    fake_of(u)->detaches++;
    fake_of(u)->stream[sid] = NULL;
    return 0;
}

/* All steps of a map. */
static inline int fake_map(struct iommu_aspace *a, struct range iova, const struct aspace_seg *segs,
                           unsigned count, unsigned prot, const void *registers)
{
    struct aspace_map *m;
    int err = aspace_map_begin(a, iova, prot, &m);

    if (err)
        return err;
    if (registers)
        aspace_map_registers(m, registers);
    for (unsigned i = 0; i < count && !err; i++)
        err = aspace_map_add(m, segs[i].pa, segs[i].size);
    if (!err)
        err = aspace_map_commit(a, m);
    if (err)
        aspace_map_cancel(a, m);
    return err;
}

/* Gives empty tables back that the domains keep: they are no leak. */
static inline void fake_trim(const struct iommu_aspace *a)
{
    struct iommu_domain *d;
    struct pt_gather g;

    pt_gather_init(&g);
    LIST_FOREACH (d, &a->domains, link)
        (void)pt_trim(&d->pt, 0, UINT64_C(1) << d->pt.cfg.ias, &g);
    pt_gather_release(&g);
}

static inline uint64_t fake_free_pages(void)
{
    struct page_stats stats;

    page_get_stats(&stats);
    return stats.free_pages;
}

static inline bool fake_names(const struct pt_gather *g, uint64_t iova)
{
    bool named = g->all;

    for (unsigned i = 0; i < g->count; i++)
        named |= range_has(g->flush[i].iova, iova);
    return named;
}

static inline int fake_flush(struct iommu_unit *u, const struct iommu_domain *d,
                             const struct pt_gather *g)
{
    struct fake_unit *f = fake_of(u);
    unsigned kept = 0;
    int err = fake_step();

    f->flushes++;
    f->last_flush = *g;
    f->free_at_flush = fake_free_pages();
    if (err)
        return err;
    for (unsigned i = 0; i < f->cached; i++) {
        if (f->cache[i].asid != d->asid || !fake_names(g, f->cache[i].iova))
            f->cache[kept++] = f->cache[i];
    }
    f->cached = kept;
    return 0;
}

static inline unsigned fake_faults(struct iommu_unit *u, struct iommu_fault *out, unsigned max)
{
    struct fake_unit *f = fake_of(u);
    unsigned n = 0;

    while (n < max && f->fault_next < f->fault_count)
        out[n++] = f->faults[f->fault_next++];
    return n;
}

static const struct iommu_ops fake_ops = {
    .probe = fake_probe,
    .enable = fake_enable,
    .quiesce = fake_quiesce,
    .attach = fake_attach,
    .detach = fake_detach,
    .flush = fake_flush,
    .faults = fake_faults,
};

static inline void fake_unit_init(struct fake_unit *f, const char *name)
{
    *f = (struct fake_unit){
        .unit =
            {
                .ops = &fake_ops,
                .name = name,
                .caps =
                    {
                        .format = &pt_arm_s1,
                        .granules = BIT(12) | BIT(14) | BIT(16),
                        .ias = 48,
                        .oas = 44,
                        .sid_bits = 4,
                        .asid_bits = 4,
                        .coherent = true,
                    },
            },
    };
}

static inline void fake_unit_fini(struct fake_unit *f)
{
    LIST_REMOVE(&f->unit, link);
    free(f->unit.asid_map);
    f->unit.asid_map = NULL;
}

/* What a device reads at iova by this stream, from the unit's cache when it is there. */
static inline bool fake_access(struct fake_unit *f, uint32_t sid, uint64_t iova, paddr_t *pa)
{
    const struct iommu_domain *d = f->stream[sid];
    struct pt_leaf leaf;

    if (!d)
        return false;
    for (unsigned i = 0; i < f->cached; i++) {
        if (f->cache[i].asid == d->asid && f->cache[i].iova == iova) {
            *pa = f->cache[i].pa;
            return true;
        }
    }
    if (!pt_lookup(&d->pt, iova, &leaf))
        return false;
    if (f->cached < FAKE_CACHE)
        f->cache[f->cached++] = (struct fake_cached){d->asid, iova, leaf.pa};
    *pa = leaf.pa;
    return true;
}

/* ---- machine: two units and memory for their tables */

#define FAKE_RAM_BASE PADDR(0x40000000)
#define FAKE_RAM_SIZE MIB(8)

static struct fake_unit fake_a, fake_b;

static inline uint64_t fake_quarantined_pages(void)
{
    struct page_stats stats;

    page_get_stats(&stats);
    return stats.quarantined_pages;
}

static uint64_t fake_pages_at_start;

static inline int fake_machine_up(void **state)
{
    struct range ram;

    (void)state;
    LIST_INIT(&iommu_units); /* whatever a failed test left */
    LIST_INIT(&iommu_groups);
    inject_after(0);
    fake_fail(0);
    fake_fail_more = 0;
    fake_fail_error = -RF_ETIMEDOUT;
    host_arena_init(FAKE_RAM_BASE, FAKE_RAM_SIZE);
    page_reset();
    if (!range_make(FAKE_RAM_BASE.v, FAKE_RAM_SIZE, &ram) || page_add_range(ram))
        return -1;
    fake_pages_at_start = fake_free_pages();
    fake_unit_init(&fake_a, "fake@a");
    fake_unit_init(&fake_b, "fake@b");
    return iommu_unit_start(&fake_a.unit) || iommu_unit_start(&fake_b.unit) ? -1 : 0;
}

static inline int fake_machine_down(void **state)
{
    struct iommu_group *g;
    struct iommu_endpoint *e;

    (void)state;
    inject_after(0);
    fake_fail(0);
    while ((g = LIST_FIRST(&iommu_groups))) {
        while ((e = TAILQ_FIRST(&g->endpoints))) {
            TAILQ_REMOVE(&g->endpoints, e, link);
            free(e);
        }
        LIST_REMOVE(g, link);
        free(g);
    }
    fake_unit_fini(&fake_a);
    fake_unit_fini(&fake_b);
    page_reset();
    host_arena_fini();
    return 0;
}

#endif
