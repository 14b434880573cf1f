/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/unit.h"

#include "lib/base/err.h"
#include "lib/base/log.h"

struct iommu_unit_list iommu_units = LIST_HEAD_INITIALIZER(iommu_units);

/* Units are listed in the order in which they were started, so that reports do not jump about. */
static void append(struct iommu_unit *u)
{
    struct iommu_unit *last = LIST_FIRST(&iommu_units);

    while (last && LIST_NEXT(last, link))
        last = LIST_NEXT(last, link);
    if (last)
        LIST_INSERT_AFTER(last, u, link);
    else
        LIST_INSERT_HEAD(&iommu_units, u, link);
}

int iommu_unit_start(struct iommu_unit *u)
{
    int err = u->ops->probe(u);

    if (err == -RF_ENODEV) /* something else's registers: not to be written */
        return err;
    if (!err)
        err = u->ops->enable(u);
    if (err) {
        iommu_unit_kill(u, "it could not be started");
        return err;
    }
    append(u);
    return 0;
}

void iommu_unit_kill(struct iommu_unit *u, const char *why)
{
    if (u->dead)
        return;
    u->dead = true;
    u->ops->quiesce(u);
    log_err("%s: %s: every stream of it is blocked until the machine is restarted", u->name, why);
}
