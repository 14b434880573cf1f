/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_VTD_FIXTURE_H
#define RF_TESTS_DRIVER_VTD_FIXTURE_H

#include "drivers/iommu/vtd/state.h"
#include "tests/model/vtd/model.h"

#define FX_NAME(x) vtd_##x
#include "tests/driver/inline/unit_fixture.h"

/* What the tests of the VT-d driver share. */

#define FX_REGS     UINT64_C(0xfed90000)
#define FX_RAM_SIZE MIB(8)
#define FX_HAW      46u

/* Bits of capabilities, and registers, that tests vary (VT-d 11.4). */
enum {
    FX_CAP_RWBF = 4,
    FX_CAP_PLMR = 5,
    FX_CAP_CM = 7,
    FX_CAP_PSI = 39,
    FX_ECAP_C = 0,
    FX_ECAP_QI = 1,
    FX_ECAP_IR = 3,
    FX_ECAP_EIM = 4,
    FX_ECAP_SC = 7,
    FX_ECAP_SMPWC = 48,
    FX_GSTS = 0x1c,
    FX_RTADDR = 0x20,
    FX_FSTS = 0x34,
    FX_FECTL = 0x38,
    FX_PMEN = 0x64,
};

static inline void fx_set(uint64_t *word, unsigned bit, bool on)
{
    *word = on ? *word | BIT(bit) : *word & ~BIT(bit);
}

static inline struct vtd_config fx_unit_config(void)
{
    return (struct vtd_config){
        .regs = {.base = FX_REGS, .size = 0x1000},
        .name = "vtd@fed90000",
        .haw = FX_HAW,
        .intr_remap = true,
    };
}

/* A machine whose unit has not been touched. */
static inline void fx_open_cfg(const struct vtd_model_config *model, const struct vtd_config *unit)
{
    struct vtd_model_config cfg = *model;

    cfg.ram_base = FX_RAM_BASE;
    cfg.ram_size = FX_RAM_SIZE;
    fx_open_machine(FX_RAM_SIZE);
    fx.model = vtd_model_new(&cfg);
    vtd_model_map(fx.model, FX_REGS);
    assert_int_equal(vtd_create(unit, &fx.unit), 0);
}

static inline void fx_open(const struct vtd_model_config *model)
{
    struct vtd_config unit = fx_unit_config();

    fx_open_cfg(model, &unit);
}

static inline void fx_start(const struct vtd_model_config *model)
{
    fx_open(model);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
}

static inline void fx_close(void)
{
    fx_close_machine();
}

/* What a mode says of a refusal: by one look at the model's configuration. */
struct fx_reasons {
    uint8_t no_bus, no_context, unmapped_read, unmapped_write, read_only;
};

static inline struct fx_reasons fx_reasons(void)
{
    switch (vtd_of(fx.unit)->feat.mode) {
    case VTD_SCALABLE_FS:
        return (struct fx_reasons){0x39, 0x41, 0x71, 0x71, 0x85};
    case VTD_SCALABLE_SS:
        return (struct fx_reasons){0x39, 0x41, 0x79, 0x79, 0x79};
    default:
        return (struct fx_reasons){0x01, 0x02, 0x06, 0x05, 0x05};
    }
}

static inline void fx_assert_unmapped(uint32_t sid, uint64_t iova)
{
    struct vtd_model_result r = fx_dma(sid, iova, false), w = fx_dma(sid, iova, true);

    assert_false(r.passed);
    assert_false(w.passed);
    assert_int_equal(r.reason, fx_reasons().unmapped_read);
    assert_int_equal(w.reason, fx_reasons().unmapped_write);
}

/* By the absence of its context, or of the table that it would be in. */
static inline void fx_assert_denied(uint32_t sid)
{
    for (int write = 0; write <= 1; write++) {
        struct vtd_model_result r = fx_dma(sid, FX_IOVA, write);

        assert_false(r.passed);
        assert_true(r.reason == fx_reasons().no_bus || r.reason == fx_reasons().no_context);
    }
}

static inline struct iommu_domain *fx_domain(void)
{
    struct iommu_domain *d;

    assert_int_equal(iommu_domain_create(fx.unit, 12, &d), 0);
    return d;
}

/* A domain with one page mapped and one stream in it. */
static inline struct iommu_domain *fx_attached(void)
{
    struct iommu_domain *d = fx_domain();

    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    fx_attach(d, FX_SID);
    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    return d;
}

static const struct vtd_model_config *const fx_modes[] = {&vtd_model_legacy, &vtd_model_ss,
                                                          &vtd_model_fs};
#define FX_MODES (sizeof(fx_modes) / sizeof(fx_modes[0]))

#endif
