/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"

/* What the identification registers say (IHI 0062 10.6.9 to 10.6.16) is what is used; what cannot
 * be used is refused with its reason, and stays blocked. */

#define IDR(n)         offsetof(struct smmuv2_model_config, idr##n)
#define NUMSMRG        0xffu
#define PTFS(n)        ((uint32_t)(n) << 24)
#define NUMCB          0xffu
#define NUMS2CB        0xff0000u
#define PTFSV8         (7u << 12)
#define IAS(n)         ((uint32_t)(n))
#define OAS(n)         ((uint32_t)(n) << 4)
#define UBS(n)         ((uint32_t)(n) << 8)
#define SIZES          0xfffu
#define PAGESIZE_64K   (1u << 31)
#define NUMPAGENDXB(n) ((uint32_t)(n) << 28)

static void edit(struct smmuv2_model_config *cfg, size_t reg, uint32_t clear, uint32_t set)
{
    uint32_t *word = (uint32_t *)(void *)((char *)cfg + reg);

    *word = (*word & ~clear) | set;
}

/* ---- refusals -------------------------------------------------------------------------------- */

static const struct refusal_case {
    const struct smmuv2_model_config *base;
    size_t reg;
    uint32_t clear, set;
    const char *why;
} refusal_cases[] = {
    {&smmuv2_model_mmu500, IDR(0), 7u << 28, 0, "no stage"},
    {&smmuv2_model_mmu401, IDR(0), 7u << 28, 0, "no stage"},
    {&smmuv2_model_mmu500, IDR(0), NUMSMRG, 0, "NUMSMRG = 0"},
    {&smmuv2_model_mmu500, IDR(1), NUMCB | NUMS2CB, 0, "no context bank"},
    {&smmuv2_model_mmu500, IDR(1), NUMS2CB, 17u << 16, "IDR1.NUMS2CB > IDR1.NUMCB"},
    {&smmuv2_model_v1, IDR(0), PTFS(3), PTFS(2), "neither VMSAv8-64 tables nor long descriptors"},
};

static void refusals_say_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(refusal_cases); i++) {
        const struct refusal_case *c = &refusal_cases[i];
        struct smmuv2_model_config cfg = *c->base;

        edit(&cfg, c->reg, c->clear, c->set);
        print_message("%s\n", c->why);
        fx_open(&cfg);
        assert_int_equal(iommu_unit_start(fx.unit), -RF_ENXIO);
        assert_true(fx_log_has(c->why));
        assert_true(LIST_EMPTY(&iommu_units));
        fx_assert_denied(SID);
        fx_close();
    }
}

/* Banks for stage 1 only in a part whose banks are all for stage 2. */
static void stage_1_without_a_bank_is_refused(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;

    (void)state;
    edit(&cfg, IDR(0), IDR0_S2TS | IDR0_NTS, 0);
    edit(&cfg, IDR(1), NUMS2CB, 16u << 16);
    fx_open(&cfg);
    assert_int_equal(iommu_unit_start(fx.unit), -RF_ENXIO);
    assert_true(fx_log_has("every context bank is for stage 2"));
    fx_assert_denied(SID);
    fx_close();
}

/* Bits that firmware wants ignored, and SMR.MASK does not have. */
static void a_mask_that_does_not_fit_is_refused(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;
    struct smmuv2_config unit = fx_unit_config(&cfg);

    (void)state;
    cfg.mask_bits = 0x03ff;
    unit.sid_ignore = 0x7c00;
    fx_open_cfg(&cfg, unit);
    assert_int_equal(iommu_unit_start(fx.unit), -RF_ENXIO);
    assert_true(fx_log_has("bits 0x7c00 of stream ids ignored"));
    fx_assert_denied(SID);
    fx_close();
}

/* The window that firmware gives is smaller than the registers. */
static void a_small_window(void **state)
{
    struct smmuv2_config unit = fx_unit_config(&smmuv2_model_mmu500);
    struct iommu_unit *u;

    (void)state;
    fx_open(&smmuv2_model_mmu500);
    unit.regs.size = 0x1000;
    assert_int_equal(smmuv2_create(&unit, &u), -RF_EINVAL);
    assert_true(fx_log_has("4 KiB"));
    inject_after(1);
    unit.regs.size = 0x20000;
    assert_int_equal(smmuv2_create(&unit, &u), -RF_ENOMEM);
    inject_after(0);
    fx_close();

    unit.regs.size = 0x10000; /* ends before the context banks: they begin there */
    fx_open_cfg(&smmuv2_model_mmu500, unit);
    assert_int_equal(iommu_unit_start(fx.unit), -RF_ENXIO);
    fx_close();
}

