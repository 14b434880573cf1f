/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_SMMUV3_FIXTURE_H
#define RF_TESTS_DRIVER_SMMUV3_FIXTURE_H

#include "drivers/iommu/smmuv3/state.h"
#include "tests/model/smmuv3/model.h"

#define FX_NAME(x) smmuv3_##x
#include "tests/driver/inline/unit_fixture.h"

/* What the tests of the SMMUv3 driver share. */

#define FX_REGS     UINT64_C(0x9050000)
#define FX_RAM_SIZE MIB(32)

static inline struct smmuv3_config fx_unit_config(void)
{
    return (struct smmuv3_config){
        .regs = {.base = FX_REGS, .size = 0x20000},
        .name = "smmuv3@9050000",
        .dt_coherent = true,
    };
}

/* A machine whose unit has not been touched. */
static inline void fx_open_cfg(const struct smmuv3_model_config *model,
                               const struct smmuv3_config *unit)
{
    fx_open_machine(FX_RAM_SIZE);
    fx.model = smmuv3_model_new(model);
    smmuv3_model_map(fx.model, FX_REGS);
    assert_int_equal(smmuv3_create(unit, &fx.unit), 0);
}

static inline void fx_open(const struct smmuv3_model_config *model)
{
    struct smmuv3_config unit = fx_unit_config();

    unit.dt_coherent = !model->non_coherent;
    fx_open_cfg(model, &unit);
}

static inline void fx_start(const struct smmuv3_model_config *model)
{
    fx_open(model);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
}

static inline void fx_close(void)
{
    struct smmuv3 *s = smmuv3_of(fx.unit);

    while (!SLIST_EMPTY(&s->cd_pages)) {
        struct smmuv3_cd_page *page = SLIST_FIRST(&s->cd_pages);

        SLIST_REMOVE_HEAD(&s->cd_pages, link);
        heap_free(page);
    }
    fx_close_machine();
}

static inline void fx_assert_blocked(uint32_t sid, uint64_t iova, uint8_t event)
{
    for (int write = 0; write <= 1; write++) {
        struct smmuv3_model_result r = fx_dma(sid, iova, write);

        assert_false(r.passed);
        assert_int_equal(r.event, event);
    }
}

static inline struct iommu_domain *fx_domain(unsigned granule_lg2)
{
    struct iommu_domain *d;

    assert_int_equal(iommu_domain_create(fx.unit, granule_lg2, &d), 0);
    return d;
}

/* Numbers of the events (IHI 0070 7.3). */
enum {
    C_BAD_STREAMID = 0x02,
    C_BAD_STE = 0x04,
    F_TRANSLATION = 0x10,
    F_PERMISSION = 0x13,
};

#endif
