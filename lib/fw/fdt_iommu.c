/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include "lib/base/err.h"

/* IOMMU nodes. Which streams they have is told by the masters: see fdt_pci_map.c. Masters that are
 * no PCI hosts (`iommus`) are not read: nothing of theirs is ever attached, so they stay denied. */

static int check_phandle(struct dt_walk *w, uint32_t phandle)
{
    for (unsigned i = 0; phandle && i < w->hw->iommu_count; i++) {
        if (w->hw->iommu[i].phandle == phandle)
            return dt_refuse(w, -RF_EINVAL, "it has the same phandle as %s", w->hw->iommu[i].name);
    }
    return 0;
}

static int add_iommu(struct dt_walk *w, enum hw_iommu_kind kind)
{
    struct hwdesc *hw = w->hw;
    struct hw_iommu u = {
        .kind = kind,
        .coherent = w->level[w->depth].coherent,
        .page0_only = dt_lists(&w->prop[DT_COMPATIBLE], "cavium,cn9900-smmu-v3"),
        .broken_prefetch = dt_has(w, DT_BROKEN_PREFETCH),
        .phandle = dt_u32(w, DT_PHANDLE, 0),
    };
    int err;

    if (hw->iommu_count == HW_IOMMUS)
        return dt_refuse(w, -RF_ENOSPC, "more than %u IOMMUs", HW_IOMMUS);
    if ((err = dt_need_reg(w, 0, &u.regs)) || (err = dt_claim(w, u.regs, "IOMMU registers")) ||
        (err = check_phandle(w, u.phandle)))
        return err;
    if (!(u.name = dt_keep(w, w->level[w->depth].name)))
        return -RF_ENOSPC;
    w->iommu_irqs[hw->iommu_count] = dt_irqs_of(w);
    hw->iommu[hw->iommu_count++] = u;
    return 0;
}

int dt_smmuv3(struct dt_walk *w)
{
    return add_iommu(w, HW_SMMUV3);
}

int dt_smmuv2(struct dt_walk *w)
{
    return add_iommu(w, HW_SMMUV2);
}

static int finish_smmuv3(struct dt_walk *w, struct hw_iommu *u, const struct dt_irqs *q)
{
    const struct {
        const char *name;
        struct hw_irq *irq;
    } lines[] = {
        {"eventq", &u->eventq},       {"gerror", &u->gerror},     {"priq", &u->priq},
        {"cmdq-sync", &u->cmdq_sync}, {"combined", &u->combined},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
        int err = dt_irq_named(w, q, lines[i].name, lines[i].irq);

        if (err)
            return err;
    }
    return 0;
}

int dt_finish_iommus(struct dt_walk *w)
{
    for (unsigned i = 0; i < w->hw->iommu_count; i++) {
        struct hw_iommu *u = &w->hw->iommu[i];
        const struct dt_irqs *q = &w->iommu_irqs[i];
        /* The first interrupts of an SMMUv2 are the global ones. */
        int err = u->kind == HW_SMMUV3 ? finish_smmuv3(w, u, q) : dt_irq(w, q, 0, &u->combined);

        if (err)
            return err;
    }
    return 0;
}
