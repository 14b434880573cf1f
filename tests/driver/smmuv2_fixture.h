/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_SMMUV2_FIXTURE_H
#define RF_TESTS_DRIVER_SMMUV2_FIXTURE_H

#include "drivers/iommu/smmuv2/smmuv2.h"
#include "tests/model/smmuv2/model.h"

#define FX_NAME(x) smmuv2_##x
#include "tests/driver/inline/unit_fixture.h"

/* What the tests of the SMMUv1/v2 driver share. */

#define FX_REGS     UINT64_C(0xe0a00000)
#define FX_RAM_SIZE MIB(32)

/* Bits of sGFSR and SMMU_CBn_FSR (IHI 0062 10.6, 16.5). */
enum { GF_INVALID_CONTEXT = 1 << 0, GF_UNIDENTIFIED_STREAM = 1 << 1 };
enum { CF_TRANSLATION = 1 << 1, CF_PERMISSION = 1 << 3 };

/* ---- parts ----------------------------------------------------------------------------------- */

/* No register tells the version: firmware does. */
static inline enum smmuv2_part fx_part(const struct smmuv2_model_config *model)
{
    if (model->version == 1)
        return model->granule_64k ? SMMUV2_PART_MMU401 : SMMUV2_PART_V1;
    if (model->words_only)
        return SMMUV2_PART_AP806;
    return model->mmu500 ? SMMUV2_PART_MMU500 : SMMUV2_PART_V2;
}

static inline struct smmuv2_config fx_unit_config(const struct smmuv2_model_config *model)
{
    return (struct smmuv2_config){
        .regs = {.base = FX_REGS, .size = 0},
        .name = "smmu@e0a00000",
        .part = fx_part(model),
        .dt_coherent = !model->non_coherent,
        .sid_last = model->sid_bits,
    };
}

/* ---- life ------------------------------------------------------------------------------------ */

static bool fx_indexing; /* streams that are denied have a group of their own */

/* A machine whose unit has not been touched. */
static inline void fx_open_cfg(const struct smmuv2_model_config *model, struct smmuv2_config unit)
{
    fx_open_machine(FX_RAM_SIZE);
    fx_indexing = !(model->idr0 >> 27 & 1);
    fx.model = smmuv2_model_new(model);
    smmuv2_model_map(fx.model, FX_REGS);
    if (unit.regs.size == 0)
        unit.regs.size = smmuv2_model_size(fx.model);
    assert_int_equal(smmuv2_create(&unit, &fx.unit), 0);
}

static inline void fx_open(const struct smmuv2_model_config *model)
{
    fx_open_cfg(model, fx_unit_config(model));
}

static inline void fx_start(const struct smmuv2_model_config *model)
{
    fx_open(model);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
}

static inline void fx_close(void)
{
    fx_close_machine();
}

/* ---- accesses -------------------------------------------------------------------------------- */

/* By a fault of its context: one of the bits of FSR. */
static inline void fx_assert_faults(uint32_t sid, uint64_t iova, uint32_t fsr)
{
    for (int write = 0; write <= 1; write++) {
        struct smmuv2_model_result r = fx_dma(sid, iova, write);

        assert_false(r.passed);
        assert_false(r.stalled);
        assert_int_equal(r.fsr, fsr);
    }
}

/* The stream has no context: it matches nothing, or its group is one that faults. */
static inline void fx_assert_denied(uint32_t sid)
{
    for (int write = 0; write <= 1; write++) {
        struct smmuv2_model_result r = fx_dma(sid, FX_IOVA, write);

        assert_false(r.passed);
        assert_int_equal(r.gfsr, fx_indexing ? GF_INVALID_CONTEXT : GF_UNIDENTIFIED_STREAM);
    }
}

/* Whatever the reason. */
static inline void fx_assert_blocked(uint32_t sid, uint64_t iova)
{
    for (int write = 0; write <= 1; write++)
        assert_false(fx_dma(sid, iova, write).passed);
}

/* ---- domains --------------------------------------------------------------------------------- */

static inline unsigned fx_granule_lg2(void)
{
    return MASK_SHIFT(fx.unit->caps.granules);
}

static inline uint64_t fx_granule(void)
{
    return UINT64_C(1) << fx_granule_lg2();
}

/* Of the smallest granule; 0: that one. */
static inline struct iommu_domain *fx_domain(unsigned granule_lg2)
{
    struct iommu_domain *d;

    assert_int_equal(iommu_domain_create(fx.unit, granule_lg2 ? granule_lg2 : fx_granule_lg2(), &d),
                     0);
    return d;
}

/* One with a page of its smallest granule at FX_IOVA. */
static inline struct iommu_domain *fx_mapped_domain(void)
{
    struct iommu_domain *d = fx_domain(0);

    fx_map(d, FX_IOVA, FX_PA, fx_granule());
    return d;
}

/* One with that page, and with the stream, which reaches it. */
static inline struct iommu_domain *fx_attached(uint32_t sid)
{
    struct iommu_domain *d = fx_mapped_domain();

    fx_attach(d, sid);
    fx_assert_passes(sid, FX_IOVA, FX_PA);
    return d;
}

#endif
