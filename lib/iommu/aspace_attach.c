/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include "lib/base/err.h"
#include "lib/base/panic.h"

/* ---- domains */

static struct iommu_domain *domain_in(const struct iommu_domain_list *l, const struct iommu_unit *u)
{
    struct iommu_domain *d;

    LIST_FOREACH (d, l, link) {
        if (d->unit == u)
            return d;
    }
    return NULL;
}

static struct iommu_domain *domain_of(const struct aspace_plan *p, const struct iommu_unit *u)
{
    struct iommu_domain *d = domain_in(&p->a->domains, u);

    return d ? d : domain_in(&p->fresh, u);
}

/* Maps whose invalidation on a dead unit was never seen to complete: that unit may hold on to them
 * when its domain is long gone. */
static void condemn_maps(struct iommu_aspace *a)
{
    struct aspace_map *m;

    TAILQ_FOREACH (m, &a->order, link)
        m->lost = true;
}

static void drop_domain(struct iommu_aspace *a, struct iommu_domain *d)
{
    const struct iommu_unit *u = d->unit;

    LIST_REMOVE(d, link);
    iommu_domain_destroy(d);
    if (u->dead)
        condemn_maps(a);
}

static int make_domain(struct aspace_plan *p, struct iommu_unit *u)
{
    struct iommu_domain *d;
    int err = iommu_domain_create(u, p->granule_lg2, &d);

    if (err)
        return aspace_refuse(err, "%s: no domain can be made (%s)", u->name, err_name(err));
    LIST_INSERT_HEAD(&p->fresh, d, link);
    p->pgsizes &= d->pt.leaf_sizes;
    if (!p->pgsizes)
        return aspace_refuse(-RF_EINVAL,
                             "%s has no page size in common with the other groups' IOMMU", u->name);
    return 0;
}

static int make_domains(struct aspace_plan *p)
{
    const struct iommu_endpoint *e;

    TAILQ_FOREACH (e, &p->g->endpoints, link) {
        int err = domain_of(p, e->unit) ? 0 : make_domain(p, e->unit);

        if (err)
            return err;
    }
    return 0;
}

/* ---- replay: a new domain holds what all others hold before any stream uses it */

static int replay_direct(struct iommu_domain *d, const struct resv_list *want)
{
    int err = aspace_direct_add(d, want);

    if (err)
        return aspace_refuse(err, "%s: its direct windows cannot be mapped (%s)", d->unit->name,
                             err_name(err));
    return 0;
}

static int replay_maps(struct iommu_aspace *a, struct iommu_domain *d)
{
    struct aspace_map *m;

    TAILQ_FOREACH (m, &a->order, link) {
        int err = m->revoked ? 0 : aspace_map_into(d, m);

        if (err)
            return aspace_refuse(err, "%s: the map [0x%lx, 0x%lx] cannot be repeated (%s)",
                                 d->unit->name, m->iova.start, m->iova.last, err_name(err));
    }
    return 0;
}

static int replay_doorbells(struct iommu_aspace *a, struct iommu_domain *d)
{
    int err = aspace_doorbells_into(a, d);

    if (err)
        return aspace_refuse(err, "%s: the MSI doorbells cannot be mapped (%s)", d->unit->name,
                             err_name(err));
    return 0;
}

static int replay(struct aspace_plan *p)
{
    struct iommu_domain *d;
    int err = 0;

    LIST_FOREACH (d, &p->a->domains, link) {
        err = replay_direct(d, &p->g->windows);
        if (err)
            return err;
    }
    LIST_FOREACH (d, &p->fresh, link) {
        err = replay_direct(d, &p->windows);
        if (!err)
            err = replay_maps(p->a, d);
        if (!err)
            err = replay_doorbells(p->a, d);
        if (err)
            return err;
    }
    return 0;
}

/* ---- streams */

static int attach_streams(struct aspace_plan *p)
{
    struct iommu_endpoint *e;

    TAILQ_FOREACH (e, &p->g->endpoints, link) {
        struct iommu_domain *d = domain_of(p, e->unit);
        int err = iommu_domain_attach(d, e->sid);

        if (err)
            return aspace_refuse(err, "%s does not let stream 0x%x of %s in (%s)", e->unit->name,
                                 e->sid, e->name, err_name(err));
        e->domain = d;
    }
    return 0;
}

