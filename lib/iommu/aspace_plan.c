/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/aspace_internal.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/err.h"

static char why[240];

int aspace_refuse(int err, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof(why), fmt, args);
    va_end(args);
    return err;
}

const char *aspace_why(void)
{
    return why;
}

static int plan_group(struct aspace_plan *p)
{
    if (p->g->aspace)
        return aspace_refuse(-RF_EINVAL, "group %u is attached already", p->g->id);
    if (p->g->refusal)
        return aspace_refuse(-RF_EPERM, "%s", p->g->refusal);
    if (TAILQ_EMPTY(&p->g->endpoints))
        return aspace_refuse(-RF_EINVAL, "no device of group %u is behind an IOMMU", p->g->id);
    return 0;
}

/* Whoever can write to a frame that does not tell who rings can ring every interrupt of it, also
 * those of another space's devices. */
static int plan_interrupts(struct aspace_plan *p)
{
    const struct iommu_group *o;

    if (p->g->msi_isolated)
        return 0;
    LIST_FOREACH (o, &iommu_groups, link) {
        if (!o->aspace || o->aspace == p->a || o->msi_isolated)
            continue;
        if (p->a->cfg.allow_unsafe_interrupts && o->aspace->cfg.allow_unsafe_interrupts)
            continue;
        return aspace_refuse(-RF_EPERM,
                             "the devices of group %u could raise the interrupts of group %u, "
                             "another's: allow-unsafe-interrupts would let them",
                             p->g->id, o->id);
    }
    return 0;
}

static int plan_aperture(struct aspace_plan *p)
{
    const struct aspace_map *top = TAILQ_LAST(&p->a->order, aspace_list);
    const struct iommu_endpoint *e;

    p->aperture = p->a->aperture;
    TAILQ_FOREACH (e, &p->g->endpoints, link) {
        if (e->unit->caps.ias < 64)
            p->aperture.last = MIN(p->aperture.last, (UINT64_C(1) << e->unit->caps.ias) - 1);
    }
    if (top && top->iova.last > p->aperture.last)
        return aspace_refuse(-RF_EINVAL,
                             "the map [0x%lx, 0x%lx] is above 0x%lx, where its IOMMU ends",
                             top->iova.start, top->iova.last, p->aperture.last);
    return 0;
}

/* No window of the group may take room that is in use. */
static int check_window(const struct aspace_plan *p, const struct resv_window *w)
{
    const struct aspace_map *m = aspace_first_in(p->a, w->r);

    if (!m || w->type == RESV_DIRECT_RELAXABLE)
        return 0;
    return aspace_refuse(
        -RF_EINVAL, "its %s window [0x%lx, 0x%lx] (%s) hits the map [0x%lx, 0x%lx]",
        resv_type_name(w->type), w->r.start, w->r.last, w->origin, m->iova.start, m->iova.last);
}

static int plan_windows(struct aspace_plan *p)
{
    const struct resv_list *own = &p->g->windows;

    for (unsigned i = 0; i < own->count; i++) {
        int err = check_window(p, &own->w[i]);

        if (err)
            return err;
    }
    p->windows = p->a->windows;
    if (resv_add_all(&p->windows, own))
        return aspace_refuse(-RF_ENOSPC, "there would be more than %d reserved windows", RESV_MAX);
    return 0;
}

/* Whether the hardware catches MSIs of the group before they are translated; all groups of a space
 * have to agree. */
static int plan_msi_kind(struct aspace_plan *p)
{
    const bool hardware = resv_has_type(&p->g->windows, RESV_MSI);

    if (hardware ? p->a->sw_msi.last == 0 : !resv_has_type(&p->a->windows, RESV_MSI))
        return 0;
    return aspace_refuse(-RF_EINVAL, "its MSIs are %stranslated, those of the other groups are %s",
                         hardware ? "not " : "", hardware ? "" : "not");
}

static bool is_mapped(const void *space, struct range r)
{
    return aspace_first_in(space, r) != NULL;
}

