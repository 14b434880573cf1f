/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmu.h"
#include "boards/machine.h"
#include "drivers/iommu/smmuv3/smmuv3.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/iommu/fault.h"
#include "lib/irq/irq.h"

static void start_smmuv3(const struct hw_iommu *hw, struct iommu_unit **out)
{
    struct smmuv3_config cfg = {
        .name = hw->name,
        .dt_coherent = hw->coherent,
        .page0_only = hw->page0_only,
    };
    int err = mmu_map_device(PADDR(hw->regs.start), range_size(hw->regs), &cfg.regs);

    if (!err)
        err = smmuv3_create(&cfg, out);
    if (!err)
        err = iommu_unit_start(*out);
    if (err)
        stop("%s cannot be taken (%s), see above: no device would be isolated", hw->name,
             err_name(err));
}

void dma_deny(struct machine *m)
{
    unsigned driven = 0;

    for (unsigned i = 0; i < m->hw.iommu_count; i++) {
        const struct hw_iommu *hw = &m->hw.iommu[i];

        if (hw->kind != HW_SMMUV3) {
            log_warn("%s is an IOMMU that this version does not drive: its devices stay off",
                     hw->name);
            continue;
        }
        start_smmuv3(hw, &m->unit[i]);
        if (m->cmd.granule && !(m->unit[i]->caps.granules & (UINT64_C(1) << m->cmd.granule)))
            stop("granule=%luk is not offered by %s", (1ul << m->cmd.granule) / 1024, hw->name);
        driven++;
    }
    if (driven == 0)
        stop("the device tree describes no IOMMU that this version drives: on QEMU's virt machine "
             "add iommu=smmuv3");
}
