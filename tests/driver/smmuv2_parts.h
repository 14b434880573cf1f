/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_SMMUV2_PARTS_H
#define RF_TESTS_DRIVER_SMMUV2_PARTS_H

#include "tests/driver/smmuv2_fixture.h"

/* Parts on which every claim about streams and flushes is tried: each way to translate, each way to
 * find a stream's context, each size of register page. */

enum { IDR0_S1TS = 1 << 30, IDR0_S2TS = 1 << 29, IDR0_NTS = 1 << 28, IDR0_SMS = 1 << 27 };

struct part {
    const char *name;
    const struct smmuv2_model_config *base;
    uint32_t idr0_clear, idr1_set, idr2_clear;
    bool non_coherent, words_only;
    unsigned granule_lg2; /* of domains; 0: the smallest */
    bool keeps_routes;
    unsigned sync_delay;
};

#define STAGE_1 (IDR0_S1TS | IDR0_NTS) /* taken away: stage 2 only */

static const struct part parts[] = {
    {.name = "MMU-401", .base = &smmuv2_model_mmu401},
    {.name = "MMU-401, slow", .base = &smmuv2_model_mmu401, .keeps_routes = true, .sync_delay = 7},
    {.name = "MMU-401, non-coherent", .base = &smmuv2_model_mmu401, .non_coherent = true},
    {.name = "SMMUv1", .base = &smmuv2_model_v1},
    {.name = "SMMUv1, stage 2", .base = &smmuv2_model_v1, .idr0_clear = STAGE_1},
    {.name = "SMMUv2, 4K", .base = &smmuv2_model_mmu500, .granule_lg2 = 12},
    {.name = "SMMUv2, 16K", .base = &smmuv2_model_mmu500, .granule_lg2 = 14},
    {.name = "SMMUv2, 64K, non-coherent",
     .base = &smmuv2_model_mmu500,
     .granule_lg2 = 16,
     .non_coherent = true},
    {.name = "SMMUv2, stage 2, 4K",
     .base = &smmuv2_model_mmu500,
     .idr0_clear = STAGE_1,
     .granule_lg2 = 12},
    {.name = "SMMUv2, stage 2, 64K",
     .base = &smmuv2_model_mmu500,
     .idr0_clear = STAGE_1,
     .granule_lg2 = 16},
    {.name = "SMMUv2, indexing", .base = &smmuv2_model_mmu500, .idr0_clear = IDR0_SMS},
    {.name = "SMMUv2, 64K register pages, slow",
     .base = &smmuv2_model_mmu500,
     .idr1_set = 1u << 31,
     .keeps_routes = true,
     .sync_delay = 9},
    {.name = "SMMUv2, AArch32 tables only", .base = &smmuv2_model_mmu500, .idr2_clear = 7u << 12},
    {.name = "AP806", .base = &smmuv2_model_mmu500, .words_only = true},
};

static inline struct smmuv2_model_config part_config(const struct part *p)
{
    struct smmuv2_model_config cfg = *p->base;

    cfg.idr0 &= ~p->idr0_clear;
    cfg.idr1 |= p->idr1_set;
    cfg.idr2 &= ~p->idr2_clear;
    if (p->idr0_clear & IDR0_SMS) /* 512 streams would be more than there are groups: 7 bits */
        cfg.idr0 = (cfg.idr0 & ~0x1effu) | 7u << 9;
    cfg.non_coherent = p->non_coherent;
    cfg.words_only = p->words_only;
    cfg.keeps_routes = p->keeps_routes;
    cfg.sync_delay = p->sync_delay;
    cfg.ram_base = FX_RAM_BASE;
    cfg.ram_size = FX_RAM_SIZE;
    return cfg;
}

/* A stream id that every part has, and its neighbour. */
#define SID       0x48u
#define NEIGHBOUR 0x49u

/* A domain with a page mapped, and the stream in it. */
static inline struct iommu_domain *start_attached(const struct smmuv2_model_config *cfg)
{
    struct iommu_domain *d;

    fx_start(cfg);
    d = fx_mapped_domain();
    fx_attach(d, SID);
    return d;
}

/* The bank of the only stream: SCTLR.M is set. */
static inline unsigned first_bank(void)
{
    unsigned bank = 0;

    while (!(smmuv2_model_read(fx.model, smmuv2_model_bank(fx.model, bank, 0), 4) & 1))
        bank++;
    return bank;
}

#endif
