/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"

/* What CAP and ECAP offer decides what is used, and the report tells it. */

/* Fields of capabilities that rows change (VT-d 11.4.2, 11.4.3). */
#define SAGAW(n)   ((uint64_t)(n) << 8)
#define MGAW(bits) ((uint64_t)((bits) - 1) << 16)
#define SLLPS      (UINT64_C(3) << 34)
#define FS1GP      (UINT64_C(1) << 56)
#define SMTS       (UINT64_C(1) << 43)
#define SSTS       (UINT64_C(1) << 46)
#define FSTS       (UINT64_C(1) << 47)

#define SIZES_4K KIB(4)
#define SIZES_2M (KIB(4) | MIB(2))
#define SIZES_1G (KIB(4) | MIB(2) | GIB(1))

static const struct mode_case {
    uint64_t cap_clear, cap_set, ecap_clear, ecap_set; /* from the first-stage unit of QEMU */
    enum vtd_mode mode;
    uint8_t levels, ias;
    uint64_t sizes;
} mode_cases[] = {
    /* The first stage is preferred, whatever else there is. */
    {0, 0, 0, 0, VTD_SCALABLE_FS, 4, 47, SIZES_1G},
    {0, 0, 0, SSTS, VTD_SCALABLE_FS, 4, 47, SIZES_1G},
    {FS1GP, 0, 0, 0, VTD_SCALABLE_FS, 4, 47, SIZES_2M},
    {SAGAW(31), 0, 0, 0, VTD_SCALABLE_FS, 4, 47, SIZES_1G}, /* and no second stage at all */
    {SLLPS, 0, 0, 0, VTD_SCALABLE_FS, 4, 47, SIZES_1G},
    /* Then the second stage of scalable mode. */
    {0, 0, FSTS, SSTS, VTD_SCALABLE_SS, 4, 48, SIZES_1G},
    {SLLPS, 0, FSTS, SSTS, VTD_SCALABLE_SS, 4, 48, SIZES_4K},
    /* Legacy mode where there is no other, or what it would need is missing. */
    {0, 0, FSTS, 0, VTD_LEGACY, 4, 48, SIZES_1G},
    {0, 0, SMTS, 0, VTD_LEGACY, 4, 48, SIZES_1G},
    {0, 0, 2 /* QI */, 0, VTD_LEGACY, 4, 48, SIZES_1G},
    /* Widths: aw-bits=39; 39 where 48 would do nothing; 57 only where it must be. */
    {SAGAW(31) | MGAW(64), SAGAW(2) | MGAW(39), SMTS, 0, VTD_LEGACY, 3, 39, SIZES_1G},
    {MGAW(64), MGAW(39), SMTS, 0, VTD_LEGACY, 3, 39, SIZES_1G},
    {SAGAW(31) | MGAW(64), SAGAW(4) | MGAW(39), SMTS, 0, VTD_LEGACY, 4, 39, SIZES_1G},
    {SAGAW(31) | MGAW(64), SAGAW(14) | MGAW(57), SMTS, 0, VTD_LEGACY, 4, 48, SIZES_1G},
    {SAGAW(31) | MGAW(64), SAGAW(8) | MGAW(57), SMTS, 0, VTD_LEGACY, 5, 57, SIZES_1G},
    {SAGAW(31) | MGAW(64), SAGAW(8) | MGAW(57), FSTS, SSTS, VTD_SCALABLE_SS, 5, 57, SIZES_1G},
    {SAGAW(31) | MGAW(64), SAGAW(2) | MGAW(48), SMTS, 0, VTD_LEGACY, 3, 39, SIZES_1G},
};

static struct vtd_model_config config_of(const struct mode_case *c)
{
    struct vtd_model_config cfg = vtd_model_fs;

    cfg.cap = (cfg.cap & ~c->cap_clear) | c->cap_set;
    cfg.ecap = (cfg.ecap & ~c->ecap_clear) | c->ecap_set;
    return cfg;
}

