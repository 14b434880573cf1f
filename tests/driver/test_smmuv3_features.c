/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv3_fixture.h"

/* Every combination of what an SMMU may have, every size of its queues, every error it may raise.
 */

/* ---- combinations of features (6.3.1 to 6.3.6) ----------------------------------------------- */

/* Fields of the identification registers, and the values that the driver claims to support. */
static const struct field {
    uint8_t idr;
    uint8_t shift, width;
    uint8_t count, value[4];
} fields[] = {
    {0, 0, 1, 2, {0, 1}},  /* S2P */
    {0, 5, 1, 2, {0, 1}},  /* BTM */
    {0, 9, 1, 2, {0, 1}},  /* HYP */
    {0, 10, 1, 2, {0, 1}}, /* ATS */
    {0, 12, 1, 2, {0, 1}}, /* ASID16 */
    {0, 13, 1, 2, {0, 1}}, /* MSI */
    {0, 21, 2, 2, {0, 2}}, /* TTENDIAN: mixed, little */
    {0, 24, 2, 2, {0, 1}}, /* STALL_MODEL: both, abort */
    {0, 26, 1, 2, {0, 1}}, /* TERM_MODEL */
    {0, 27, 2, 2, {0, 1}}, /* ST_LEVEL */
    {1, 0, 6, 2, {9, 16}}, /* SIDSIZE */
    {3, 10, 1, 2, {0, 1}}, /* RIL */
};

/* These take turns: what they mean does not depend on the others. */
static const struct field turning[] = {
    {0, 2, 2, 2, {2, 3}},       /* TTF: AArch64, both */
    {5, 0, 3, 4, {0, 3, 5, 6}}, /* OAS: 32, 42, 48, 52 bits */
};

static void put_field(struct smmuv3_model_config *cfg, const struct field *f, unsigned which)
{
    uint32_t *idr = f->idr == 0   ? &cfg->idr0
                    : f->idr == 1 ? &cfg->idr1
                    : f->idr == 3 ? &cfg->idr3
                                  : &cfg->idr5;
    uint32_t mask = ((1u << f->width) - 1) << f->shift;

    *idr = (*idr & ~mask) | (uint32_t)f->value[which] << f->shift;
}

static unsigned combinations(void)
{
    unsigned n = 1;

    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        n *= fields[i].count;
    return n;
}

static struct smmuv3_model_config combination(unsigned n)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    for (size_t i = 0; i < ARRAY_SIZE(turning); i++)
        put_field(&cfg, &turning[i], n / 3 % turning[i].count);
    for (size_t i = 0; i < ARRAY_SIZE(fields); n /= fields[i++].count)
        put_field(&cfg, &fields[i], n % fields[i].count);
    cfg.ram_base = FX_RAM_BASE;
    cfg.ram_size = FX_RAM_SIZE;
    return cfg;
}

static void use(unsigned granule_lg2)
{
    uint64_t page = UINT64_C(1) << granule_lg2;
    struct iommu_domain *d = fx_domain(granule_lg2);

    fx_map(d, FX_IOVA, FX_PA, 3 * page);
    fx_attach(d, FX_SID);
    fx_assert_passes(FX_SID, FX_IOVA + page, FX_PA + page);
    fx_unmap_sync(d, FX_IOVA, 3 * page);
    fx_assert_blocked(FX_SID, FX_IOVA + page, F_TRANSLATION);
    fx_detach(d, FX_SID);
    fx_assert_blocked(FX_SID, FX_IOVA + page, 0);
    iommu_domain_destroy(d);
}

