/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "arch/barrier.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"
#include "lib/base/wait.h"

/* Register-based invalidation, of units without a queue (VT-d 6.5.1): legacy mode only, one request
 * at a time. */

static int wait_done(struct vtd *v, reg32_t high, const char *name)
{
    const struct wait_reg done = {
        .name = name, .mask = REG_PENDING, .want = 0, .timeout_us = VTD_WAIT_US};

    return wait_mmio32(&v->regs, high, &done);
}

/* Hardware may do more than was asked, and says 0 when it did nothing. */
static int check_done(struct vtd *v, uint64_t granularity, const char *name)
{
    if (granularity != 0)
        return 0;
    log_err("%s: %s: the request was refused", v->cfg.name, name);
    return -RF_EIO;
}

static int invalidate_contexts(struct vtd *v, const struct vtd_desc *desc)
{
    static const char name[] = "CCMD_REG";
    uint64_t w = desc->w[0];
    int err;

    mmio_write64(&v->regs, VTD_CCMD,
                 CCMD_ICC | FIELD_PREP(CCMD_CIRG, FIELD_GET(DESC0_G, w)) |
                     FIELD_PREP(CCMD_SID, FIELD_GET(CONTEXT0_SID, w)) |
                     FIELD_PREP(CCMD_DID, FIELD_GET(DESC0_DID, w)));
    err = wait_done(v, VTD_CCMD_HIGH, name);
    return err ? err : check_done(v, mmio_read64(&v->regs, VTD_CCMD) & CCMD_CAIG, name);
}

static int invalidate_iotlb(struct vtd *v, const struct vtd_desc *desc)
{
    static const char name[] = "IOTLB_REG";
    const reg64_t iva = REG64(v->feat.iva_off), iotlb = REG64(v->feat.iva_off + IOTLB_OFF);
    uint64_t w = desc->w[0];
    int err;

    if (FIELD_GET(DESC0_G, w) == G_PAGE)
        mmio_write64(&v->regs, iva, desc->w[1]); /* the fields are where IVA has them */
    mmio_write64(&v->regs, iotlb,
                 IOTLB_IVT | FIELD_PREP(IOTLB_IIRG, FIELD_GET(DESC0_G, w)) |
                     FIELD_PREP(IOTLB_DID, FIELD_GET(DESC0_DID, w)) |
                     (w & IOTLB0_DW ? IOTLB_DW : 0) | (w & IOTLB0_DR ? IOTLB_DR : 0));
    err = wait_done(v, REG32(v->feat.iva_off + IOTLB_OFF_IVT), name);
    return err ? err : check_done(v, mmio_read64(&v->regs, iotlb) & IOTLB_IAIG, name);
}

int vtd_invalidate_direct(struct vtd *v, const struct vtd_desc *desc)
{
    uint64_t type = FIELD_GET(DESC0_TYPE, desc->w[0]);

    ASSERT(type == DESC_CONTEXT || type == DESC_IOTLB); /* without a queue nothing else is used */
    dma_sync();
    return type == DESC_CONTEXT ? invalidate_contexts(v, desc) : invalidate_iotlb(v, desc);
}