/* The page at the top of what the unit takes goes through. */
static void use_the_top(uint8_t ias)
{
    struct iommu_domain *d = fx_domain();
    uint64_t top = BIT(ias) - PAGE_SIZE;

    fx_map(d, top, FX_PA, PAGE_SIZE);
    fx_map(d, GIB(4), GIB(8), GIB(1));
    fx_attach(d, FX_SID);
    fx_assert_passes(FX_SID, top + 8, FX_PA + 8);
    fx_assert_passes(FX_SID, GIB(5) - 8, GIB(9) - 8);
    fx_assert_unmapped(FX_SID, 0);
    fx_detach_destroy(d, FX_SID);
}

static void modes_are_chosen(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(mode_cases); i++) {
        const struct mode_case *c = &mode_cases[i];
        struct vtd_model_config cfg = config_of(c);

        print_message("row %zu\n", i);
        fx_start(&cfg);
        assert_int_equal(vtd_of(fx.unit)->feat.mode, c->mode);
        assert_int_equal(fx.unit->caps.levels, c->levels);
        assert_int_equal(fx.unit->caps.ias, c->ias);
        assert_int_equal(fx.unit->caps.leaf_sizes, c->sizes);
        assert_int_equal(fx.unit->caps.msi_window.start, 0xfee00000);
        assert_int_equal(fx.unit->caps.msi_window.last, 0xfeefffff);
        use_the_top(c->ias);
        fx_close();
    }
}

/* Domain ids: 1 .. 2^(4 + 2 * ND) - 1. */
static void domain_ids(void **state)
{
    (void)state;
    for (uint64_t nd = 0; nd <= 6; nd++) {
        struct vtd_model_config cfg = vtd_model_legacy;
        struct iommu_domain *d[15], *more;

        cfg.cap = (cfg.cap & ~UINT64_C(7)) | nd;
        fx_start(&cfg);
        assert_int_equal(fx.unit->caps.asid_bits, 4 + 2 * nd);
        for (size_t i = 0; i < ARRAY_SIZE(d); i++) {
            d[i] = fx_domain();
            assert_int_equal(d[i]->asid, i + 1);
        }
        assert_int_equal(iommu_domain_create(fx.unit, 12, &more), nd ? 0 : -RF_ENOSPC);
        if (nd)
            iommu_domain_destroy(more);
        for (size_t i = 0; i < ARRAY_SIZE(d); i++)
            iommu_domain_destroy(d[i]);
        fx_close();
    }
}

