/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "arch/barrier.h"
#include "lib/base/wait.h"

bool vtd_is_on(const struct vtd *v, uint64_t bit)
{
    return mmio_read32(&v->regs, VTD_GSTS) & bit;
}

/* GCMD is written whole: what is on stays on, and of the one-shot commands only the one that is
 * meant is given. One command at a time: the next after this one's effect (VT-d 11.4.4.1). */
static int command(struct vtd *v, uint64_t bit, bool set, uint64_t want)
{
    const struct wait_reg effect = {
        .name = "GSTS_REG",
        .mask = (uint32_t)bit,
        .want = (uint32_t)want,
        .timeout_us = VTD_WAIT_US,
    };
    uint64_t on = mmio_read32(&v->regs, VTD_GSTS) & ~GCMD_ONE_SHOT;

    dma_sync(); /* what the enabled part will read */
    mmio_write32(&v->regs, VTD_GCMD, (uint32_t)(set ? on | bit : on & ~bit));
    return wait_mmio32(&v->regs, VTD_GSTS, &effect);
}

int vtd_enable(struct vtd *v, uint64_t bit)
{
    return command(v, bit, true, bit);
}

int vtd_disable(struct vtd *v, uint64_t bit)
{
    return command(v, bit, false, 0);
}

/* The only command whose status is set while it is under way. */
int vtd_flush_write_buffer(struct vtd *v)
{
    return v->feat.cap & CAP_RWBF ? command(v, GCMD_WBF, true, 0) : 0;
}