/* Only the banks that lie in the window are used. */
static void banks_beyond_the_window_are_left_alone(void **state)
{
    struct smmuv2_config unit = fx_unit_config(&smmuv2_model_mmu500);
    struct iommu_domain *d[2];

    (void)state;
    unit.regs.size = 0x10000 + 4 * 0x1000; /* four banks, of which two are for stage 2 */
    fx_open_cfg(&smmuv2_model_mmu500, unit);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    for (unsigned i = 0; i < 2; i++) {
        d[i] = fx_mapped_domain();
        fx_attach(d[i], SID + i);
        fx_assert_passes(SID + i, FX_IOVA, FX_PA);
    }
    fx_attach(d[0], SID + 2);
    fx_detach(d[0], SID + 2);
    for (unsigned i = 0; i < 2; i++)
        fx_detach_destroy(d[i], SID + i);
    fx_close();
}

/* ---- what is found --------------------------------------------------------------------------- */

/* A page at the end of what can be addressed, and one byte beyond, says whether sizes were read
 * right; the model says whether the registers were. */
static const struct size_case {
    const struct smmuv2_model_config *base;
    bool stage2;
    uint32_t idr2_clear, idr2_set;
    unsigned granule_lg2, ias, oas;
} size_cases[] = {
    /* Stage 1 of SMMUv2: the bus has UBS bits, stage 1 puts out what stage 2 would take. */
    {&smmuv2_model_mmu500, false, SIZES, UBS(5) | OAS(5) | IAS(5), 12, 48, 48},
    {&smmuv2_model_mmu500, false, SIZES, UBS(2) | OAS(2) | IAS(2), 12, 40, 40},
    {&smmuv2_model_mmu500, false, SIZES, UBS(0) | OAS(5) | IAS(5), 12, 32, 48},
    {&smmuv2_model_mmu500, false, SIZES, UBS(4) | OAS(1) | IAS(1), 16, 44, 36},
    {&smmuv2_model_mmu500, false, SIZES, UBS(3) | OAS(3) | IAS(3), 14, 42, 42},
    {&smmuv2_model_mmu500, false, SIZES | PTFSV8, UBS(5) | OAS(5) | IAS(5), 12, 32, 40},
    {&smmuv2_model_mmu500, false, SIZES | 1u << 12, UBS(5) | OAS(5) | IAS(5), 14, 48, 48},
    /* Stage 2 starts at level 1 where physical addresses have less than 44 bits. */
    {&smmuv2_model_mmu500, true, SIZES, UBS(5) | OAS(5) | IAS(5), 12, 48, 48},
    {&smmuv2_model_mmu500, true, SIZES, UBS(5) | OAS(4) | IAS(4), 12, 44, 44},
    {&smmuv2_model_mmu500, true, SIZES, UBS(2) | OAS(2) | IAS(2), 12, 0, 40},
    {&smmuv2_model_mmu500, true, SIZES, UBS(0) | OAS(0) | IAS(0), 12, 32, 32},
    {&smmuv2_model_mmu500, true, SIZES | PTFSV8, UBS(5) | OAS(5) | IAS(5), 12, 0, 40},
    {&smmuv2_model_mmu500, true, SIZES | 3u << 12, UBS(5) | OAS(5) | IAS(5), 16, 48, 48},
    /* MMU-401: 64 KiB, which no register tells; plain SMMUv1: long descriptors. */
    {&smmuv2_model_mmu401, true, 0, 0, 16, 40, 40},
    {&smmuv2_model_mmu401, true, SIZES, OAS(1) | IAS(1), 16, 36, 36},
    {&smmuv2_model_v1, true, 0, 0, 12, 0, 40},
    {&smmuv2_model_v1, false, 0, 0, 12, 32, 40},
    {&smmuv2_model_v1, false, SIZES, OAS(1) | IAS(1), 12, 32, 36},
};

static void check_ends(const struct size_case *c)
{
    struct iommu_domain *d = fx_domain(c->granule_lg2);
    uint64_t page = UINT64_C(1) << c->granule_lg2;
    uint64_t in = (UINT64_C(1) << fx.unit->caps.ias) - page;
    uint64_t out = (UINT64_C(1) << fx.unit->caps.oas) - page;

    fx_map(d, in, out, page);
    assert_int_equal(iommu_domain_map(d, in + page, PADDR(out), page, FX_RW), -RF_ERANGE);
    fx_attach(d, SID);
    fx_assert_passes(SID, in + page - 8, out + page - 8);
    fx_assert_faults(SID, in - 8, CF_TRANSLATION);
    fx_assert_faults(SID, in + page, CF_TRANSLATION);
    fx_detach_destroy(d, SID);
}

static void sizes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(size_cases); i++) {
        const struct size_case *c = &size_cases[i];
        struct smmuv2_model_config cfg = *c->base;

        print_message("%zu\n", i);
        edit(&cfg, IDR(2), c->idr2_clear, c->idr2_set);
        edit(&cfg, IDR(0), c->stage2 ? STAGE_1 : 0, 0);
        fx_start(&cfg);
        if (c->ias)
            assert_int_equal(fx.unit->caps.ias, c->ias);
        assert_true(fx.unit->caps.ias >= 32);
        assert_int_equal(fx.unit->caps.oas, c->oas);
        assert_true(fx.unit->caps.granules >> c->granule_lg2 & 1);
        check_ends(c);
        fx_close();
    }
}

