/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include "lib/base/err.h"

/* IOMMU nodes. Which streams they have is told by the masters: see fdt_pci_map.c. Masters that are
 * no PCI hosts (`iommus`) are not read: nothing of theirs is ever attached, so they stay denied. */

static const struct {
    const char *compatible;
    enum hw_smmu_part part;
} parts[] = {
    {"marvell,ap806-smmu-500", HW_SMMU_AP806},
    {"cavium,smmu-v2", HW_SMMU_CAVIUM},
    {"arm,mmu-401", HW_SMMU_MMU401},
    {"arm,mmu-500", HW_SMMU_MMU500},
    {"arm,mmu-400", HW_SMMU_V1},
    {"arm,smmu-v1", HW_SMMU_V1},
    {"arm,smmu-v2", HW_SMMU_V2},
};

/* The special ones are listed before what they are compatible with. */
static enum hw_smmu_part part_of(const struct dt_walk *w)
{
    unsigned i = 0;

    while (i < ARRAY_SIZE(parts) - 1 && !dt_lists(&w->prop[DT_COMPATIBLE], parts[i].compatible))
        i++;
    return parts[i].part;
}

static int check_phandle(struct dt_walk *w, uint32_t phandle)
{
    for (unsigned i = 0; phandle && i < w->hw->iommu_count; i++) {
        if (w->hw->iommu[i].phandle == phandle)
            return dt_refuse(w, -RF_EINVAL, "it has the same phandle as %s", w->hw->iommu[i].name);
    }
    return 0;
}

static int add_iommu(struct dt_walk *w, struct hw_iommu u)
{
    struct hwdesc *hw = w->hw;
    int err;

    u.coherent = w->level[w->depth].coherent;
    u.phandle = dt_u32(w, DT_PHANDLE, 0);
    if (hw->iommu_count == HW_IOMMUS)
        return dt_refuse(w, -RF_ENOSPC, "more than %u IOMMUs", HW_IOMMUS);
    if ((err = dt_need_reg(w, 0, &u.regs)) || (err = dt_claim(w, u.regs, "IOMMU registers")) ||
        (err = check_phandle(w, u.phandle)))
        return err;
    if (!(u.name = dt_keep(w, w->level[w->depth].name)))
        return -RF_ENOSPC;
    w->iommu_irqs[hw->iommu_count] = dt_irqs_of(w);
    w->global_irqs[hw->iommu_count] = dt_u32(w, DT_GLOBAL_INTERRUPTS, 1);
    w->iommu_cells[hw->iommu_count] = dt_u32(w, DT_IOMMU_CELLS, 0);
    hw->iommu[hw->iommu_count++] = u;
    return 0;
}

int dt_smmuv3(struct dt_walk *w)
{
    return add_iommu(w,
                     (struct hw_iommu){
                         .kind = HW_SMMUV3,
                         .page0_only = dt_lists(&w->prop[DT_COMPATIBLE], "cavium,cn9900-smmu-v3"),
                         .broken_prefetch = dt_has(w, DT_BROKEN_PREFETCH),
                     });
}

/* The old binding names masters in the SMMU's node, and no requester ids of PCI. */
int dt_smmuv2(struct dt_walk *w)
{
    if (dt_has(w, DT_MMU_MASTERS))
        dt_odd(w, "mmu-masters, the old way to name masters, is not read: they stay off");
    return add_iommu(w, (struct hw_iommu){
                            .kind = HW_SMMUV2,
                            .part = part_of(w),
                            .sid_ignore = dt_u32(w, DT_STREAM_MATCH_MASK, 0),
                        });
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

/* Global interrupts first, of which one is enough to be told of faults; then a context bank each.
 */
static int finish_smmuv2(struct dt_walk *w, struct hw_iommu *u, const struct dt_irqs *q,
                         uint32_t global)
{
    int err = dt_irq(w, q, 0, &u->combined);

    for (uint32_t i = 0; i < HW_CONTEXTS && !err; i++)
        err = dt_irq(w, q, global + i, &u->context[i]);
    return err;
}

int dt_finish_iommus(struct dt_walk *w)
{
    for (unsigned i = 0; i < w->hw->iommu_count; i++) {
        struct hw_iommu *u = &w->hw->iommu[i];
        const struct dt_irqs *q = &w->iommu_irqs[i];
        int err = u->kind == HW_SMMUV3 ? finish_smmuv3(w, u, q)
                                       : finish_smmuv2(w, u, q, w->global_irqs[i]);

        if (err)
            return err;
    }
    return 0;
}