/* Each of them also with walks that do not snoop, in turn with the granules. */
static void every_combination_works(void **state)
{
    static const uint8_t granule_lg2[] = {12, 14, 16};

    (void)state;
    for (unsigned n = 0; n < combinations(); n++) {
        struct smmuv3_model_config cfg = combination(n);

        cfg.non_coherent = n % 5 == 0;
        cfg.idr0 = (cfg.idr0 & ~(1u << 4)) | (uint32_t)!cfg.non_coherent << 4;
        fx_start(&cfg);
        use(granule_lg2[n % ARRAY_SIZE(granule_lg2)]);
        if (model_violation(fx_watch()))
            print_error("IDR0 %08x IDR1 %08x IDR3 %08x IDR5 %08x\n", cfg.idr0, cfg.idr1, cfg.idr3,
                        cfg.idr5);
        fx_close();
    }
}

/* 52 bits need a larger granule than all have: not used. */
static void output_sizes(void **state)
{
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 48, 48};

    (void)state;
    for (unsigned oas = 0; oas < ARRAY_SIZE(bits); oas++) {
        struct smmuv3_model_config cfg = smmuv3_model_virt;

        cfg.idr5 = (cfg.idr5 & ~7u) | oas;
        fx_start(&cfg);
        assert_int_equal(fx.unit->caps.oas, bits[oas]);
        fx_close();
    }
}

/* Firmware knows how it is wired, IDR0.COHACC what it was built for (6.3.1). */
static void firmware_says_what_is_coherent(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        struct smmuv3_model_config cfg = smmuv3_model_virt;
        struct smmuv3_config unit = fx_unit_config();
        bool claims = n & 1;

        unit.dt_coherent = n & 2;
        cfg.idr0 = (cfg.idr0 & ~(1u << 4)) | (uint32_t)claims << 4;
        cfg.non_coherent = !unit.dt_coherent;
        cfg.ram_base = FX_RAM_BASE;
        cfg.ram_size = FX_RAM_SIZE;
        fx_open_cfg(&cfg, &unit);
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        assert_int_equal(fx.unit->caps.coherent, unit.dt_coherent);
        assert_int_equal(fx_log_has("taking firmware's word"), claims != unit.dt_coherent);
        use(12);
        fx_close();
    }
}

/* ---- queues of every size (3.5.1) ------------------------------------------------------------ */

static void flush_pages(struct iommu_domain *d, unsigned pages)
{
    struct pt_gather g;

    pt_gather_init(&g);
    pt_gather_add(&g, (struct range){FX_IOVA, FX_IOVA + pages * PAGE_SIZE - 1}, 12, false);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
}

/* Each command of each length of burst is at each place of the ring. */
static void command_queue_of_every_size(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    (void)state;
    cfg.idr3 &= ~(1u << 10);
    cfg.lazy_commands = true;
    for (unsigned lg2 = 1; lg2 <= 19; lg2 += lg2 < 9 ? 1 : 10) {
        struct iommu_domain *d;
        uint64_t sent = 0;

        cfg.idr1 = (cfg.idr1 & ~(31u << 21)) | lg2 << 21;
        cfg.burst = lg2 % 3 + 1;
        fx_start(&cfg);
        d = fx_domain(12);
        smmuv3_model_clear_counts(fx.model);
        for (unsigned pages = 1; sent < 600; pages = pages % 70 + 1) {
            flush_pages(d, pages);
            sent += pages;
        }
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), sent);
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* Twice round, and twice full. */
static void event_queue_of_every_size(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;
    struct iommu_fault out[8];

    (void)state;
    for (unsigned lg2 = 0; lg2 <= 9; lg2++) {
        unsigned taken = 0, raised = 0;

        cfg.idr1 = (cfg.idr1 & ~(31u << 16)) | lg2 << 16;
        fx_start(&cfg);
        for (; raised < 4u << lg2; raised++) {
            const uint64_t record[4] = {0x10 | (uint64_t)raised << 32, 0, raised, 0};

            smmuv3_model_raise_event(fx.model, record);
            if (raised % 3 != 0)
                continue;
            for (unsigned n; (n = smmuv3_faults(fx.unit, out, ARRAY_SIZE(out))) != 0;)
                taken += n;
        }
        assert_in_range(taken, lg2 < 2 ? raised / 4 : raised - 3, raised);
        fx_close();
    }
}

