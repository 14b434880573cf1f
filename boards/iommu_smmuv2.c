/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/driver.h"
#include "drivers/iommu/smmuv2/smmuv2.h"

static const enum smmuv2_part parts[] = {
    [HW_SMMU_V1] = SMMUV2_PART_V1,       [HW_SMMU_MMU401] = SMMUV2_PART_MMU401,
    [HW_SMMU_V2] = SMMUV2_PART_V2,       [HW_SMMU_MMU500] = SMMUV2_PART_MMU500,
    [HW_SMMU_AP806] = SMMUV2_PART_AP806, [HW_SMMU_CAVIUM] = SMMUV2_PART_CAVIUM,
};

/* The largest stream id that a function of the host can have at the unit. */
static uint32_t last_sid_of_host(const struct hwdesc *hw, const struct hw_pci_host *h,
                                 unsigned unit)
{
    const uint32_t end = ((uint32_t)h->bus_last + 1) << 8;
    uint32_t last = 0;

    for (uint32_t rid = (uint32_t)h->bus_first << 8; rid < end; rid++) {
        unsigned iommu;
        uint32_t sid;

        if (hwdesc_stream_of(hw, h, (uint16_t)rid, &iommu, &sid) == 0 && iommu == unit)
            last = MAX(last, sid);
    }
    return last;
}

static uint32_t last_sid(const struct hwdesc *hw, unsigned unit)
{
    uint32_t last = 0;

    for (unsigned i = 0; i < hw->host_count; i++)
        last = MAX(last, last_sid_of_host(hw, &hw->host[i], unit));
    return last;
}

static int create(const struct machine *m, const struct hw_iommu *hw, const struct mmio *regs,
                  struct iommu_unit **out)
{
    const struct smmuv2_config cfg = {
        .name = hw->name,
        .regs = *regs,
        .part = parts[hw->part],
        .dt_coherent = hw->coherent,
        .sid_ignore = hw->sid_ignore,
        .sid_last = last_sid(&m->hw, (unsigned)(hw - m->hw.iommu)),
    };

    return smmuv2_create(&cfg, out);
}

/* Often one line is all of the unit's interrupts. */
static bool is_listened_to(const struct hw_iommu *hw, unsigned context)
{
    bool same = hw->context[context].id == hw->combined.id;

    for (unsigned i = 0; i < context; i++)
        same |= hw->context[context].id == hw->context[i].id;
    return same;
}

static void listen(const struct machine *m, unsigned i)
{
    const struct hw_iommu *hw = &m->hw.iommu[i];
    struct iommu_unit *unit = m->unit[i];

    interrupts_listen(&hw->combined, smmuv2_irq, unit, hw->name);
    for (unsigned c = 0; c < HW_CONTEXTS; c++)
        if (!is_listened_to(hw, c))
            interrupts_listen(&hw->context[c], smmuv2_irq, unit, hw->name);
}

static void stats(const struct iommu_unit *unit, struct unit_stats *out)
{
    struct smmuv2_stats s;

    smmuv2_get_stats(unit, &s);
    *out = (struct unit_stats){s.invalidations, s.syncs, s.faults};
}

const struct iommu_driver iommu_smmuv2 = {
    .kind = HW_SMMUV2,
    .name = "smmuv2",
    .create = create,
    .listen = listen,
    .describe = smmuv2_describe,
    .stats = stats,
};
