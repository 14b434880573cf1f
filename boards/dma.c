/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/board.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

static const struct iommu_driver *driver_of(const struct hw_iommu *hw)
{
    for (const struct iommu_driver *const *d = board.iommus; *d; d++)
        if ((*d)->kind == hw->kind)
            return *d;
    return NULL;
}

static void start_unit(struct machine *m, unsigned i)
{
    const struct hw_iommu *hw = &m->hw.iommu[i];
    struct mmio regs = map_or_stop(hw->regs, hw->name);
    int err = m->driver[i]->create(m, hw, &regs, &m->unit[i]);

    if (!err)
        err = iommu_unit_start(m->unit[i]);
    if (err)
        stop("%s cannot be taken (%s), see above: no device would be isolated", hw->name,
             err_name(err));
}

void dma_deny(struct machine *m)
{
    unsigned driven = 0;

    for (unsigned i = 0; i < m->hw.iommu_count; i++) {
        const struct hw_iommu *hw = &m->hw.iommu[i];

        if (hw->disabled)
            continue;
        m->driver[i] = driver_of(hw);
        if (!m->driver[i]) {
            log_warn("%s is an IOMMU that this version does not drive: its devices stay off",
                     hw->name);
            continue;
        }
        start_unit(m, i);
        if (m->cmd.granule && !(m->unit[i]->caps.granules & (UINT64_C(1) << m->cmd.granule)))
            stop("granule=%luk is not offered by %s", (1ul << m->cmd.granule) / 1024, hw->name);
        driven++;
    }
    if (driven == 0 && !m->cmd.no_devices)
        stop("%s", board.no_iommu);
}
