/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/group.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"

struct iommu_group_list iommu_groups = LIST_HEAD_INITIALIZER(iommu_groups);

struct iommu_group *iommu_group_find(unsigned id)
{
    struct iommu_group *g;

    LIST_FOREACH (g, &iommu_groups, link) {
        if (g->id == id)
            return g;
    }
    return NULL;
}

/* The list is sorted by id. */
static void insert_sorted(struct iommu_group *g)
{
    struct iommu_group *before = NULL;
    struct iommu_group *next;

    LIST_FOREACH (next, &iommu_groups, link) {
        if (next->id > g->id)
            break;
        before = next;
    }
    if (before)
        LIST_INSERT_AFTER(before, g, link);
    else
        LIST_INSERT_HEAD(&iommu_groups, g, link);
}

struct iommu_group *iommu_group_get(unsigned id)
{
    struct iommu_group *g = iommu_group_find(id);

    if (g)
        return g;
    g = heap_alloc(sizeof(*g));
    if (!g)
        return NULL;
    g->id = id;
    TAILQ_INIT(&g->endpoints);
    insert_sorted(g);
    return g;
}

static struct iommu_endpoint *find_in(const struct iommu_group *g, const struct iommu_unit *u,
                                      uint32_t sid)
{
    struct iommu_endpoint *e;

    TAILQ_FOREACH (e, &g->endpoints, link) {
        if (e->unit == u && e->sid == sid)
            return e;
    }
    return NULL;
}

struct iommu_group *iommu_group_of(const struct iommu_unit *u, uint32_t sid)
{
    struct iommu_group *g;

    LIST_FOREACH (g, &iommu_groups, link) {
        if (find_in(g, u, sid))
            return g;
    }
    return NULL;
}

const struct iommu_endpoint *iommu_endpoint_find(const struct iommu_unit *u, uint32_t sid)
{
    const struct iommu_group *g = iommu_group_of(u, sid);

    return g ? find_in(g, u, sid) : NULL;
}

int iommu_group_add(struct iommu_group *g, struct iommu_unit *u, uint32_t sid, const char *name)
{
    struct iommu_endpoint *e = find_in(g, u, sid);
    const struct iommu_group *owner;

    if (e) {
        e->shared |= strcmp(e->name, name) != 0;
        return 0;
    }
    owner = iommu_group_of(u, sid);
    if (owner) {
        log_err(
            "%s: stream 0x%x of %s is %s's in group %u already: firmware gave one stream to two "
            "groups",
            name, sid, u->name, find_in(owner, u, sid)->name, owner->id);
        return -RF_EINVAL;
    }
    if (u->caps.msi_window.last &&
        resv_add(&g->windows, u->caps.msi_window, RESV_MSI, "interrupts"))
        return trace(-RF_ENOSPC);
    e = heap_alloc(sizeof(*e));
    if (!e)
        return trace(-RF_ENOMEM);
    *e = (struct iommu_endpoint){.unit = u, .sid = sid, .name = name};
    TAILQ_INSERT_TAIL(&g->endpoints, e, link);
    return 0;
}
