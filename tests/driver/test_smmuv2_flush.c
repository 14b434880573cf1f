/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"

#include "tests/driver/inline/slots.h"

/* After an unmap and its flush no translation is left, and not more was written for it than was
 * needed. */

static unsigned count(enum smmuv2_model_op op)
{
    return smmuv2_model_count(fx.model, op);
}

static unsigned invalidations(void)
{
    unsigned n = 0;

    for (enum smmuv2_model_op op = 0; op < SMMU2_SYNC; op++)
        n += count(op);
    return n;
}

static void flush_range(struct iommu_domain *d, uint64_t start, uint64_t size, uint8_t leaf_lg2,
                        bool tables)
{
    struct pt_gather g;

    pt_gather_init(&g);
    pt_gather_add(&g, (struct range){start, start + size - 1}, leaf_lg2, tables);
    smmuv2_model_clear_counts(fx.model);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
}

/* ---- how much -------------------------------------------------------------------------------- */

/* At stage 1 of SMMUv2, 4 KiB pages. */
static const struct count_case {
    uint64_t pages;
    uint8_t leaf_lg2;
    bool tables;
    unsigned iva, ival, asid;
} count_cases[] = {
    {1, 12, false, 0, 1, 0},         {31, 12, false, 0, 31, 0},
    {256, 12, false, 0, 256, 0},     {257, 12, false, 0, 0, 1},
    {1u << 20, 12, false, 0, 0, 1},  {UINT64_C(1) << 36, 12, false, 0, 0, 1}, /* the whole space */
    {512, 21, false, 0, 1, 0}, /* one block of 2 MiB */
    {16 * 512, 21, false, 0, 16, 0}, {512 * 512, 30, false, 0, 1, 0},
    {1, 12, true, 1, 0, 0},                                    /* and its table */
    {512, 12, true, 0, 0, 1},        {33, 0, false, 0, 33, 0}, /* nothing is known of the leaves */
};

static void invalidations_are_counted(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv2_model_mmu500);
    d = fx_domain(12);
    fx_attach(d, SID);
    for (size_t i = 0; i < ARRAY_SIZE(count_cases); i++) {
        const struct count_case *c = &count_cases[i];

        print_message("%lu pages\n", c->pages);
        flush_range(d, c->pages >> 36 ? 0 : GIB(4), c->pages * PAGE_SIZE, c->leaf_lg2, c->tables);
        assert_int_equal(count(SMMU2_TLBIVA), c->iva);
        assert_int_equal(count(SMMU2_TLBIVAL), c->ival);
        assert_int_equal(count(SMMU2_TLBIASID), c->asid);
        assert_int_equal(invalidations(), c->iva + c->ival + c->asid);
        assert_int_equal(count(SMMU2_SYNC), 1);
    }
    fx_detach_destroy(d, SID);
    fx_close();
}

/* Stage 2 of SMMUv1 knows no addresses: all of the domain goes, by one write. */
static void stage_2_of_smmuv1_is_flushed_whole(void **state)
{
    struct iommu_domain *d;

    (void)state;
    d = start_attached(&smmuv2_model_mmu401);
    for (uint64_t pages = 1; pages <= 4096; pages *= 16) {
        flush_range(d, FX_IOVA, pages * fx_granule(), 0, false);
        assert_int_equal(count(SMMU2_TLBIVMID), 1);
        assert_int_equal(invalidations(), 1);
        assert_int_equal(count(SMMU2_SYNC), 1);
    }
    fx_detach_destroy(d, SID);
    fx_close();
}

static void empty_gather_costs_nothing(void **state)
{
    struct iommu_domain *d;
    struct pt_gather g;

    (void)state;
    fx_start(&smmuv2_model_mmu500);
    d = fx_domain(12);
    fx_attach(d, SID);
    smmuv2_model_clear_counts(fx.model);
    pt_gather_init(&g);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
    assert_int_equal(invalidations() + count(SMMU2_SYNC), 0);
    fx_detach_destroy(d, SID);
    fx_close();
}

static void one_sync_for_many_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct iommu_domain *d;
        struct pt_gather g;

        fx_start(&cfg);
        d = fx_domain(0);
        fx_attach(d, SID);
        pt_gather_init(&g);
        for (uint64_t n = 0; n < 20; n++)
            pt_gather_add(&g, (struct range){n * MIB(1), n * MIB(1) + fx_granule() - 1},
                          (uint8_t)fx_granule_lg2(), false);
        smmuv2_model_clear_counts(fx.model);
        assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
        assert_int_equal(count(SMMU2_SYNC), 1);
        assert_true(invalidations() == 20 || invalidations() == 1);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* ---- nothing stale --------------------------------------------------------------------------- */

static void assert_unmapped(uint32_t sid, uint64_t iova)
{
    fx_assert_faults(sid, iova, CF_TRANSLATION);
}

