/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"

/* Fault records: decoding, loss, the fault event. */

static unsigned drain(struct iommu_fault *out, unsigned max)
{
    return fx.unit->ops->faults(fx.unit, out, max);
}

#define READ (UINT64_C(1) << 62)

static void raise(uint8_t reason, uint32_t sid, uint64_t low, uint64_t flags)
{
    vtd_model_raise_fault(fx.model, low, sid | (uint64_t)reason << 32 | flags);
}

/* ---- decoding -------------------------------------------------------------------------------- */

/* Every reason of the specification (VT-d 7.1.3), but those of tables of permissions (HPT). */
static const struct {
    uint8_t code;
    const char *condition;
} dma_reasons[] = {
    {0x01, "LRT.2"}, {0x02, "LCT.2"},  {0x03, "LCT.4"}, {0x04, "LGN.1"}, {0x05, "LGN.2"},
    {0x06, "LGN.3"}, {0x07, "LSS.1"},  {0x08, "LRT.1"}, {0x09, "LCT.1"}, {0x0a, "LRT.3"},
    {0x0b, "LCT.3"}, {0x0c, "LSS.2"},  {0x0d, "LCT.5"}, {0x0e, "LGN.4"}, {0x30, "RTA.1"},
    {0x31, "RTA.2"}, {0x32, "RTA.3"},  {0x33, "RTA.4"}, {0x34, "RTA.5"}, {0x38, "SRT.1"},
    {0x39, "SRT.2"}, {0x3a, "SRT.3"},  {0x40, "SCT.1"}, {0x41, "SCT.2"}, {0x42, "SCT.3"},
    {0x43, "SCT.4"}, {0x44, "SCT.5"},  {0x45, "SCT.6"}, {0x46, "SCT.7"}, {0x47, "SCT.8"},
    {0x48, "SCT.9"}, {0x49, "SCT.10"}, {0x50, "SPD.1"}, {0x51, "SPD.2"}, {0x52, "SPD.3"},
    {0x58, "SPT.1"}, {0x59, "SPT.2"},  {0x5a, "SPT.3"}, {0x5b, "SPT.4"}, {0x5c, "SPT.5"},
    {0x5d, "SPT.6"}, {0x60, "SPT.9"},  {0x70, "SFS.1"}, {0x71, "SFS.2"}, {0x72, "SFS.3"},
    {0x73, "SFS.4"}, {0x74, "SFS.5"},  {0x75, "SFS.6"}, {0x76, "SFS.7"}, {0x77, "SFS.8"},
    {0x78, "SSS.1"}, {0x79, "SSS.2"},  {0x7a, "SSS.3"}, {0x7b, "SSS.4"}, {0x7c, "SSS.5"},
    {0x7d, "SSS.6"}, {0x80, "SGN.1"},  {0x81, "SGN.2"}, {0x82, "SGN.3"}, {0x83, "SGN.4"},
    {0x84, "SGN.5"}, {0x85, "SGN.6"},  {0x86, "SGN.7"}, {0x87, "SGN.8"}, {0x89, "SGN.10"},
    {0x90, "SFS.9"}, {0x91, "SFS.10"},
};

static void memory_faults_are_decoded(void **state)
{
    (void)state;
    fx_start(&vtd_model_fs);
    for (size_t i = 0; i < 2 * ARRAY_SIZE(dma_reasons); i++) {
        bool read = i % 2;
        struct iommu_fault f;

        raise(dma_reasons[i / 2].code, 0xabcd, 0x123456789000, read ? READ : 0);
        assert_int_equal(drain(&f, 1), 1);
        assert_string_equal(f.event, dma_reasons[i / 2].condition);
        assert_int_equal(f.code, dma_reasons[i / 2].code);
        assert_true(strlen(f.meaning) > 10 && strlen(f.advice) > 10);
        assert_int_equal(f.sid, 0xabcd);
        assert_true(f.has_iova);
        assert_int_equal(f.iova, 0x123456789000);
        assert_int_equal(f.write, !read);
        assert_false(f.has_index);
        assert_int_equal(drain(&f, 1), 0);
    }
    fx_close();
}

static void an_unknown_reason_is_told_by_its_number(void **state)
{
    (void)state;
    fx_start(&vtd_model_fs);
    raise(0xe0, 1, 0, 0);
    raise(0xe1, 1, 0, 0);
    vtd_irq_fault(0, fx.unit);
    iommu_fault_flush();
    assert_true(fx_log_has(": unknown fault reason (E0h), "));
    fx_close();
}