/* The window stays where it is unless something of the group is in its way. */
static int find_sw_msi(struct aspace_plan *p)
{
    const struct range now = p->a->sw_msi;
    const struct resv_window *w = now.last ? resv_find(&p->g->windows, now) : NULL;

    if (now.last && !w && range_contains(p->aperture, now)) {
        p->sw_msi = now;
        return 0;
    }
    if (aspace_doorbells_used(p->a)) /* devices know its addresses */
        return aspace_refuse(-RF_EINVAL,
                             "doorbells are in use in the sw-msi window [0x%lx, 0x%lx], and its %s "
                             "is in the way",
                             now.start, now.last, w ? w->origin : "IOMMU's last address");
    if (resv_place_sw_msi(&p->windows, p->aperture, is_mapped, p->a, &p->sw_msi))
        return aspace_refuse(-RF_ENOSPC, "there is no free 1 MiB below 4 GiB for MSI doorbells");
    return 0;
}

/* A place for doorbells, unless the hardware has one that it does not translate. */
static int plan_sw_msi(struct aspace_plan *p)
{
    int err = plan_msi_kind(p);

    p->sw_msi = p->a->sw_msi;
    if (err || resv_has_type(&p->g->windows, RESV_MSI))
        return err;
    resv_drop_type(&p->windows, RESV_SW_MSI);
    err = find_sw_msi(p);
    if (err)
        return err;
    if (resv_add(&p->windows, p->sw_msi, RESV_SW_MSI, "sw-msi"))
        return aspace_refuse(-RF_ENOSPC, "there would be more than %d reserved windows", RESV_MAX);
    return 0;
}

static int plan_room(struct aspace_plan *p)
{
    struct range any;

    if (resv_usable(&p->windows, p->aperture, &any, 1) == 0)
        return aspace_refuse(-RF_EINVAL, "its reserved windows leave no usable address");
    return 0;
}

/* The granule of the first domain, as leaves of different granules have no size in common. The
 * first group's choice is one that every unit of the machine has, if there is one, so that others
 * can join. */
static unsigned wanted_granule(const struct aspace_plan *p)
{
    const struct iommu_domain *first = LIST_FIRST(&p->a->domains);
    uint64_t own = TAILQ_FIRST(&p->g->endpoints)->unit->caps.granules;
    uint64_t common = own;
    const struct iommu_unit *u;

    if (first)
        return first->pt.cfg.granule_lg2;
    if (p->a->cfg.granule_lg2)
        return p->a->cfg.granule_lg2;
    LIST_FOREACH (u, &iommu_units, link)
        common &= u->caps.granules;
    return (unsigned)__builtin_ctzll(common ? common : own);
}

static int plan_granule(struct aspace_plan *p)
{
    const struct iommu_endpoint *e;

    p->granule_lg2 = wanted_granule(p);
    TAILQ_FOREACH (e, &p->g->endpoints, link) {
        if (!(e->unit->caps.granules >> p->granule_lg2 & 1))
            return aspace_refuse(-RF_EINVAL, "no common page size: %s has no %lu KiB granule",
                                 e->unit->name, (UINT64_C(1) << p->granule_lg2) >> 10);
    }
    return 0;
}

/* Rounding a DIRECT window out to the granule would give the device memory that firmware did not
 * name, perhaps the kernel's. */
static int plan_direct(struct aspace_plan *p)
{
    const struct resv_list *own = &p->g->windows;

    for (unsigned i = 0; i < own->count; i++) {
        const struct range r = own->w[i].r;

        if (own->w[i].type != RESV_DIRECT ||
            is_aligned(r.start | (r.last + 1), UINT64_C(1) << p->granule_lg2))
            continue;
        return aspace_refuse(-RF_EINVAL,
                             "its direct window [0x%lx, 0x%lx] (%s) is not made of whole "
                             "%lu KiB pages",
                             r.start, r.last, own->w[i].origin,
                             (UINT64_C(1) << p->granule_lg2) >> 10);
    }
    return 0;
}

int aspace_plan_make(struct aspace_plan *p, struct iommu_aspace *a, struct iommu_group *g)
{
    static int (*const steps[])(struct aspace_plan *) = {
        plan_group,  plan_interrupts, plan_aperture, plan_windows,
        plan_sw_msi, plan_room,       plan_granule,  plan_direct,
    };

    p->a = a;
    p->g = g;
    p->pgsizes = a->pgsizes ? a->pgsizes : ~UINT64_C(0);
    LIST_INIT(&p->fresh);
    for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
        int err = steps[i](p);

        if (err)
            return err;
    }
    return 0;
}
