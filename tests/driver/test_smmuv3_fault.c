/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv3_fixture.h"

/* Event records, their loss, and global errors. */

#define EVENTS 512u /* entries of the driver's event queue */

static unsigned drain(struct iommu_fault *out, unsigned max)
{
    return fx.unit->ops->faults(fx.unit, out, max);
}

static void raise_event(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    const uint64_t record[4] = {w0, w1, w2, w3};

    smmuv3_model_raise_event(fx.model, record);
}

/* ---- decoding (7.3) -------------------------------------------------------------------------- */

#define RNW (UINT64_C(1) << 35)
#define IND (UINT64_C(1) << 34)

static const struct decode_case {
    uint8_t id;
    uint64_t w1;
    const char *name;
    bool has_iova, write, execute, has_fetch;
} decode_cases[] = {
    {0x01, RNW, "F_UUT", true, false, false, false},
    {0x02, 0, "C_BAD_STREAMID", false, false, false, false},
    {0x03, 0, "F_STE_FETCH", false, false, false, true},
    {0x04, 0, "C_BAD_STE", false, false, false, false},
    {0x05, RNW, "F_BAD_ATS_TREQ", true, false, false, false},
    {0x06, 0, "F_STREAM_DISABLED", false, false, false, false},
    {0x07, 0, "F_TRANSL_FORBIDDEN", true, true, false, false},
    {0x08, 0, "C_BAD_SUBSTREAMID", false, false, false, false},
    {0x09, 0, "F_CD_FETCH", false, false, false, true},
    {0x0a, 0, "C_BAD_CD", false, false, false, false},
    {0x0b, RNW, "F_WALK_EABT", true, false, false, true},
    {0x10, RNW, "F_TRANSLATION", true, false, false, false},
    {0x10, 0, "F_TRANSLATION", true, true, false, false},
    {0x11, RNW | IND, "F_ADDR_SIZE", true, false, true, false},
    {0x12, RNW, "F_ACCESS", true, false, false, false},
    {0x13, 0, "F_PERMISSION", true, true, false, false},
    {0x20, 0, "F_TLB_CONFLICT", true, true, false, false},
    {0x21, 0, "F_CFG_CONFLICT", false, false, false, false},
    {0x24, 0, "E_PAGE_REQUEST", true, false, false, false},
    {0x25, 0, "F_VMS_FETCH", false, false, false, true},
    {0xe0, 0, "unknown event", false, false, false, false},
};

static void records_are_decoded(void **state)
{
    (void)state;
    fx_start(&smmuv3_model_virt);
    for (size_t i = 0; i < ARRAY_SIZE(decode_cases); i++) {
        const struct decode_case *c = &decode_cases[i];
        struct iommu_fault f;

        raise_event(c->id | UINT64_C(0xabcd) << 32, c->w1, 0x123456789abcdef0, 0x76543218);
        assert_int_equal(drain(&f, 1), 1);
        assert_string_equal(f.event, c->name);
        assert_int_equal(f.code, c->id == 0xe0 ? 0xe0 : 0); /* the others have their name */
        assert_true(strlen(f.meaning) > 10 && strlen(f.advice) > 10);
        assert_int_equal(f.sid, 0xabcd);
        assert_int_equal(f.has_iova, c->has_iova);
        assert_int_equal(f.iova, c->has_iova ? 0x123456789abcdef0 : 0);
        assert_int_equal(f.write, c->write);
        assert_int_equal(f.execute, c->execute);
        assert_int_equal(f.has_fetch, c->has_fetch);
        assert_int_equal(f.fetch, c->has_fetch ? 0x76543218 : 0);
        assert_int_equal(f.raw[2], 0x123456789abcdef0);
    }
    fx_close();
}

