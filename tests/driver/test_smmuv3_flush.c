/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv3_fixture.h"

#include "tests/driver/inline/slots.h"

/* After an unmap and its flush no translation is left, and not more commands than needed were sent
 * for it. */

static struct smmuv3_model_config without_ril(void)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    cfg.idr3 &= ~(1u << 10);
    return cfg;
}

/* ---- the number of commands ------------------------------------------------------------------ */

static const struct count_case {
    uint64_t pages; /* of 4 KiB */
    uint8_t leaf_lg2;
    bool tables;
    unsigned ril, single; /* TLBIs with and without range invalidation */
    bool single_is_asid;
} count_cases[] = {
    {1, 12, false, 1, 1, false},
    {31, 12, false, 1, 31, false},
    {32, 12, false, 1, 32, false},
    {33, 12, false, 2, 33, false},
    {256, 12, false, 1, 256, false},
    {511, 12, false, 2, 511, false},
    {512, 12, false, 1, 1, true},
    {1u << 20, 12, false, 1, 1, true},
    {(1u << 20) - 1, 12, false, 4, 1, true},
    {UINT64_C(1) << 36, 12, false, 1, 1, true}, /* the whole space */
    {512, 21, false, 1, 1, false},              /* one block of 2 MiB */
    {16 * 512, 21, false, 1, 16, false},
    {512 * 512, 30, false, 1, 1, false},
    {512, 12, true, 1, 1, true}, /* and their table */
    {1, 12, true, 1, 1, false},
    {1, 0, false, 1, 1, false}, /* nothing is known of the leaves */
    {33, 0, false, 1, 33, false},
    {34, 0, false, 1, 34, false},
    {65, 0, false, 2, 65, false},
};

static void flush_one(struct iommu_domain *d, const struct count_case *c)
{
    uint64_t start = c->pages >> 36 ? 0 : GIB(4);
    struct pt_gather g;

    pt_gather_init(&g);
    pt_gather_add(&g, (struct range){start, start + c->pages * PAGE_SIZE - 1}, c->leaf_lg2,
                  c->tables);
    smmuv3_model_clear_counts(fx.model);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
    assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_SYNC), 1);
}

static void commands_are_counted(void **state)
{
    struct smmuv3_model_config single = without_ril();

    (void)state;
    for (int ril = 0; ril <= 1; ril++) {
        struct iommu_domain *d;

        fx_start(ril ? &smmuv3_model_virt : &single);
        d = fx_domain(12);
        for (size_t i = 0; i < ARRAY_SIZE(count_cases); i++) {
            const struct count_case *c = &count_cases[i];
            bool asid = !ril && c->single_is_asid;

            flush_one(d, c);
            print_message("%s %lu pages\n", ril ? "range" : "single", c->pages);
            assert_int_equal(
                smmuv3_model_count(fx.model, asid ? SMMU_OP_TLBI_NH_ASID : SMMU_OP_TLBI_NH_VA),
                ril ? c->ril : c->single);
            assert_int_equal(
                smmuv3_model_count(fx.model, asid ? SMMU_OP_TLBI_NH_VA : SMMU_OP_TLBI_NH_ASID), 0);
        }
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* Where the range is not made of whole leaves no hint is given (4.4.1): the model would call what
 * is then invalidated unpredictable. */
static void a_hint_needs_whole_leaves(void **state)
{
    struct iommu_domain *d;
    struct pt_gather g;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    pt_gather_init(&g);
    pt_gather_add(&g, (struct range){MIB(2) + 0x1000, MIB(4) - 1}, 21, false);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
    fx_assert_no_violation();
    iommu_domain_destroy(d);
    fx_close();
}

static void empty_gather_costs_nothing(void **state)
{
    struct iommu_domain *d;
    struct pt_gather g;
    uint64_t before;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    before = fx_stats().commands;
    pt_gather_init(&g);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
    assert_int_equal(fx_stats().commands, before);
    iommu_domain_destroy(d);
    fx_close();
}

static void one_sync_for_many_ranges(void **state)
{
    struct iommu_domain *d;
    struct pt_gather g;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    pt_gather_init(&g);
    for (uint64_t i = 0; i < 20; i++)
        pt_gather_add(&g, (struct range){i * MIB(1), i * MIB(1) + PAGE_SIZE - 1}, 12, false);
    smmuv3_model_clear_counts(fx.model);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
    assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), 20);
    assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_SYNC), 1);
    iommu_domain_destroy(d);
    fx_close();
}

/* ---- nothing stale --------------------------------------------------------------------------- */

static void assert_unmapped(uint32_t sid, uint64_t iova)
{
    fx_assert_blocked(sid, iova, F_TRANSLATION);
}

