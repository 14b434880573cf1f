/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"

#include "tests/driver/inline/slots.h"

/* After an unmap and its flush no translation is left, and not more descriptors than needed were
 * sent for it. */

static enum vtd_model_type page_type(void)
{
    return vtd_of(fx.unit)->feat.mode == VTD_SCALABLE_FS ? VTD_INV_PIOTLB : VTD_INV_IOTLB;
}

static unsigned invalidations(void)
{
    return vtd_model_count(fx.model, VTD_INV_IOTLB) + vtd_model_count(fx.model, VTD_INV_PIOTLB);
}

/* ---- the descriptors of one range ------------------------------------------------------------ */

enum { DOMAIN = -1 };

static const struct count_case {
    uint64_t first, pages; /* of 4 KiB */
    bool tables;
    unsigned count;
    int am; /* of the last one; DOMAIN: the whole domain instead */
} count_cases[] = {
    {0x100, 1, false, 1, 0},
    {0x100, 2, false, 1, 1},
    {0x101, 2, false, 1, 2}, /* four for two: not worth a second one */
    {0x100, 3, false, 1, 2},
    {0x100, 0x100, false, 1, 8},
    {0x100, 0x100, true, 1, 8},
    {0xff, 2, false, 2, 0},        /* across a large boundary: a page on each side */
    {0xfff, 0x1001, false, 1, 13}, /* nearly all of a block */
    {0x40000, 0x40000, false, 1, 18},
    {0x200, 0x40000, false, 2, 9}, /* one block would be above MAMV, two are not */
    {0x40000, 0x40001, false, 2, 0},
    {0x40000, 0x100000, false, 1, DOMAIN}, /* more than two blocks */
    {0, UINT64_C(1) << 35, false, 1, DOMAIN},
};

static void check_descriptor(const struct count_case *c)
{
    uint64_t d[2];

    vtd_model_last(fx.model, page_type(), d);
    if (c->am == DOMAIN) {
        assert_int_equal(d[0] >> 4 & 3, 2);
        assert_int_equal(d[1], 0);
        return;
    }
    assert_int_equal(d[0] >> 4 & 3, 3);
    assert_int_equal(d[1] & 0x3f, c->am);
    assert_int_equal(d[1] >> 6 & 1, !c->tables); /* IH: only leaves were changed */
}

static void descriptors_are_counted(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;

        fx_start(fx_modes[mode]);
        d = fx_domain();
        for (size_t i = 0; i < ARRAY_SIZE(count_cases); i++) {
            const struct count_case *c = &count_cases[i];
            struct pt_gather g;

            pt_gather_init(&g);
            pt_gather_add(&g, (struct range){c->first << 12, ((c->first + c->pages) << 12) - 1},
                          c->tables ? 0 : 12, c->tables);
            vtd_model_clear_counts(fx.model);
            assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
            print_message("mode %zu, %lx pages at %lx\n", mode, c->pages, c->first);
            assert_int_equal(vtd_model_count(fx.model, page_type()), c->count);
            assert_int_equal(invalidations(), c->count);
            assert_int_equal(vtd_model_count(fx.model, VTD_INV_WAIT), 1);
            check_descriptor(c);
        }
        iommu_domain_destroy(d);
        fx_close();
    }
}

static void one_wait_for_many_ranges(void **state)
{
    struct iommu_domain *d;
    struct pt_gather g;

    (void)state;
    fx_start(&vtd_model_fs);
    d = fx_domain();
    pt_gather_init(&g);
    for (uint64_t i = 0; i < PT_GATHER_RANGES; i++) /* two descriptors each */
        pt_gather_add(&g, (struct range){GIB(i + 1) - PAGE_SIZE, GIB(i + 1) + PAGE_SIZE - 1}, 12,
                      false);
    vtd_model_clear_counts(fx.model);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
    assert_int_equal(invalidations(), 2 * PT_GATHER_RANGES);
    assert_int_equal(vtd_model_count(fx.model, VTD_INV_WAIT), 1);
    iommu_domain_destroy(d);
    fx_close();
}

static void empty_gather_costs_nothing(void **state)
{
    struct iommu_domain *d;
    struct pt_gather g;
    uint64_t before;

    (void)state;
    fx_start(&vtd_model_fs);
    d = fx_domain();
    before = fx_stats().descriptors;
    pt_gather_init(&g);
    assert_int_equal(fx.unit->ops->flush(fx.unit, d, &g), 0);
    assert_int_equal(fx_stats().descriptors, before);
    iommu_domain_destroy(d);
    fx_close();
}

/* Without PSI, and with the smallest MAMV: what cannot be said by pages is said by domain. */
static void units_with_less(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * FX_MODES; i++) {
        struct vtd_model_config cfg = *fx_modes[i / 2];
        struct iommu_domain *d;
        bool psi = i % 2;

        fx_set(&cfg.cap, FX_CAP_PSI, psi);
        if (psi)
            cfg.cap &= ~MASK(53, 48);
        fx_start(&cfg);
        d = fx_attached();
        fx_map(d, FX_IOVA + PAGE_SIZE, FX_PA, PAGE_SIZE);
        for (unsigned k = 0; k < 2; k++) { /* a leaf; a leaf and three tables */
            vtd_model_clear_counts(fx.model);
            assert_int_equal(iommu_domain_remove(d, FX_IOVA + k * PAGE_SIZE, PAGE_SIZE), 0);
            assert_int_equal(invalidations(), 1);
            fx_assert_unmapped(FX_SID, FX_IOVA + k * PAGE_SIZE);
        }
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

/* ---- nothing stale --------------------------------------------------------------------------- */

static void map_use_unmap_use(const struct vtd_model_config *cfg, uint64_t stride_pages)
{
    struct iommu_domain *d;

    fx_start(cfg);
    d = fx_domain();
    fx_attach(d, FX_SID);
    slots_come_and_go(d, FX_SID, stride_pages, fx_assert_unmapped);
    fx_detach_destroy(d, FX_SID);
    fx_close();
}

static void nothing_stale_after_a_flush(void **state)
{
    static const uint64_t strides[] = {1, 3, 700};

    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++)
        for (size_t i = 0; i < 2 * ARRAY_SIZE(strides); i++) {
            struct vtd_model_config cfg = *fx_modes[mode];

            fx_set(&cfg.cap, FX_CAP_CM, i % 2);
            map_use_unmap_use(&cfg, strides[i / 2]);
        }
}

