/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/driver.h"
#include "drivers/iommu/smmuv3/smmuv3.h"

static int create(const struct machine *m, const struct hw_iommu *hw, const struct mmio *regs,
                  struct iommu_unit **out)
{
    (void)m;
    const struct smmuv3_config cfg = {
        .name = hw->name,
        .regs = *regs,
        .dt_coherent = hw->coherent,
        .page0_only = hw->page0_only,
    };

    return smmuv3_create(&cfg, out);
}

static void listen(const struct machine *m, unsigned i)
{
    const struct hw_iommu *hw = &m->hw.iommu[i];
    struct iommu_unit *unit = m->unit[i];

    interrupts_listen(&hw->eventq, smmuv3_irq_eventq, unit, hw->name);
    interrupts_listen(&hw->gerror, smmuv3_irq_gerror, unit, hw->name);
    interrupts_listen(&hw->combined, smmuv3_irq_eventq, unit, hw->name); /* looks at both */
}

static void stats(const struct iommu_unit *unit, struct unit_stats *out)
{
    struct smmuv3_stats s;

    smmuv3_get_stats(unit, &s);
    *out = (struct unit_stats){s.commands, s.syncs, s.events};
}

const struct iommu_driver iommu_smmuv3 = {
    .kind = HW_SMMUV3,
    .name = "smmuv3",
    .create = create,
    .listen = listen,
    .describe = smmuv3_describe,
    .stats = stats,
};
