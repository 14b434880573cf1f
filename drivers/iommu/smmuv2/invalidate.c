/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/state.h"

#include "arch/barrier.h"
#include "lib/base/wait.h"

/* Invalidations are writes to registers. Those of a bank are by address and ASID (stage 1) or by
 * intermediate address (stage 2 of SMMUv2), and complete by the bank's TLBSYNC; those by VMID are
 * global, and so is their sync. SMMUv1 cannot name an address at stage 2, nor a last level. */

/* ---- one sync -------------------------------------------------------------------------------- */

static int wait_idle(struct smmuv2 *s, const struct mmio *regs, reg32_t sync, reg32_t status,
                     const char *name)
{
    const struct wait_reg idle = {
        .name = name, .mask = TLBSTATUS_SACTIVE, .want = 0, .timeout_us = SMMUV2_WAIT_US};

    s->stats.syncs++;
    mmio_write32(regs, sync, 0);
    return wait_mmio32(regs, status, &idle);
}

static int sync_all(struct smmuv2 *s)
{
    return wait_idle(s, &s->global0, SMMU_sTLBGSYNC, SMMU_sTLBGSTATUS, "SMMU_sTLBGSTATUS");
}

static int sync_bank(struct smmuv2 *s, const struct mmio *bank)
{
    return wait_idle(s, bank, CB_TLBSYNC, CB_TLBSTATUS, "SMMU_CBn_TLBSTATUS");
}

/* ---- all of a domain, all of everybody ------------------------------------------------------- */

static int invalidate_asid(struct smmuv2 *s, unsigned bank)
{
    struct mmio regs = smmuv2_bank_regs(s, bank);

    s->stats.invalidations++;
    mmio_write32(&regs, CB_TLBIASID, smmuv2_asid(s, s->banks[bank].domain));
    return sync_bank(s, &regs);
}

static int invalidate_vmid(struct smmuv2 *s, unsigned bank)
{
    s->stats.invalidations++;
    mmio_write32(&s->global0, SMMU_TLBIVMID, smmuv2_asid(s, s->banks[bank].domain));
    return sync_all(s);
}

int smmuv2_invalidate_bank(struct smmuv2 *s, unsigned bank)
{
    dma_wmb();
    return s->feat.stage2 ? invalidate_vmid(s, bank) : invalidate_asid(s, bank);
}

/* What is cached is firmware's, or unknown after reset. */
int smmuv2_invalidate_all(struct smmuv2 *s)
{
    dma_wmb();
    s->stats.invalidations += 2;
    mmio_write32(&s->global0, SMMU_TLBIALLH, 0);
    mmio_write32(&s->global0, SMMU_TLBIALLNSNH, 0);
    return sync_all(s);
}

/* ---- by address ------------------------------------------------------------------------------ */

/* Beyond so many the whole domain goes: a write to a register takes the CPU about as long as the
 * walk that it saves, and most of what a gather this large names is not in any TLB. */
#define BY_ADDRESS_MAX 256u

struct span {
    uint64_t iova, count, step; /* in bytes, but for the count */
    bool leaf;                  /* only last-level entries were changed */
};

/* One invalidation covers a leaf of any size. Where tables were unlinked, or leaves of several
 * sizes, nothing is assumed. */
static struct span span_of(const struct pt_flush *f, unsigned granule_lg2)
{
    unsigned lg2 = f->tables || f->leaf_lg2 < granule_lg2 ? granule_lg2 : f->leaf_lg2;
    uint64_t start = align_down(f->iova.start, UINT64_C(1) << lg2);

    return (struct span){.iova = start,
                         .count = ((f->iova.last - start) >> lg2) + 1,
                         .step = UINT64_C(1) << lg2,
                         .leaf = !f->tables};
}

/* The register for a bank's entries by address. */
static uint32_t register_of(const struct smmuv2 *s, bool leaf)
{
    if (s->feat.stage2)
        return leaf ? CB_TLBIIPAS2L : CB_TLBIIPAS2;
    return leaf && s->feat.version > 1 ? CB_TLBIVAL : CB_TLBIVA;
}

/* The operand's layout is that of the bank's format. */
static void write_address(const struct smmuv2 *s, const struct mmio *regs, uint32_t reg,
                          uint64_t iova, uint64_t asid)
{
    if (!s->feat.aarch32)
        mmio_write64(regs, REG64(reg),
                     iova >> PAGE_LG2 | (s->feat.stage2 ? 0 : asid << TLBI_ASID_SHIFT));
    else
        mmio_write32(regs, REG32(reg), (uint32_t)(s->feat.stage2 ? iova >> PAGE_LG2 : iova | asid));
}

static void invalidate_span(struct smmuv2 *s, const struct mmio *regs, const struct iommu_domain *d,
                            struct span sp)
{
    uint32_t reg = register_of(s, sp.leaf);

    for (uint64_t i = 0; i < sp.count; i++)
        write_address(s, regs, reg, sp.iova + i * sp.step, smmuv2_asid(s, d));
    s->stats.invalidations += sp.count;
}

/* ---- flush ----------------------------------------------------------------------------------- */

static bool whole_domain(const struct smmuv2 *s, const struct iommu_domain *d,
                         const struct pt_gather *g)
{
    uint64_t n = 0;

    if (g->all || (s->feat.stage2 && s->feat.version == 1))
        return true;
    for (unsigned i = 0; i < g->count && n <= BY_ADDRESS_MAX; i++)
        n += span_of(&g->flush[i], d->pt.cfg.granule_lg2).count;
    return n > BY_ADDRESS_MAX;
}

static int flush_ranges(struct smmuv2 *s, unsigned bank, const struct iommu_domain *d,
                        const struct pt_gather *g)
{
    struct mmio regs = smmuv2_bank_regs(s, bank);

    dma_wmb();
    for (unsigned i = 0; i < g->count; i++)
        invalidate_span(s, &regs, d, span_of(&g->flush[i], d->pt.cfg.granule_lg2));
    return sync_bank(s, &regs);
}

/* A domain without a bank has nothing in the TLB: when its last stream left, all of it was
 * invalidated. */
int smmuv2_flush(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_gather *g)
{
    struct smmuv2 *s = smmuv2_of(u);
    int bank = smmuv2_bank_of(s, d);

    if (pt_gather_empty(g) || bank < 0)
        return 0;
    return whole_domain(s, d, g) ? smmuv2_invalidate_bank(s, (unsigned)bank)
                                 : flush_ranges(s, (unsigned)bank, d, g);
}