/* The registers' pages: their size and number. */
static void register_pages(void **state)
{
    (void)state;
    for (unsigned big = 0; big <= 1; big++)
        for (unsigned ndxb = 3; ndxb <= 6; ndxb++) {
            struct smmuv2_model_config cfg = smmuv2_model_mmu500;
            struct iommu_domain *d;

            edit(&cfg, IDR(1), NUMPAGENDXB(7), NUMPAGENDXB(ndxb) | (big ? PAGESIZE_64K : 0));
            fx_start(&cfg);
            d = fx_attached(SID);
            fx_unmap_sync(d, FX_IOVA, fx_granule());
            fx_assert_faults(SID, FX_IOVA, CF_TRANSLATION);
            fx_detach_destroy(d, SID);
            fx_close();
        }
}

/* Few context interrupts, address translation operations or none, 8-bit VMIDs, broadcast TLB
 * maintenance or none: nothing of it changes what is translated. */
static void fields_that_change_nothing(void **state)
{
    static const struct {
        size_t reg;
        uint32_t clear, set;
    } fields[] = {
        {IDR(0), 0, 1u << 26}, {IDR(0), 1u << 13, 0}, {IDR(0), 0, 1u << 31}, {IDR(0), IDR0_NTS, 0},
        {IDR(0), 0, PTFS(1)},  {IDR(0), 0, PTFS(2)},  {IDR(1), 0, 1u << 15}, {IDR(2), 1u << 15, 0},
        {IDR(2), 0, 1u << 27}, {IDR(7), 0xff, 0x11},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        struct smmuv2_model_config cfg = smmuv2_model_mmu500;
        struct iommu_domain *d;

        edit(&cfg, fields[i].reg, fields[i].clear, fields[i].set);
        fx_start(&cfg);
        d = fx_attached(SID);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* SMMUv1's context banks name their interrupt, and there are at least as many as it has. */
static void one_context_interrupt(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu401;
    struct iommu_domain *d;

    (void)state;
    edit(&cfg, IDR(0), 0xffu << 16, 1u << 16);
    fx_start(&cfg);
    d = fx_attached(SID);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* Firmware has the last word about coherency, and a wrong word of the register is told. */
static void coherency_is_firmwares_word(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu401;
    struct smmuv2_config unit = fx_unit_config(&cfg);

    (void)state;
    for (unsigned cttw = 0; cttw <= 1; cttw++)
        for (unsigned dt = 0; dt <= 1; dt++) {
            edit(&cfg, IDR(0), 1u << 14, cttw << 14);
            unit.dt_coherent = dt;
            fx_open_cfg(&cfg, unit);
            assert_int_equal(iommu_unit_start(fx.unit), 0);
            assert_int_equal(fx.unit->caps.coherent, dt);
            assert_int_equal(fx_log_has("CTTW"), cttw != dt);
            fx_close();
        }
}

static void the_report_tells_what_is_used(void **state)
{
    char text[400], small[20];

    (void)state;
    fx_start(&smmuv2_model_mmu401);
    smmuv2_describe(fx.unit, text, sizeof(text));
    assert_string_equal(text,
                        "SMMUv1 (MMU-401): stage 2, VMSAv8-64, 40-bit in, 40-bit out, "
                        "granules 64K, coherent walks\n"
                        "15-bit stream ids matched by 32 registers, 4 context banks, 8-bit VMIDs");
    smmuv2_describe(fx.unit, small, sizeof(small));
    assert_int_equal(strlen(small), sizeof(small) - 1);
    fx_close();
}

static void assert_described(const char *text)
{
    char got[400];

    smmuv2_describe(fx.unit, got, sizeof(got));
    if (!strstr(got, text))
        fail_msg("\"%s\" is not in \"%s\"", text, got);
    fx_close();
}

static void the_report_tells_what_is_odd(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;
    struct smmuv2_config unit = fx_unit_config(&smmuv2_model_mmu401);

    (void)state;
    fx_start(&cfg);
    assert_described("errata: MMU-500 562869 826419 841119 1047329");
    edit(&cfg, IDR(0), IDR0_SMS | 0x1eff, 7u << 9);
    fx_start(&cfg);
    assert_described("128 streams, by index");
    unit.sid_ignore = 0x7c00;
    fx_open_cfg(&smmuv2_model_mmu401, unit);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    assert_described("matched by 32 registers but for bits 0x7c00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(stage_1_without_a_bank_is_refused),
        cmocka_unit_test(a_mask_that_does_not_fit_is_refused),
        cmocka_unit_test(a_small_window),
        cmocka_unit_test(banks_beyond_the_window_are_left_alone),
        cmocka_unit_test(sizes_are_read),
        cmocka_unit_test(register_pages),
        cmocka_unit_test(fields_that_change_nothing),
        cmocka_unit_test(one_context_interrupt),
        cmocka_unit_test(coherency_is_firmwares_word),
        cmocka_unit_test(the_report_tells_what_is_used),
        cmocka_unit_test(the_report_tells_what_is_odd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