static void a_refused_dma_is_reported(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    (void)state;
    cfg.ram_base = FX_RAM_BASE;
    cfg.ram_size = FX_RAM_SIZE;
    for (int non_coherent = 0; non_coherent <= 1; non_coherent++) {
        struct iommu_domain *d;
        struct iommu_fault f[4];

        cfg.non_coherent = non_coherent;
        fx_start(&cfg);
        assert_int_equal(drain(f, 4), 0);
        d = fx_domain(12);
        fx_attach(d, FX_SID);
        fx_assert_blocked(FX_SID, FX_IOVA, F_TRANSLATION); /* a read and a write */
        assert_int_equal(drain(f, 4), 2);
        assert_string_equal(f[0].event, "F_TRANSLATION");
        assert_false(f[0].write);
        assert_true(f[1].write);
        assert_int_equal(f[1].iova, FX_IOVA);
        assert_int_equal(f[1].sid, FX_SID);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

static void indices_in_page_0(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;
    struct smmuv3_config unit = fx_unit_config();
    struct iommu_fault f;

    (void)state;
    cfg.page0_only = true;
    unit.page0_only = true;
    unit.regs.size = 0x10000;
    fx_open_cfg(&cfg, &unit);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    raise_event(0x10, 0, FX_IOVA, 0);
    assert_int_equal(drain(&f, 1), 1);
    assert_int_equal(f.iova, FX_IOVA);
    fx_close();
}

/* ---- loss (7.4) ------------------------------------------------------------------------------ */

/* In pieces, and round the ring more than once. */
static void every_record_arrives_once(void **state)
{
    struct iommu_fault f[3];
    uint64_t next_in = 0, next_out = 0;

    (void)state;
    fx_start(&smmuv3_model_virt);
    while (next_out < 3 * EVENTS) {
        unsigned n;

        for (unsigned i = 0; i < 1 + next_in % 5; i++, next_in++)
            raise_event(0x10, 0, next_in, 0);
        do {
            n = drain(f, ARRAY_SIZE(f));
            for (unsigned i = 0; i < n; i++)
                assert_int_equal(f[i].iova, next_out++);
        } while (n);
        assert_int_equal(next_in, next_out);
    }
    assert_int_equal(fx_stats().events, next_out);
    assert_int_equal(fx_stats().overflows, 0);
    fx_close();
}

static void overflow_is_survived(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;
    static struct iommu_fault f[EVENTS];

    (void)state;
    for (int abort_instead = 0; abort_instead <= 1; abort_instead++) {
        cfg.no_overflow_flag = abort_instead;
        fx_start(&cfg);
        for (unsigned round = 1; round <= 3; round++) {
            for (unsigned i = 0; i < EVENTS + 100; i++)
                raise_event(0x10, 0, i, 0);
            assert_int_equal(drain(f, EVENTS), EVENTS);
            assert_int_equal(f[EVENTS - 1].iova, EVENTS - 1);
            assert_int_equal(drain(f, EVENTS), 0);
            assert_int_equal(fx_stats().overflows, round);
        }
        assert_true(fx_log_has("fault records were lost"));
        raise_event(0x13, 0, 7, 0);
        assert_int_equal(drain(f, EVENTS), 1);
        assert_int_equal(f[0].iova, 7);
        fx_close();
    }
}

/* ---- global errors (7.5) --------------------------------------------------------------------- */

static void global_errors_are_acknowledged(void **state)
{
    struct iommu_fault f;

    (void)state;
    fx_start(&smmuv3_model_virt);
    for (int round = 0; round < 2; round++) {
        smmuv3_model_raise_gerror(fx.model, 1 << 7 | 1 << 5);
        fx.logged = 0;
        if (round == 0)
            smmuv3_irq_gerror(0, fx.unit);
        else
            assert_int_equal(drain(&f, 1), 0);
        assert_true(fx_log_has("MSI_GERROR_ABT_ERR"));
        assert_true(fx_log_has("MSI_EVENTQ_ABT_ERR"));
        fx.logged = 0;
        fx.log[0] = '\0';
        smmuv3_irq_gerror(0, fx.unit);
        assert_string_equal(fx.log, "");
    }
    assert_false(fx.unit->dead);
    fx_close();
}

/* It was switched off: what is read is no index. */
static void a_unit_that_is_gone_has_no_records(void **state)
{
    struct iommu_fault f;

    (void)state;
    fx_start(&smmuv3_model_virt);
    smmuv3_model_set_silent(fx.model, UINT32_MAX);
    assert_int_equal(smmuv3_faults(fx.unit, &f, 1), 0);
    assert_int_equal(fx_stats().overflows, 0);
    fx_close();
}

static void service_failure_blocks_the_unit(void **state)
{
    (void)state;
    fx_start(&smmuv3_model_virt);
    smmuv3_model_raise_gerror(fx.model, 1 << 8);
    smmuv3_irq_gerror(0, fx.unit);
    assert_true(fx_log_has("SFM_ERR"));
    assert_true(fx.unit->dead);
    fx_assert_blocked(FX_SID, FX_IOVA, 0);
    fx_close();
}

static void interrupt_drains_the_queue(void **state)
{
    (void)state;
    fx_start(&smmuv3_model_virt);
    raise_event(0x10, 0, FX_IOVA, 0);
    smmuv3_irq_eventq(0, fx.unit);
    assert_int_equal(fx_stats().events, 1);
    iommu_fault_flush();
    assert_true(fx_log_has("F_TRANSLATION"));
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_decoded),
        cmocka_unit_test(a_refused_dma_is_reported),
        cmocka_unit_test(indices_in_page_0),
        cmocka_unit_test(every_record_arrives_once),
        cmocka_unit_test(overflow_is_survived),
        cmocka_unit_test(global_errors_are_acknowledged),
        cmocka_unit_test(a_unit_that_is_gone_has_no_records),
        cmocka_unit_test(service_failure_blocks_the_unit),
        cmocka_unit_test(interrupt_drains_the_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