static void refusals_say_why(void **state)
{
    static const struct {
        uint64_t cap_clear, cap_set, ecap_clear;
        uint32_t ver;
        const char *why;
    } rows[] = {
        {SAGAW(31), 0, SMTS, 0x10, "CAP.SAGAW has no width"},        /* dma-translation=off */
        {SAGAW(31), SAGAW(1), SMTS, 0x10, "CAP.SAGAW has no width"}, /* 30 bits: reserved */
        {7, 7, 0, 0x10, "CAP.ND = 7"},
        {0, 0, 2, 0x60, "ECAP.QI = 0"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct vtd_model_config cfg = vtd_model_fs;
        struct model_write writes[1];

        cfg.cap = (cfg.cap & ~rows[i].cap_clear) | rows[i].cap_set;
        cfg.ecap &= ~rows[i].ecap_clear;
        cfg.ver = rows[i].ver;
        fx_open(&cfg);
        assert_int_equal(iommu_unit_start(fx.unit), -RF_ENXIO);
        assert_true(fx_log_has(rows[i].why));
        assert_true(fx.unit->dead);
        assert_int_equal(model_writes(fx_watch(), writes, 1), 0);
        fx_close();
    }
}

static void small_windows_are_refused(void **state)
{
    struct vtd_config unit = fx_unit_config();
    struct vtd_model_config cfg = vtd_model_fs;
    struct iommu_unit *u;

    (void)state;
    cfg.cap |= MASK(47, 40); /* 256 records from 0x220 on end at 0x1220 */
    fx_open_cfg(&cfg, &unit);
    assert_int_equal(iommu_unit_start(fx.unit), -RF_EINVAL);
    assert_true(fx_log_has("4096 bytes, its registers end at 4640"));
    unit.regs.size = 0xff;
    assert_int_equal(vtd_create(&unit, &u), -RF_EINVAL);
    assert_true(fx_log_has("255 bytes, a VT-d unit needs 256"));
    inject_after(1);
    unit.regs.size = 0x1000;
    assert_int_equal(vtd_create(&unit, &u), -RF_ENOMEM);
    fx_close();
}

/* Firmware's width of physical addresses bounds what can be mapped. */
static void output_size_is_firmwares(void **state)
{
    static const struct {
        uint8_t haw, oas;
    } rows[] = {{39, 39}, {46, 46}, {52, 52}, {57, 52}, {0, 32}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct vtd_config unit = fx_unit_config();
        struct iommu_domain *d;

        unit.haw = rows[i].haw;
        fx_open_cfg(&vtd_model_fs, &unit);
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        assert_int_equal(fx.unit->caps.oas, rows[i].oas);
        d = fx_domain();
        assert_int_equal(iommu_domain_map(d, 0, PADDR(BIT(rows[i].oas)), PAGE_SIZE, FX_RW),
                         -RF_ERANGE);
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* A chipset that says that it needs no flush of its write buffer, and does. */
static void erratum_flushes_writes(void **state)
{
    struct vtd_model_config cfg = vtd_model_legacy;
    struct vtd_config unit = fx_unit_config();
    char text[400];

    (void)state;
    unit.flush_writes = true;
    fx_open_cfg(&cfg, &unit);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    assert_true(fx.unit->caps.flush_maps);
    vtd_describe(fx.unit, text, sizeof(text));
    assert_non_null(strstr(text, "errata: Mobile 4 Series RWBF"));
    fx_close();
}

static void report_tells_what_is_used(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;
    char text[400], small[20];

    (void)state;
    fx_start(&vtd_model_fs);
    vtd_describe(fx.unit, text, sizeof(text));
    assert_string_equal(
        text, "VT-d 1.0: scalable mode, first stage, 4 levels, 47-bit in, 46-bit out, pages 4K 2M "
              "1G, coherent walks\n"
              "16-bit domain ids, invalidation by queue, up to 2^18 pages, drained, 1 fault "
              "record, interrupts remapped (xAPIC)");
    vtd_describe(fx.unit, small, sizeof(small));
    assert_int_equal(strlen(small), sizeof(small) - 1);
    fx_close();

    fx_set(&cfg.cap, FX_CAP_CM, true);
    fx_set(&cfg.cap, FX_CAP_PSI, false);
    cfg.ecap = 0xf84; /* SC, DT; no C, QI, IR */
    fx_start(&cfg);
    vtd_describe(fx.unit, text, sizeof(text));
    assert_string_equal(
        text, "VT-d 1.0: legacy mode, second stage, 4 levels, 48-bit in, 46-bit out, pages 4K 2M "
              "1G, non-coherent walks, snooping forced, caching mode\n"
              "16-bit domain ids, invalidation by registers, of whole domains, drained, 1 fault "
              "record, interrupts not remapped: it cannot, ATS off");
    fx_close();
}

/* Asked before the unit is made: of a unit that has not been touched. */
static void x2apic_wants_entries_with_wide_ids(void **state)
{
    static const struct {
        bool qi, ir, eim, takes;
    } rows[] = {
        {true, true, true, true},
        {true, true, false, false},
        {true, false, true, false},
        {false, true, true, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct vtd_model_config cfg = vtd_model_legacy;
        struct vtd_config unit = fx_unit_config();

        fx_set(&cfg.ecap, FX_ECAP_QI, rows[i].qi);
        fx_set(&cfg.ecap, FX_ECAP_IR, rows[i].ir);
        fx_set(&cfg.ecap, FX_ECAP_EIM, rows[i].eim);
        fx_open_cfg(&cfg, &unit);
        assert_int_equal(vtd_takes_x2apic(&unit.regs), rows[i].takes);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_are_chosen),
        cmocka_unit_test(domain_ids),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(small_windows_are_refused),
        cmocka_unit_test(output_size_is_firmwares),
        cmocka_unit_test(erratum_flushes_writes),
        cmocka_unit_test(report_tells_what_is_used),
        cmocka_unit_test(x2apic_wants_entries_with_wide_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