/* A full queue loses what does not fit, says so once, and works again when it was emptied. */
static void overflow_of_every_size(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    (void)state;
    for (unsigned lg2 = 0; lg2 <= 9; lg2++) {
        struct iommu_fault out[512];

        cfg.idr1 = (cfg.idr1 & ~(31u << 16)) | lg2 << 16;
        fx_start(&cfg);
        for (unsigned round = 1; round <= 3; round++) {
            for (unsigned i = 0; i < (1u << lg2) + 5; i++)
                fx_assert_blocked(FX_SID, FX_IOVA, C_BAD_STREAMID);
            assert_int_equal(smmuv3_faults(fx.unit, out, ARRAY_SIZE(out)), 1u << lg2);
            assert_int_equal(fx_stats().overflows, round);
            assert_int_equal(smmuv3_faults(fx.unit, out, ARRAY_SIZE(out)), 0);
        }
        fx_close();
    }
}

/* ---- every error (7.1, 7.5) ------------------------------------------------------------------ */

/* What each CERROR comes to when it is there once, and when it stays. */
static void every_command_error(void **state)
{
    static const struct {
        uint8_t code;
        int once, always;
        const char *name;
    } rows[] = {
        {0, -RF_EIO, -RF_EIO, "CERROR_NONE"},  {1, -RF_EIO, -RF_EIO, "CERROR_ILL"},
        {2, 0, -RF_EIO, "CERROR_ABT"},         {3, 0, -RF_EIO, "CERROR_ATC_INV_SYNC"},
        {4, -RF_EIO, -RF_EIO, "unknown code"}, {0x7f, -RF_EIO, -RF_EIO, "unknown code"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        for (int always = 0; always <= 1; always++) {
            struct iommu_domain *d;
            struct pt_gather g;

            fx_start(&smmuv3_model_virt);
            d = fx_domain(12);
            smmuv3_model_fail_command(fx.model, 2, rows[i].code, always ? 1000 : 1);
            pt_gather_init(&g);
            pt_gather_add(&g, (struct range){FX_IOVA, FX_IOVA + PAGE_SIZE - 1}, 12, false);
            assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g),
                             always ? rows[i].always : rows[i].once);
            assert_true(fx_log_has(rows[i].name));
            iommu_domain_destroy(d);
            fx_close();
        }
    }
}

#define CMDQ_ERR 1u

static void every_global_error(void **state)
{
    static const struct {
        unsigned bit;
        const char *text;
        bool kills;
    } rows[] = {
        {2, "could not write its event queue", false},
        {3, "PRIQ_ABT_ERR", false},
        {4, "MSI_CMDQ_ABT_ERR", false},
        {5, "MSI_EVENTQ_ABT_ERR", false},
        {6, "MSI_PRIQ_ABT_ERR", false},
        {7, "MSI_GERROR_ABT_ERR", false},
        {8, "SFM_ERR", true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct iommu_fault out;

        fx_start(&smmuv3_model_virt);
        smmuv3_model_raise_gerror(fx.model, 1u << rows[i].bit | CMDQ_ERR);
        (void)smmuv3_faults(fx.unit, &out, 1);
        assert_true(fx_log_has(rows[i].text));
        assert_int_equal(fx.unit->dead, rows[i].kills);
        /* GERRORN is GERROR, but for what the command queue's owner acknowledges. */
        assert_int_equal(
            smmuv3_model_read(fx.model, 0x60, 4) ^ smmuv3_model_read(fx.model, 0x64, 4), CMDQ_ERR);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_works),
        cmocka_unit_test(output_sizes),
        cmocka_unit_test(firmware_says_what_is_coherent),
        cmocka_unit_test(command_queue_of_every_size),
        cmocka_unit_test(event_queue_of_every_size),
        cmocka_unit_test(overflow_of_every_size),
        cmocka_unit_test(every_command_error),
        cmocka_unit_test(every_global_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