static void map_use_unmap_use(const struct part *p, uint64_t stride_pages)
{
    struct smmuv2_model_config cfg = part_config(p);
    struct iommu_domain *d;

    fx_start(&cfg);
    d = fx_domain(p->granule_lg2);
    fx_attach(d, SID);
    slots_come_and_go(d, SID, stride_pages, assert_unmapped);
    fx_detach_destroy(d, SID);
    fx_close();
}

static void nothing_stale_after_a_flush(void **state)
{
    static const uint64_t strides[] = {1, 3, 700};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        for (size_t k = 0; k < ARRAY_SIZE(strides); k++)
            map_use_unmap_use(&parts[i], strides[k]);
}

static void blocks_are_flushed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct iommu_domain *d;
        uint64_t size;

        fx_start(&cfg);
        d = fx_domain(parts[i].granule_lg2);
        size = UINT64_C(1) << (2 * d->pt.cfg.granule_lg2 - 3);
        fx_attach(d, SID);
        fx_map(d, 4 * size, size, 2 * size);
        fx_assert_passes(SID, 4 * size + 0x1238, size + 0x1238);
        fx_assert_passes(SID, 6 * size - 8, 3 * size - 8);
        fx_unmap_sync(d, 4 * size, size);
        fx_assert_faults(SID, 4 * size + 0x1238, CF_TRANSLATION);
        fx_assert_passes(SID, 6 * size - 8, 3 * size - 8);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* An address-space id, and a context bank, that are used again bring nothing along; nor does a
 * domain that was detached, changed and attached again. */
static void what_is_used_again_is_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct iommu_domain *d;

        fx_start(&cfg);
        d = fx_attached(SID);
        fx_detach(d, SID);
        fx_unmap_sync(d, FX_IOVA, fx_granule());
        fx_attach(d, SID);
        fx_assert_faults(SID, FX_IOVA, CF_TRANSLATION);
        fx_map(d, FX_IOVA, FX_PA + MIB(1), fx_granule());
        fx_assert_passes(SID, FX_IOVA, FX_PA + MIB(1));
        fx_detach_destroy(d, SID);

        d = fx_domain(0);
        fx_attach(d, SID);
        fx_assert_faults(SID, FX_IOVA, CF_TRANSLATION);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* Where rights get smaller. */
static void a_right_that_was_taken_is_flushed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct iommu_domain *d;
        struct pt_gather g;

        fx_start(&cfg);
        d = fx_attached(SID);
        pt_gather_init(&g);
        assert_int_equal(pt_protect(&d->pt, FX_IOVA, fx_granule(), PT_READ | PT_USER, &g), 0);
        assert_int_equal(iommu_domain_sync(d, &g), 0);
        assert_int_equal(fx_dma(SID, FX_IOVA, true).fsr, CF_PERMISSION);
        assert_true(fx_dma(SID, FX_IOVA, false).passed);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

/* ---- errata ---------------------------------------------------------------------------------- */

/* MMU-500 826419, 841119, 1047329: what was prefetched is missed by an invalidation of its address;
 * prefetching is off, which takes sACR.CACHE_LOCK to be open first. */
static void mmu500_prefetches_nothing(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv2_model_mmu500);
    d = fx_domain(12);
    fx_map(d, FX_IOVA, FX_PA, 8 * PAGE_SIZE);
    fx_attach(d, SID);
    fx_assert_passes(SID, FX_IOVA, FX_PA);
    fx_unmap_sync(d, FX_IOVA + PAGE_SIZE, PAGE_SIZE);
    fx_assert_faults(SID, FX_IOVA + PAGE_SIZE, CF_TRANSLATION);
    for (unsigned bank = 0; bank < 16; bank++)
        assert_int_equal(smmuv2_model_read(fx.model, smmuv2_model_bank(fx.model, bank, 4), 4) & 2,
                         0);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* The tests above find an invalidation that is missing: here one is, and the model tells. */
static void a_missing_invalidation_is_noticed(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv2_model_mmu500);
    d = fx_domain(12);
    fx_attach(d, SID);
    fx_map(d, FX_IOVA, FX_PA, 2 * PAGE_SIZE);
    fx_assert_passes(SID, FX_IOVA, FX_PA);
    smmuv2_model_drop(fx.model, SMMU2_TLBIVAL, true);
    fx_unmap_sync(d, FX_IOVA, PAGE_SIZE);
    assert_true(fx_dma(SID, FX_IOVA, true).stale);
    fx_detach_destroy(d, SID);
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invalidations_are_counted),
        cmocka_unit_test(stage_2_of_smmuv1_is_flushed_whole),
        cmocka_unit_test(empty_gather_costs_nothing),
        cmocka_unit_test(one_sync_for_many_ranges),
        cmocka_unit_test(nothing_stale_after_a_flush),
        cmocka_unit_test(blocks_are_flushed),
        cmocka_unit_test(what_is_used_again_is_clean),
        cmocka_unit_test(a_right_that_was_taken_is_flushed),
        cmocka_unit_test(mmu500_prefetches_nothing),
        cmocka_unit_test(a_missing_invalidation_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