static void superpages_are_flushed(void **state)
{
    static const uint64_t sizes[] = {MIB(2), GIB(1)};

    (void)state;
    for (size_t i = 0; i < FX_MODES * ARRAY_SIZE(sizes); i++) {
        uint64_t size = sizes[i % ARRAY_SIZE(sizes)];
        struct iommu_domain *d;

        fx_start(fx_modes[i / ARRAY_SIZE(sizes)]);
        d = fx_domain();
        fx_attach(d, FX_SID);
        fx_map(d, 8 * size, 4 * size, 2 * size);
        fx_assert_passes(FX_SID, 8 * size + 0x1238, 4 * size + 0x1238);
        fx_assert_passes(FX_SID, 10 * size - 8, 6 * size - 8);
        assert_int_equal(iommu_domain_remove(d, 8 * size, size), 0);
        fx_assert_unmapped(FX_SID, 8 * size + 0x1238);
        fx_assert_passes(FX_SID, 10 * size - 8, 6 * size - 8);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

/* A leaf's table goes, and a superpage comes where it was, and the other way round. */
static void a_table_gives_way_to_a_superpage(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;

        fx_start(fx_modes[mode]);
        d = fx_domain();
        fx_attach(d, FX_SID);
        for (unsigned round = 0; round < 3; round++) {
            fx_map(d, GIB(1) + PAGE_SIZE, FX_PA, PAGE_SIZE);
            fx_assert_passes(FX_SID, GIB(1) + PAGE_SIZE, FX_PA);
            assert_int_equal(iommu_domain_remove(d, GIB(1), MIB(2)), 0);
            fx_map(d, GIB(1), GIB(3), MIB(2));
            fx_assert_passes(FX_SID, GIB(1) + PAGE_SIZE, GIB(3) + PAGE_SIZE);
            assert_int_equal(iommu_domain_remove(d, GIB(1), MIB(2)), 0);
        }
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

/* Rights that get smaller are a change that hardware must be told of. */
static void fewer_rights_are_flushed(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;
        struct pt_gather g;

        fx_start(fx_modes[mode]);
        d = fx_attached();
        pt_gather_init(&g);
        assert_int_equal(pt_protect(&d->pt, FX_IOVA, PAGE_SIZE, PT_READ | PT_USER, &g), 0);
        assert_true(fx_dma(FX_SID, FX_IOVA, true).passed); /* still */
        assert_int_equal(iommu_domain_sync(d, &g), 0);
        assert_int_equal(fx_dma(FX_SID, FX_IOVA, true).reason, fx_reasons().read_only);
        assert_true(fx_dma(FX_SID, FX_IOVA, false).passed);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

/* A domain id that is used again brings nothing along. */
static void domain_id_is_clean_when_reused(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        uint16_t first = 0;

        fx_start(fx_modes[mode]);
        for (int round = 0; round < 2; round++) {
            struct iommu_domain *d = fx_domain();

            fx_attach(d, FX_SID);
            if (round == 0) {
                first = d->asid;
                fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
                fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
            } else {
                assert_int_equal(d->asid, first);
                fx_assert_unmapped(FX_SID, FX_IOVA);
            }
            fx_detach_destroy(d, FX_SID);
        }
        fx_close();
    }
}

/* The tests above find an invalidation that is missing: here each is once, and the model tells. */
static void missing_invalidations_are_noticed(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;

        fx_start(fx_modes[mode]);
        d = fx_attached();
        vtd_model_drop(fx.model, page_type(), true);
        assert_int_equal(iommu_domain_remove(d, FX_IOVA, PAGE_SIZE), 0);
        assert_true(fx_dma(FX_SID, FX_IOVA, true).stale);
        vtd_model_drop(fx.model, page_type(), false);
        assert_int_equal(iommu_domain_remove(d, FX_IOVA, PAGE_SIZE), 0);
        fx_map(d, FX_IOVA + MIB(64), FX_PA, PAGE_SIZE);
        vtd_model_drop(fx.model, VTD_INV_CONTEXT, true);
        vtd_model_drop(fx.model, VTD_INV_PASID, true);
        fx_detach(d, FX_SID);
        assert_true(fx_dma(FX_SID, FX_IOVA + MIB(64), true).stale);
        iommu_domain_destroy(d);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_are_counted),
        cmocka_unit_test(one_wait_for_many_ranges),
        cmocka_unit_test(empty_gather_costs_nothing),
        cmocka_unit_test(units_with_less),
        cmocka_unit_test(nothing_stale_after_a_flush),
        cmocka_unit_test(superpages_are_flushed),
        cmocka_unit_test(a_table_gives_way_to_a_superpage),
        cmocka_unit_test(fewer_rights_are_flushed),
        cmocka_unit_test(domain_id_is_clean_when_reused),
        cmocka_unit_test(missing_invalidations_are_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