/* A stream that cannot be denied kills its unit, so there is no error left to act on. */
static void deny_streams(struct iommu_group *g)
{
    struct iommu_endpoint *e;

    TAILQ_FOREACH (e, &g->endpoints, link) {
        if (e->domain)
            (void)iommu_domain_detach(e->domain, e->sid);
        e->domain = NULL;
    }
}

/* ---- attach */

static void commit(struct aspace_plan *p)
{
    struct iommu_aspace *a = p->a;
    struct iommu_domain *d;
    struct aspace_map *m;

    while ((d = LIST_FIRST(&p->fresh))) {
        LIST_REMOVE(d, link);
        LIST_INSERT_HEAD(&a->domains, d, link);
    }
    a->windows = p->windows;
    a->aperture = p->aperture;
    aspace_forget_open(a);
    a->sw_msi = p->sw_msi;
    aspace_set_sizes(a, p->pgsizes);
    a->group_count++;
    p->g->aspace = a;
    TAILQ_FOREACH (m, &a->order, link)
        m->prot = aspace_prot(a, m->prot);
}

static void undo(struct aspace_plan *p)
{
    struct iommu_domain *d;

    deny_streams(p->g);
    while ((d = LIST_FIRST(&p->fresh)))
        drop_domain(p->a, d);
    LIST_FOREACH (d, &p->a->domains, link)
        (void)aspace_direct_remove(d, &p->g->windows, &p->a->windows);
}

int aspace_attach(struct iommu_aspace *a, struct iommu_group *g, const char **why)
{
    struct aspace_plan p;
    int err = aspace_plan_make(&p, a, g);

    *why = aspace_why();
    if (err)
        return err;
    err = aspace_slots_reserve(a);
    if (err)
        return aspace_refuse(err, "no memory for maps");
    err = make_domains(&p);
    if (!err)
        err = replay(&p);
    if (!err)
        err = attach_streams(&p);
    if (err)
        undo(&p);
    else
        commit(&p);
    return err;
}

/* ---- detach */

static void drop_unused_domains(struct iommu_aspace *a)
{
    struct iommu_domain *d;
    struct iommu_domain *next;

    for (d = LIST_FIRST(&a->domains); d; d = next) {
        next = LIST_NEXT(d, link);
        if (d->streams == 0)
            drop_domain(a, d);
    }
}

/* The windows of the groups that remain. Should they not fit one by one where they did fit together
 * with the one that left, the old list stays: it refuses more than it must. */
static void recompute_windows(struct iommu_aspace *a)
{
    struct resv_list sum = {0};
    const struct iommu_group *g;

    LIST_FOREACH (g, &iommu_groups, link) {
        if (g->aspace == a && resv_add_all(&sum, &g->windows))
            return;
    }
    if (a->group_count == 0 && !aspace_doorbells_used(a))
        a->sw_msi = (struct range){0, 0};
    if (a->group_count && a->sw_msi.last && resv_add(&sum, a->sw_msi, RESV_SW_MSI, "sw-msi"))
        return;
    a->windows = sum;
}

static void recompute_sizes(struct iommu_aspace *a)
{
    const struct iommu_domain *d;
    uint64_t sizes = LIST_EMPTY(&a->domains) ? 0 : ~UINT64_C(0);

    a->aperture = (struct range){0, UINT64_MAX};
    LIST_FOREACH (d, &a->domains, link) {
        sizes &= d->pt.leaf_sizes;
        if (d->unit->caps.ias < 64)
            a->aperture.last = MIN(a->aperture.last, (UINT64_C(1) << d->unit->caps.ias) - 1);
    }
    aspace_set_sizes(a, sizes);
}

void aspace_detach(struct iommu_aspace *a, struct iommu_group *g)
{
    struct iommu_domain *d;

    ASSERT(g->aspace == a);
    deny_streams(g);
    g->aspace = NULL;
    a->group_count--;
    drop_unused_domains(a);
    recompute_windows(a);
    recompute_sizes(a);
    aspace_forget_open(a);
    LIST_FOREACH (d, &a->domains, link)
        (void)aspace_direct_remove(d, &g->windows, &a->windows);
}
