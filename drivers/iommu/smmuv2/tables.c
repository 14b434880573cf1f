/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/state.h"

#include "arch/barrier.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/panic.h"
#include "lib/pt/arm_size.h"

/* Context banks: the registers that name a domain's translation tables. A bank that is off lets
 * everything pass, so that a stream leads to one only between bank_get() and bank_put(). */

struct mmio smmuv2_bank_regs(const struct smmuv2 *s, unsigned bank)
{
    const struct smmuv2_features *f = &s->feat;
    uint64_t off = (UINT64_C(1) << (f->page_lg2 + f->pages_lg2)) + ((uint64_t)bank << f->page_lg2);

    return (struct mmio){.base = s->cfg.regs.base + off, .size = UINT64_C(1) << f->page_lg2};
}

static void write64(const struct smmuv2 *s, const struct mmio *regs, reg64_t reg, uint64_t value)
{
    if (!s->feat.split64) {
        mmio_write64(regs, reg, value);
        return;
    }
    mmio_write32(regs, REG32(reg.off + 4), (uint32_t)(value >> 32));
    mmio_write32(regs, REG32(reg.off), (uint32_t)value);
}

uint64_t smmuv2_read64(const struct smmuv2 *s, const struct mmio *regs, reg64_t reg)
{
    if (!s->feat.split64)
        return mmio_read64(regs, reg);
    return mmio_read32(regs, REG32(reg.off)) | (uint64_t)mmio_read32(regs, REG32(reg.off + 4))
                                                   << 32;
}

uint16_t smmuv2_asid(const struct smmuv2 *s, const struct iommu_domain *d)
{
    return (uint16_t)(s->feat.asid_base + d->asid);
}

/* ---- what a bank is told --------------------------------------------------------------------- */

/* TG0 of a granule; only granules of the unit's caps get here. */
static uint64_t tcr_tg0(unsigned granule_lg2)
{
    switch (granule_lg2) {
    case 12:
        return 0;
    case 16:
        return 1;
    case 14:
        return 2;
    default:
        panic("smmuv2: no granule of 2^%u bytes", granule_lg2);
    }
}

/* What TCR has in common for both stages and all formats. */
static uint64_t tcr_walk(bool coherent)
{
    uint64_t cache = coherent ? WALK_CACHE_WBWA : WALK_CACHE_NC;

    return FIELD_PREP(TCR_IRGN0, cache) | FIELD_PREP(TCR_ORGN0, cache) |
           FIELD_PREP(TCR_SH0, coherent ? WALK_SH_INNER : WALK_SH_OUTER);
}

/* EPD1: addresses of the upper half of the input fault instead of walking TTBR1. */
static uint64_t tcr_s1(const struct smmuv2 *s, const struct pt_config *cfg)
{
    uint64_t tcr = tcr_walk(cfg->coherent) | TCR_S1_EPD1;

    if (s->feat.aarch32) /* T0SZ 0: 32 bits */
        return tcr | TCR_EAE;
    return tcr | FIELD_PREP(TCR_T0SZ, 64u - cfg->ias) |
           FIELD_PREP(TCR_TG0, tcr_tg0(cfg->granule_lg2));
}

/* SL0 counts levels up from level 3, in tables of 4 KiB from level 2 (DDI 0487 D8.2.8). */
static uint64_t tcr_sl0(const struct pt *pt)
{
    return FIELD_PREP(TCR_S2_SL0, pt->cfg.granule_lg2 == 12 ? pt->top_level - 1u : pt->top_level);
}

static uint64_t tcr_s2(const struct smmuv2 *s, const struct pt *pt)
{
    const struct pt_config *cfg = &pt->cfg;
    uint64_t tcr = tcr_walk(cfg->coherent) | tcr_sl0(pt) | TCR_EAE;

    if (s->feat.aarch32) /* 32 - size, signed, in five bits */
        return tcr | FIELD_PREP(TCR_T0SZ, (32u - cfg->ias) & 0x1f);
    return tcr | FIELD_PREP(TCR_T0SZ, 64u - cfg->ias) |
           FIELD_PREP(TCR_TG0, tcr_tg0(cfg->granule_lg2)) |
           FIELD_PREP(TCR_S2_PASIZE, arm_size_code(cfg->oas));
}

/* Attributes of the bypassed second stage are the weakest, so that the first stage's stand. IRPTNDX
 * is 0: on SMMUv1 the first context interrupt is every bank's; on SMMUv2 the field is not there. */
static uint64_t cbar(const struct smmuv2 *s, const struct iommu_domain *d)
{
    if (s->feat.stage2)
        return FIELD_PREP(CBAR_TYPE, CBAR_S2) | FIELD_PREP(CBAR_S2_VMID, smmuv2_asid(s, d));
    return FIELD_PREP(CBAR_TYPE, CBAR_S1_S2_BYPASS) | FIELD_PREP(CBAR_S1_BPSHCFG, BPSHCFG_NSH) |
           FIELD_PREP(CBAR_S1_MEMATTR, MEMATTR_WB);
}

/* Which format the bank's other registers have comes first. SMMUv1 has no CBA2R, but for the part
 * that walks VMSAv8-64 tables. */
static void write_attributes(struct smmuv2 *s, unsigned bank, const struct iommu_domain *d)
{
    if (s->feat.version > 1 || !s->feat.aarch32)
        mmio_write32(&s->global1, SMMU_CBA2R(bank), s->feat.aarch32 ? 0 : (uint32_t)CBA2R_VA64);
    mmio_write32(&s->global1, SMMU_CBAR(bank), (uint32_t)cbar(s, d));
}