/* A range of several commands: each is for its own part. */
static void every_part_of_a_range_is_invalidated(void **state)
{
    static const unsigned pages[] = {31, 33, 63, 65, 95};

    (void)state;
    for (size_t n = 0; n < ARRAY_SIZE(pages); n++) {
        struct iommu_domain *d;

        fx_start(&smmuv3_model_virt);
        d = fx_domain(12);
        fx_attach(d, FX_SID);
        fx_map(d, FX_IOVA, FX_PA, pages[n] * PAGE_SIZE);
        for (unsigned i = 0; i < pages[n]; i++)
            fx_assert_passes(FX_SID, FX_IOVA + i * PAGE_SIZE, FX_PA + i * PAGE_SIZE);
        fx_unmap_sync(d, FX_IOVA, pages[n] * PAGE_SIZE);
        for (unsigned i = 0; i < pages[n]; i++)
            assert_unmapped(FX_SID, FX_IOVA + i * PAGE_SIZE);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

static void map_use_unmap_use(const struct smmuv3_model_config *cfg, unsigned granule_lg2,
                              uint64_t stride_pages)
{
    struct iommu_domain *d;

    fx_start(cfg);
    d = fx_domain(granule_lg2);
    fx_attach(d, FX_SID);
    slots_come_and_go(d, FX_SID, stride_pages, assert_unmapped);
    fx_detach_destroy(d, FX_SID);
    fx_close();
}

static void nothing_stale_after_a_flush(void **state)
{
    static const unsigned granules[] = {12, 14, 16};
    static const uint64_t strides[] = {1, 3, 700};
    struct smmuv3_model_config single = without_ril();

    (void)state;
    for (size_t g = 0; g < ARRAY_SIZE(granules); g++)
        for (size_t i = 0; i < ARRAY_SIZE(strides); i++) {
            map_use_unmap_use(&smmuv3_model_virt, granules[g], strides[i]);
            map_use_unmap_use(&single, granules[g], strides[i]);
        }
}

/* Blocks: the level hint has to name their level. */
static void blocks_are_flushed(void **state)
{
    static const struct {
        unsigned granule_lg2, leaf_lg2;
    } blocks[] = {{12, 21}, {12, 30}, {14, 25}, {16, 29}};
    struct smmuv3_model_config single = without_ril();

    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_SIZE(blocks); i++) {
        uint64_t size = UINT64_C(1) << blocks[i / 2].leaf_lg2;
        struct iommu_domain *d;

        fx_start(i % 2 ? &single : &smmuv3_model_virt);
        d = fx_domain(blocks[i / 2].granule_lg2);
        fx_attach(d, FX_SID);
        fx_map(d, 4 * size, size, 2 * size);
        fx_assert_passes(FX_SID, 4 * size + 0x1238, size + 0x1238);
        fx_assert_passes(FX_SID, 6 * size - 8, 3 * size - 8);
        fx_unmap_sync(d, 4 * size, size);
        fx_assert_blocked(FX_SID, 4 * size + 0x1238, F_TRANSLATION);
        fx_assert_passes(FX_SID, 6 * size - 8, 3 * size - 8);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

/* An address-space id that is used again brings nothing along. */
static void asid_is_clean_when_reused(void **state)
{
    uint16_t first = 0;

    (void)state;
    fx_start(&smmuv3_model_virt);
    for (int round = 0; round < 2; round++) {
        struct iommu_domain *d = fx_domain(12);

        fx_attach(d, FX_SID);
        if (round == 0) {
            first = d->asid;
            fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
            fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
        } else {
            assert_int_equal(d->asid, first);
            fx_assert_blocked(FX_SID, FX_IOVA, F_TRANSLATION);
        }
        fx_detach_destroy(d, FX_SID);
    }
    fx_close();
}

/* The tests above find a command that is missing: here one is, and the model tells. */
static void a_missing_command_is_noticed(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    fx_attach(d, FX_SID);
    fx_map(d, FX_IOVA, FX_PA, 2 * PAGE_SIZE);
    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    smmuv3_model_drop(fx.model, SMMU_OP_TLBI_NH_VA, true);
    fx_unmap_sync(d, FX_IOVA, PAGE_SIZE);
    assert_true(fx_dma(FX_SID, FX_IOVA, true).stale);

    smmuv3_model_drop(fx.model, SMMU_OP_CFGI_STE, true);
    fx_assert_passes(FX_SID, FX_IOVA + PAGE_SIZE, FX_PA + PAGE_SIZE);
    fx_detach(d, FX_SID);
    assert_true(fx_dma(FX_SID, FX_IOVA + PAGE_SIZE, true).stale);
    iommu_domain_destroy(d);
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_counted),
        cmocka_unit_test(a_hint_needs_whole_leaves),
        cmocka_unit_test(empty_gather_costs_nothing),
        cmocka_unit_test(one_sync_for_many_ranges),
        cmocka_unit_test(every_part_of_a_range_is_invalidated),
        cmocka_unit_test(nothing_stale_after_a_flush),
        cmocka_unit_test(blocks_are_flushed),
        cmocka_unit_test(asid_is_clean_when_reused),
        cmocka_unit_test(a_missing_command_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
