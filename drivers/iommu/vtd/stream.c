/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

static bool denies(const uint64_t *ctx)
{
    return !(dma_load64(&ctx[0]) & ENTRY_P);
}

/* Where absence is kept, both of the stream and of the domain's addresses it has to go. */
static int tell_presence(struct vtd *v, uint32_t sid, const struct iommu_domain *d)
{
    struct vtd_batch b;

    if (!v->unit.caps.flush_maps)
        return 0;
    vtd_batch_init(&b);
    vtd_add_stream(v, &b, sid, 0);
    vtd_add_domain(v, &b, d->asid);
    return vtd_batch_sync(v, &b);
}

static int publish(struct vtd *v, uint64_t *ctx, const struct iommu_domain *d)
{
    uint64_t value[SM_CTX_WORDS];
    paddr_t dir;
    int err;

    if (!vtd_scalable(v)) {
        vtd_ctx_legacy(d, value);
        vtd_entry_publish(v, ctx, value, CTX_WORDS);
        return 0;
    }
    err = vtd_pasid_alloc(v, d, &dir);
    if (err)
        return err;
    vtd_ctx_scalable(dir, value);
    vtd_entry_publish(v, ctx, value, SM_CTX_WORDS);
    return 0;
}

int vtd_attach(struct iommu_unit *u, uint32_t sid, const struct iommu_domain *d)
{
    struct vtd *v = vtd_of(u);
    uint64_t *ctx;
    int err = vtd_make_context(v, sid, &ctx);

    if (err)
        return err;
    if (!denies(ctx))
        return trace(-RF_EBUSY);
    err = publish(v, ctx, d);
    if (err)
        return err;
    err = tell_presence(v, sid, d);
    if (err) /* invalidations no longer complete: only all can be denied */
        iommu_unit_kill(u, "a stream could not be attached");
    return err;
}

static uint16_t domain_of(const struct vtd *v, const uint64_t *ctx)
{
    if (vtd_scalable(v))
        return vtd_pasid_did(PADDR(dma_load64(&ctx[0]) & ENTRY_PTR));
    return (uint16_t)FIELD_GET(CTX1_DID, dma_load64(&ctx[1]));
}

int vtd_detach(struct iommu_unit *u, uint32_t sid)
{
    struct vtd *v = vtd_of(u);
    uint64_t *ctx = vtd_context(v, sid);
    struct vtd_batch b;
    uint16_t did;
    paddr_t tables;
    int err;

    if (!ctx || denies(ctx))
        return 0;
    did = domain_of(v, ctx);
    tables = PADDR(dma_load64(&ctx[0]) & ENTRY_PTR);
    vtd_entry_retract(v, ctx);
    vtd_batch_init(&b);
    vtd_add_stream(v, &b, sid, did);
    vtd_add_domain(v, &b, did);
    err = vtd_batch_sync(v, &b);
    if (vtd_scalable(v))
        vtd_pasid_free(tables, err == 0);
    return err;
}