static void write_stage1(struct smmuv2 *s, const struct mmio *regs, const struct iommu_domain *d)
{
    const struct pt_config *cfg = &d->pt.cfg;

    if (s->feat.version > 1 || !s->feat.aarch32)
        mmio_write32(regs, CB_TCR2,
                     (uint32_t)(FIELD_PREP(TCR2_PASIZE, arm_size_code(cfg->oas)) |
                                FIELD_PREP(TCR2_SEP, SEP_UPSTREAM)));
    mmio_write32(regs, CB_TCR, (uint32_t)tcr_s1(s, cfg));
    write64(s, regs, CB_TTBR0, d->pt.root.v | (uint64_t)smmuv2_asid(s, d) << TTBR_ASID_SHIFT);
    write64(s, regs, CB_TTBR1, 0);
    mmio_write32(regs, CB_MAIR0, (uint32_t)PT_ARM_MAIR);
    mmio_write32(regs, CB_MAIR1, (uint32_t)(PT_ARM_MAIR >> 32));
}

static void write_stage2(struct smmuv2 *s, const struct mmio *regs, const struct iommu_domain *d)
{
    mmio_write32(regs, CB_TCR, (uint32_t)tcr_s2(s, &d->pt));
    write64(s, regs, CB_TTBR0, d->pt.root.v);
}

/* No stalls (CFCFG = 0): a fault aborts its transaction, and others go on. */
static uint32_t sctlr(const struct smmuv2 *s)
{
    return (uint32_t)(SCTLR_CFIE | SCTLR_CFRE | SCTLR_HUPCF | SCTLR_AFE | SCTLR_TRE | SCTLR_M |
                      (s->feat.stage2 ? 0 : SCTLR_ASIDPNE));
}

/* What TTBRs mean depends on TCR, what TCR means on CBA2R and CBAR; M comes last. */
static void switch_on(struct smmuv2 *s, unsigned bank, const struct iommu_domain *d)
{
    struct mmio regs = smmuv2_bank_regs(s, bank);

    write_attributes(s, bank, d);
    if (s->feat.stage2)
        write_stage2(s, &regs, d);
    else
        write_stage1(s, &regs, d);
    dma_wmb(); /* the tables */
    mmio_write32(&regs, CB_SCTLR, sctlr(s));
}

/* ---- the banks ------------------------------------------------------------------------------- */

int smmuv2_bank_of(const struct smmuv2 *s, const struct iommu_domain *d)
{
    for (unsigned i = s->feat.banks_first; i < s->feat.banks_end; i++)
        if (s->banks[i].domain == d)
            return (int)i;
    return -1;
}

int smmuv2_bank_get(struct smmuv2 *s, const struct iommu_domain *d)
{
    int bank = smmuv2_bank_of(s, d);

    if (bank >= 0)
        return bank;
    bank = smmuv2_bank_of(s, NULL);
    if (bank < 0) {
        log_warn_limited("%s: all %u context banks are in use", s->cfg.name,
                         (unsigned)(s->feat.banks_end - s->feat.banks_first));
        return -RF_ENOSPC;
    }
    switch_on(s, (unsigned)bank, d);
    s->banks[bank] = (struct smmuv2_bank){.domain = d};
    s->banks_top = (uint8_t)MAX(s->banks_top, bank + 1);
    return bank;
}

void smmuv2_bank_put(struct smmuv2 *s, unsigned bank)
{
    struct mmio regs = smmuv2_bank_regs(s, bank);

    mmio_write32(&regs, CB_SCTLR, 0);
    s->banks[bank].domain = NULL;
}

void smmuv2_banks_silence(struct smmuv2 *s)
{
    for (unsigned i = s->feat.banks_first; i < s->banks_top; i++) {
        struct mmio regs = smmuv2_bank_regs(s, i);

        if (s->banks[i].domain)
            mmio_write32(&regs, CB_SCTLR, sctlr(s) & ~(uint32_t)SCTLR_CFIE);
    }
}

/* A stalled transaction waits for RESUME, and a sync for the transaction. */
void smmuv2_banks_end_stalls(struct smmuv2 *s)
{
    for (unsigned i = 0; i < s->feat.banks_end; i++) {
        struct mmio regs = smmuv2_bank_regs(s, i);
        uint32_t status = mmio_read32(&regs, CB_FSR);

        if (!(status & FSR_SS))
            continue;
        mmio_write32(&regs, CB_FSR, status);
        mmio_write32(&regs, CB_RESUME, (uint32_t)RESUME_TERMINATE);
    }
}

/* Also the banks that are not used: firmware may have. */
void smmuv2_banks_reset(struct smmuv2 *s)
{
    bool prefetches = false;

    for (unsigned i = 0; i < s->feat.banks_end; i++) {
        struct mmio regs = smmuv2_bank_regs(s, i);

        mmio_write32(&regs, CB_SCTLR, 0);
        mmio_write32(&regs, CB_FSR, mmio_read32(&regs, CB_FSR));
        if (!s->feat.no_prefetch)
            continue;
        mmio_write32(&regs, CB_ACTLR, mmio_read32(&regs, CB_ACTLR) & ~(uint32_t)MMU500_ACTLR_CPRE);
        prefetches |= mmio_read32(&regs, CB_ACTLR) & MMU500_ACTLR_CPRE;
    }
    if (prefetches)
        log_warn("%s: prefetching cannot be switched off (sACR.CACHE_LOCK): the errata of its "
                 "prefetcher stay",
                 s->cfg.name);
}
