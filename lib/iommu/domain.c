/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/domain.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"
#include "lib/mem/heap.h"
#include "lib/mem/page.h"

/* ---- address-space ids: a bitmap a unit; a set bit is in use or in quarantine */

#define ASID_NONE 0 /* id 0 is never given out, so that an entry left at zero selects nobody */

static uint32_t asid_count(const struct iommu_unit *u)
{
    return UINT32_C(1) << u->caps.asid_bits;
}

static int asid_map_make(struct iommu_unit *u)
{
    if (!u->asid_map)
        u->asid_map = heap_alloc((asid_count(u) + 7) / 8);
    return u->asid_map ? 0 : trace(-RF_ENOMEM);
}

static int asid_alloc(struct iommu_unit *u, uint16_t *out)
{
    int err = asid_map_make(u);

    if (err)
        return err;
    for (uint32_t id = ASID_NONE + 1; id < asid_count(u); id++) {
        if (u->asid_map[id / 8] & (1u << id % 8))
            continue;
        u->asid_map[id / 8] |= (uint8_t)(1u << id % 8);
        *out = (uint16_t)id;
        return 0;
    }
    log_warn_limited("%s: all %u address-space ids are in use", u->name, asid_count(u) - 1);
    return -RF_ENOSPC;
}

static void asid_free(struct iommu_unit *u, uint16_t id)
{
    u->asid_map[id / 8] &= (uint8_t)~(1u << id % 8);
}

unsigned iommu_domain_count(void)
{
    const struct iommu_unit *u;
    unsigned count = 0;

    LIST_FOREACH (u, &iommu_units, link)
        for (uint32_t i = 0; u->asid_map && i < asid_count(u) / 8; i++)
            for (unsigned ids = u->asid_map[i]; ids; ids &= ids - 1)
                count += i * 8 + (unsigned)__builtin_ctz(ids) != ASID_NONE;
    return count;
}

/* ---- life */

/* Empty tables that stay linked: a driver that maps around each transfer finds them again. */
#define TABLES_KEPT 16

static int init(struct iommu_domain *d, unsigned granule_lg2)
{
    const struct iommu_caps *caps = &d->unit->caps;
    const struct pt_config cfg = {
        .granule_lg2 = (uint8_t)granule_lg2,
        .ias = caps->ias,
        .oas = caps->oas,
        .coherent = caps->coherent,
        .snoop = caps->snoop,
        .levels = caps->levels,
        .leaf_sizes = caps->leaf_sizes,
        .keep = TABLES_KEPT,
    };
    int err = asid_alloc(d->unit, &d->asid);

    if (err)
        return err;
    err = pt_init(&d->pt, caps->format, &cfg);
    if (err)
        asid_free(d->unit, d->asid);
    return err;
}

int iommu_domain_create(struct iommu_unit *u, unsigned granule_lg2, struct iommu_domain **out)
{
    struct iommu_domain *d;
    int err;

    if (u->dead)
        return trace(-RF_ENODEV);
    if (granule_lg2 >= 64 || !(u->caps.granules >> granule_lg2 & 1))
        return trace(-RF_EINVAL);
    d = heap_alloc(sizeof(*d));
    if (!d)
        return trace(-RF_ENOMEM);
    d->unit = u;
    err = init(d, granule_lg2);
    if (err) {
        heap_free(d);
        return err;
    }
    *out = d;
    return 0;
}

/* Unlinks every table but the root. */
static void clear(struct iommu_domain *d, struct pt_gather *g)
{
    int err = pt_unmap(&d->pt, 0, UINT64_C(1) << d->pt.cfg.ias, g, NULL);

    ASSERT(err == 0);
    pt_gather_add_all(g);
}

void iommu_domain_destroy(struct iommu_domain *d)
{
    struct pt_gather g;

    ASSERT(d->streams == 0);
    pt_gather_init(&g);
    clear(d, &g);
    if (iommu_domain_sync(d, &g) == 0) {
        pt_fini(&d->pt);
        asid_free(d->unit, d->asid);
    } else {
        page_quarantine(d->pt.root, d->pt.cfg.granule_lg2 - PAGE_LG2);
    }
    heap_free(d);
}

/* ---- translations */

