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

/* The first IOMMU that could not be taken. */
struct failure {
    const struct hw_iommu *hw; /* NULL: none */
    int err;
};

static void start_unit(struct machine *m, unsigned i, struct failure *f)
{
    const struct hw_iommu *hw = &m->hw.iommu[i];
    struct mmio regs = map_or_stop(hw->regs, hw->name);
    int err = m->driver[i]->create(m, hw, &regs, &m->unit[i]);

    if (!err)
        err = iommu_unit_start(m->unit[i]);
    if (err && !f->hw)
        *f = (struct failure){hw, err};
}

/* One that cannot be taken ends the boot only when the others deny: a machine that stops leaves no
 * bus open that could be shut. */
static unsigned start_units(struct machine *m)
{
    struct failure f = {NULL, 0};
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
        start_unit(m, i, &f);
        driven++;
    }
    if (f.hw)
        stop("%s cannot be taken (%s), see above: no device would be isolated", f.hw->name,
             err_name(f.err));
    return driven;
}

static void check_granule(const struct machine *m)
{
    for (unsigned i = 0; m->cmd.granule && i < m->hw.iommu_count; i++)
        if (m->unit[i] && !(m->unit[i]->caps.granules & (UINT64_C(1) << m->cmd.granule)))
            stop("granule=%luk is not offered by %s", (1ul << m->cmd.granule) / 1024,
                 m->hw.iommu[i].name);
}

void dma_deny(struct machine *m)
{
    unsigned driven = start_units(m);

    check_granule(m);
    if (driven == 0 && !m->cmd.no_devices)
        stop("%s", board.no_iommu);
}
