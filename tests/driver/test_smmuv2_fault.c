/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"

/* Fault status registers, global and of context banks, become fault records. */

#define MULTI 0x80000000u

static unsigned drain(struct iommu_fault *out, unsigned max)
{
    return fx.unit->ops->faults(fx.unit, out, max);
}

/* The bank that was given to the only domain. */
/* ---- decoding -------------------------------------------------------------------------------- */

/* Bits of SMMU_CBn_FSR (16.5.5). */
static const uint32_t context_faults[] = {1 << 1, 1 << 2, 1 << 3, 1 << 4,
                                          1 << 5, 1 << 6, 1 << 7, 1 << 8};

static void context_faults_are_decoded(void **state)
{
    const char *name[ARRAY_SIZE(context_faults)];
    struct iommu_domain *d = start_attached(&smmuv2_model_mmu500);
    unsigned bank = first_bank();

    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_SIZE(context_faults); i++) {
        struct iommu_fault f;

        smmuv2_model_raise_context(fx.model, bank, context_faults[i / 2], SID, 0x123456789ab8,
                                   i % 2);
        assert_int_equal(drain(&f, 1), 1);
        assert_true(strlen(f.meaning) > 10 && strlen(f.advice) > 10);
        assert_int_equal(f.sid, SID);
        assert_true(f.has_iova);
        assert_int_equal(f.iova, 0x123456789ab8);
        assert_int_equal(f.write, i % 2);
        name[i / 2] = f.event;
        for (size_t o = 0; o < i / 2; o++)
            assert_string_not_equal(f.event, name[o]);
        assert_int_equal(drain(&f, 1), 0); /* it was cleared */
    }
    fx_detach_destroy(d, SID);
    fx_close();
}

/* Bits of sGFSR (10.6.5): the stream is known, the address only sometimes. */
static const uint32_t global_faults[] = {1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 4,
                                         1 << 5, 1 << 6, 1 << 7, 1 << 8};

static void global_faults_are_decoded(void **state)
{
    const char *name[ARRAY_SIZE(global_faults)];

    (void)state;
    fx_start(&smmuv2_model_mmu500);
    for (size_t i = 0; i < ARRAY_SIZE(global_faults); i++) {
        struct iommu_fault f;

        smmuv2_model_raise_global(fx.model, global_faults[i], SID, 0x76543210);
        assert_int_equal(drain(&f, 1), 1);
        assert_true(strlen(f.meaning) > 10 && strlen(f.advice) > 10);
        assert_int_equal(f.sid, SID);
        name[i] = f.event;
        for (size_t o = 0; o < i; o++)
            assert_string_not_equal(f.event, name[o]);
        assert_int_equal(drain(&f, 1), 0);
    }
    fx_close();
}

static void a_refused_dma_is_reported(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct iommu_domain *d = start_attached(&cfg);
        struct iommu_fault f;

        assert_int_equal(drain(&f, 1), 0);
        assert_int_equal(fx_dma(SID, FX_IOVA + MIB(4) + 8, true).fsr, CF_TRANSLATION);
        assert_int_equal(drain(&f, 1), 1);
        assert_int_equal(f.iova, FX_IOVA + MIB(4) + 8);
        assert_int_equal(f.sid, SID);
        assert_true(f.write && f.has_iova);
        fx_assert_denied(NEIGHBOUR);
        assert_int_equal(drain(&f, 1), 1);
        assert_int_equal(f.sid, NEIGHBOUR);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* ---- many ------------------------------------------------------------------------------------ */

/* One record a register: MULTI says that there were more. */
static void what_was_lost_is_counted(void **state)
{
    struct iommu_domain *d = start_attached(&smmuv2_model_mmu401);
    struct iommu_fault f[4];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        (void)fx_dma(SID, MIB(1) * i, false);
        (void)fx_dma(NEIGHBOUR, MIB(1) * i, false);
    }
    assert_int_equal(drain(f, 4), 2);
    assert_int_equal(fx_stats().lost, 2);
    assert_int_equal(fx_stats().faults, 2);
    assert_int_equal(drain(f, 4), 0);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* A caller with little room takes them one by one, and none twice. */
static void every_bank_is_looked_at(void **state)
{
    struct iommu_domain *d[4];
    unsigned seen = 0;
    struct iommu_fault f;

    (void)state;
    fx_start(&smmuv2_model_mmu401);
    for (unsigned i = 0; i < 4; i++) {
        d[i] = fx_domain(0);
        fx_attach(d[i], SID + i);
        fx_assert_faults(SID + i, FX_IOVA, CF_TRANSLATION);
    }
    fx_assert_denied(SID + 4);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(drain(&f, 1), 1);
        assert_true(f.sid >= SID && f.sid < SID + 5);
        assert_int_equal(seen >> (f.sid - SID) & 1, 0);
        seen |= 1u << (f.sid - SID);
    }
    assert_int_equal(drain(&f, 1), 0);
    for (unsigned i = 0; i < 4; i++)
        fx_detach_destroy(d[i], SID + i);
    fx_close();
}

/* A device floods: the good one of the same domain goes on, and the work of a look is bounded. */
static void a_storm_is_survived(void **state)
{
    struct iommu_domain *d = start_attached(&smmuv2_model_mmu500);
    struct iommu_fault f[8];

    (void)state;
    fx_attach(d, NEIGHBOUR);
    for (unsigned i = 0; i < 20000; i++) {
        (void)fx_dma(SID, i * PAGE_SIZE, true);
        if (i % 1000 == 0) {
            fx_assert_passes(NEIGHBOUR, FX_IOVA, FX_PA);
            assert_true(drain(f, 8) <= 2);
        }
    }
    fx_assert_passes(NEIGHBOUR, FX_IOVA, FX_PA);
    fx_detach(d, NEIGHBOUR);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* Whatever the registers say, also of banks that are off. */
static void garbage_is_survived(void **state)
{
    struct iommu_domain *d = start_attached(&smmuv2_model_mmu500);
    struct iommu_fault f[8];
    uint32_t word = 1;

    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        word = word * 1664525 + 1013904223;
        smmuv2_model_preset(fx.model, 0x48, word);
        smmuv2_model_preset(fx.model, smmuv2_model_bank(fx.model, word % 16, 0x58),
                            word & ~0x40000000u);
        assert_true(drain(f, 8) <= 8);
        fx_assert_passes(SID, FX_IOVA, FX_PA);
    }
    fx_detach_destroy(d, SID);
    fx_close();
}

/* The handler of every wired interrupt drains what there is. */
static void the_interrupt_handler_drains(void **state)
{
    struct iommu_domain *d = start_attached(&smmuv2_model_mmu401);
    struct iommu_fault f;

    (void)state;
    fx_assert_faults(SID, 0, CF_TRANSLATION);
    smmuv2_irq(365, fx.unit);
    assert_int_equal(fx_stats().faults, 1);
    assert_int_equal(drain(&f, 1), 0);
    fx_detach_destroy(d, SID);
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(context_faults_are_decoded),
        cmocka_unit_test(global_faults_are_decoded),
        cmocka_unit_test(a_refused_dma_is_reported),
        cmocka_unit_test(what_was_lost_is_counted),
        cmocka_unit_test(every_bank_is_looked_at),
        cmocka_unit_test(a_storm_is_survived),
        cmocka_unit_test(garbage_is_survived),
        cmocka_unit_test(the_interrupt_handler_drains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