int iommu_domain_sync(struct iommu_domain *d, struct pt_gather *g)
{
    int err;

    if (pt_gather_empty(g))
        return 0;
    /* A dead unit cannot be asked whether it is done with the tables. */
    err = d->unit->dead ? -RF_EIO : d->unit->ops->flush(d->unit, d, g);
    if (err) {
        iommu_unit_kill(d->unit, "an invalidation did not complete");
        pt_gather_quarantine(g);
        return trace(err);
    }
    pt_gather_release(g);
    return 0;
}

/* As if [iova, iova + size) had never been mapped: no empty table stays. */
static void take_out(struct iommu_domain *d, uint64_t iova, uint64_t size, struct pt_gather *g)
{
    int err = pt_unmap(&d->pt, iova, size, g, NULL);

    if (!err)
        err = pt_trim(&d->pt, iova, size, g);
    ASSERT(err == 0); /* only what was mapped is taken out */
}

/* Drops what the unit may keep of the time before the map, tables that were not there included. */
static int flush_map(struct iommu_domain *d, struct range r)
{
    struct pt_gather g;
    int err;

    pt_gather_init(&g);
    pt_gather_add(&g, r, 0, true);
    err = iommu_domain_sync(d, &g);
    if (!err)
        return 0;
    take_out(d, r.start, range_size(r), &g);
    pt_gather_quarantine(&g); /* the unit is dead */
    return err;
}

/* Empty tables that were kept may be where larger leaves fit. */
static bool may_be_in_the_way(const struct iommu_domain *d, uint64_t size)
{
    return d->pt.kept != 0 && size >= UINT64_C(1) << d->pt.region_lg2;
}

static int make_way(struct iommu_domain *d, uint64_t iova, uint64_t size)
{
    struct pt_gather g;

    pt_gather_init(&g);
    (void)pt_make_way(&d->pt, iova, size, &g); /* what is wrong with the range, pt_map says */
    return iommu_domain_sync(d, &g);
}

/* Gives all of them back to the page allocator. */
static int give_tables_back(struct iommu_domain *d)
{
    struct pt_gather g;
    int err;

    pt_gather_init(&g);
    err = pt_trim(&d->pt, 0, UINT64_C(1) << d->pt.cfg.ias, &g);
    ASSERT(err == 0);
    return iommu_domain_sync(d, &g);
}

/* A map that finds no page for a table has those that the domain keeps. Nobody else has: the wait
 * that comes first may not be made in the middle of what another caller of the allocator does. */
static int map_with_kept_tables(struct iommu_domain *d, uint64_t iova, paddr_t pa, uint64_t size,
                                unsigned prot)
{
    int err = d->pt.kept == 0 ? -RF_ENOMEM : give_tables_back(d);

    return err ? err : pt_map(&d->pt, iova, pa, size, prot);
}

int iommu_domain_map(struct iommu_domain *d, uint64_t iova, paddr_t pa, uint64_t size,
                     unsigned prot)
{
    int err = 0;

    if (d->unit->dead)
        return trace(-RF_ENODEV);
    if (may_be_in_the_way(d, size))
        err = make_way(d, iova, size);
    if (!err)
        err = pt_map(&d->pt, iova, pa, size, prot | PT_USER);
    if (err == -RF_ENOMEM)
        err = map_with_kept_tables(d, iova, pa, size, prot | PT_USER);
    if (err || !d->unit->caps.flush_maps)
        return err;
    return flush_map(d, (struct range){iova, iova + (size - 1)});
}

int iommu_domain_unmap(struct iommu_domain *d, uint64_t iova, uint64_t size, struct pt_gather *g)
{
    return pt_unmap(&d->pt, iova, size, g, NULL);
}

int iommu_domain_remove(struct iommu_domain *d, uint64_t iova, uint64_t size)
{
    struct pt_gather g;

    pt_gather_init(&g);
    take_out(d, iova, size, &g);
    return iommu_domain_sync(d, &g);
}

/* ---- streams */

int iommu_domain_attach(struct iommu_domain *d, uint32_t sid)
{
    int err;

    if (d->unit->dead)
        return trace(-RF_ENODEV);
    err = d->unit->ops->attach(d->unit, sid, d);
    if (!err)
        d->streams++;
    return err;
}

int iommu_domain_detach(struct iommu_domain *d, uint32_t sid)
{
    int err;

    ASSERT(d->streams > 0);
    d->streams--;
    if (d->unit->dead) /* blocked as a whole */
        return 0;
    err = d->unit->ops->detach(d->unit, sid);
    if (err) /* the stream may still translate: only the whole unit can be made to stop it */
        iommu_unit_kill(d->unit, "a stream could not be denied");
    return err;
}