static void interrupt_faults_are_decoded(void **state)
{
    (void)state;
    fx_start(&vtd_model_fs);
    for (uint8_t reason = 0x20; reason <= 0x2b; reason++) {
        bool indexed = reason != 0x25 && reason < 0x29; /* a compatible request has no index */
        struct iommu_fault f;

        raise(reason, 0x1234, UINT64_C(0x4321) << 48, 0);
        assert_int_equal(drain(&f, 1), 1);
        assert_int_equal(f.sid, 0x1234);
        assert_false(f.has_iova);
        assert_false(f.write);
        assert_string_equal(f.event, "interrupt fault");
        assert_int_equal(f.code, reason);
        assert_int_equal(f.has_index, indexed);
        assert_int_equal(f.index, indexed ? 0x4321 : 0);
    }
    fx_close();
}

static void a_refused_dma_is_reported(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct vtd_model_config cfg = *fx_modes[mode];
        struct iommu_domain *d;
        struct iommu_fault f[4];

        cfg.cap |= UINT64_C(3) << 40; /* four records */
        fx_start(&cfg);
        assert_int_equal(drain(f, 4), 0);
        d = fx_domain();
        fx_attach(d, FX_SID);
        fx_assert_unmapped(FX_SID, FX_IOVA); /* a read and a write */
        assert_int_equal(drain(f, 4), 2);
        assert_false(f[0].write);
        assert_true(f[1].write);
        assert_int_equal(f[1].iova, FX_IOVA);
        assert_int_equal(f[1].sid, FX_SID);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

/* ---- loss ------------------------------------------------------------------------------------ */

/* In pieces, and round the records more than once, with one record and with eight. */
static void every_record_arrives_once(void **state)
{
    static const unsigned counts[] = {1, 2, 8, 200};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        struct vtd_model_config cfg = vtd_model_fs;
        uint64_t in = 0, out = 0;

        cfg.cap = (cfg.cap & ~MASK(47, 40) & ~MASK(33, 24)) | (uint64_t)(counts[i] - 1) << 40 |
                  UINT64_C(0x22) << 24;
        fx_start(&cfg);
        while (out < 100) {
            struct iommu_fault f[3];
            unsigned n;

            for (unsigned k = 0; k < 1 + in % counts[i]; k++, in++)
                raise(0x71, 1, in << 12, 0);
            while ((n = drain(f, ARRAY_SIZE(f))) > 0)
                for (unsigned k = 0; k < n; k++)
                    assert_int_equal(f[k].iova, out++ << 12);
            assert_int_equal(in, out);
        }
        assert_int_equal(fx_stats().overflows, 0);
        assert_int_equal(fx_stats().faults, out);
        fx_close();
    }
}

/* QEMU has one record: the second fault is an overflow, and until that is acknowledged none more is
 * recorded. */
static void overflow_is_survived(void **state)
{
    struct iommu_fault f[4];

    (void)state;
    fx_start(&vtd_model_fs);
    for (unsigned round = 1; round <= 5; round++) {
        for (unsigned i = 0; i < 10; i++)
            raise(0x71, 1, (uint64_t)i << 12, 0);
        assert_int_equal(drain(f, 4), 1);
        assert_int_equal(f[0].iova, 0);
        assert_int_equal(drain(f, 4), 0);
        assert_int_equal(fx_stats().overflows, round);
    }
    assert_true(fx_log_has("fault records were lost"));
    assert_true(fx_log_has("4 times since boot"));
    assert_false(fx_log_has("5 times since boot")); /* only powers of two */
    raise(0x85, 2, 0x7000, 0);
    assert_int_equal(drain(f, 4), 1);
    assert_int_equal(f[0].iova, 0x7000);
    fx_close();
}

/* ---- the fault event ------------------------------------------------------------------------- */

static void fault_event_is_off_until_asked_for(void **state)
{
    (void)state;
    fx_start(&vtd_model_fs);
    raise(0x71, FX_SID, FX_IOVA, 0);
    assert_int_equal(vtd_model_fault_messages(fx.model), 0);
    vtd_irq_fault(0, fx.unit);
    vtd_set_fault_message(fx.unit, (struct msi_message){PADDR(UINT64_C(0x1234500fee01000)), 0x41});
    assert_int_equal(vtd_model_register(fx.model, 0x3c), 0x41);
    assert_int_equal(vtd_model_register(fx.model, 0x40), 0xfee01000);
    assert_int_equal(vtd_model_register(fx.model, 0x44), 0x1234500);
    raise(0x71, FX_SID, FX_IOVA + MIB(1), 0);
    assert_int_equal(vtd_model_fault_messages(fx.model), 1);
    vtd_irq_fault(0, fx.unit);
    assert_int_equal(fx_stats().faults, 2);
    iommu_fault_flush();
    assert_true(fx_log_has("SFS.2 (71h), the address is not mapped"));
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_faults_are_decoded),
        cmocka_unit_test(an_unknown_reason_is_told_by_its_number),
        cmocka_unit_test(interrupt_faults_are_decoded),
        cmocka_unit_test(a_refused_dma_is_reported),
        cmocka_unit_test(every_record_arrives_once),
        cmocka_unit_test(overflow_is_survived),
        cmocka_unit_test(fault_event_is_off_until_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
