/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv3_fixture.h"

#include "tests/driver/inline/attack.h"

/* Streams go into a domain and back to deny, on every shape of SMMU. */

struct shape {
    const char *name;
    unsigned granule_lg2;
    bool linear, non_coherent, lazy;
};

static const struct shape shapes[] = {
    {"4K", 12, false, false, false},
    {"16K", 14, false, false, false},
    {"64K", 16, false, false, false},
    {"4K linear", 12, true, false, false},
    {"4K non-coherent", 12, false, true, false},
    {"64K non-coherent linear", 16, true, true, false},
    {"4K lazy", 12, false, false, true},
    {"16K lazy non-coherent", 14, true, true, true},
};

static struct smmuv3_model_config shape_config(const struct shape *s)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    if (s->linear) {
        cfg.idr0 &= ~(3u << 27);
        cfg.idr1 = (cfg.idr1 & ~0x3fu) | 10;
    }
    if (s->lazy) {
        cfg.lazy_commands = true;
        cfg.sync_delay = 7;
        cfg.ack_delay = 3;
    }
    cfg.non_coherent = s->non_coherent;
    cfg.ram_base = FX_RAM_BASE;
    cfg.ram_size = FX_RAM_SIZE;
    return cfg;
}

/* What was never attached is denied with an event, what was detached silently (5.2). */
static void attach_use_detach(const struct shape *s)
{
    uint64_t page = UINT64_C(1) << s->granule_lg2;
    struct iommu_domain *d = fx_domain(s->granule_lg2);

    fx_assert_blocked(FX_SID, FX_IOVA, s->linear ? 0 : C_BAD_STREAMID);
    fx_map(d, FX_IOVA, FX_PA, 3 * page);
    assert_int_equal(iommu_domain_map(d, FX_IOVA + 3 * page, PADDR(FX_PA), page, PT_READ), 0);
    fx_attach(d, FX_SID);

    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    fx_assert_passes(FX_SID, FX_IOVA + 3 * page - 8, FX_PA + 3 * page - 8);
    fx_assert_blocked(FX_SID, FX_IOVA - 8, F_TRANSLATION);
    fx_assert_blocked(FX_SID, FX_IOVA + 4 * page, F_TRANSLATION);
    fx_assert_blocked(FX_SID, UINT64_C(1) << 48, F_TRANSLATION);
    fx_assert_blocked(FX_SID, ~UINT64_C(7), F_TRANSLATION);
    assert_true(fx_dma(FX_SID, FX_IOVA + 3 * page, false).passed);
    assert_int_equal(fx_dma(FX_SID, FX_IOVA + 3 * page, true).event, F_PERMISSION);
    fx_assert_blocked(FX_SID + 1, FX_IOVA, 0);

    /* A map needs no flush, an unmap does. */
    fx_map(d, FX_IOVA + 4 * page, FX_PA, page);
    fx_assert_passes(FX_SID, FX_IOVA + 4 * page, FX_PA);
    fx_unmap_sync(d, FX_IOVA, page);
    fx_assert_blocked(FX_SID, FX_IOVA, F_TRANSLATION);

    fx_detach(d, FX_SID);
    fx_assert_blocked(FX_SID, FX_IOVA + page, 0);
    iommu_domain_destroy(d);
}

static void every_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
        struct smmuv3_model_config cfg = shape_config(&shapes[i]);

        print_message("%s\n", shapes[i].name);
        fx_start(&cfg);
        attach_use_detach(&shapes[i]);
        attach_use_detach(&(struct shape){.granule_lg2 = shapes[i].granule_lg2, .linear = true});
        fx_close();
    }
}

/* Stores become visible late and in any order: a barrier that is missing is found. */
static void stores_in_any_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct smmuv3_model_config cfg = shape_config(&shapes[seed % ARRAY_SIZE(shapes)]);

        fx_open(&cfg);
        host_park_enable(seed);
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        attach_use_detach(&shapes[seed % ARRAY_SIZE(shapes)]);
        host_park_disable();
        fx_close();
    }
}

/* ---- a device that never stops --------------------------------------------------------------- */

static bool is_denied(const struct smmuv3_model_result *r)
{
    return r->event == 0 || r->event == C_BAD_STREAMID;
}

static void no_half_made_entry_is_seen(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 16; seed++) {
        struct smmuv3_model_config cfg = shape_config(&shapes[seed % 2 ? 0 : 3]);
        struct iommu_domain *d;

        fx_start(&cfg);
        d = fx_domain(12);
        attack_attach_and_detach(d, seed, is_denied);
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* ---- streams and domains --------------------------------------------------------------------- */

static void streams_share_a_domain(void **state)
{
    static const uint32_t sids[] = {0, 1, 255, 256, 0x1234, 0xffff};
    struct iommu_domain *d, *other;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    other = fx_domain(12);
    assert_int_not_equal(d->asid, other->asid);
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    for (size_t i = 0; i < ARRAY_SIZE(sids); i++)
        fx_attach(d, sids[i]);
    for (size_t i = 0; i < ARRAY_SIZE(sids); i++)
        fx_assert_passes(sids[i], FX_IOVA, FX_PA);
    assert_int_equal(iommu_domain_attach(other, sids[2]), -RF_EBUSY);
    fx_assert_passes(sids[2], FX_IOVA, FX_PA);

    /* The translations of one domain are not those of another. */
    fx_detach(d, sids[2]);
    fx_attach(other, sids[2]);
    fx_assert_blocked(sids[2], FX_IOVA, F_TRANSLATION);
    fx_assert_passes(sids[3], FX_IOVA, FX_PA);
    fx_detach(other, sids[2]);
    for (size_t i = 0; i < ARRAY_SIZE(sids); i++)
        if (i != 2)
            fx_detach(d, sids[i]);
    iommu_domain_destroy(other);
    iommu_domain_destroy(d);
    fx_close();
}

/* What IDR1.SIDSIZE promises is served as far as memory is reasonable for. */
static void stream_table_sizes(void **state)
{
    static const struct {
        unsigned sid_size;
        bool two_level;
        unsigned served;
    } sizes[] = {{0, false, 0},  {6, true, 6},   {8, true, 8},    {9, true, 9},
                 {25, true, 25}, {32, true, 25}, {16, false, 16}, {20, false, 16}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct smmuv3_model_config cfg = smmuv3_model_virt;
        struct iommu_domain *d;
        uint32_t last = (1u << sizes[i].served) - 1;

        cfg.idr1 = (cfg.idr1 & ~0x3fu) | sizes[i].sid_size;
        if (!sizes[i].two_level)
            cfg.idr0 &= ~(3u << 27);
        fx_start(&cfg);
        assert_int_equal(fx.unit->caps.sid_bits, sizes[i].served);
        d = fx_domain(12);
        fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
        assert_int_equal(iommu_domain_attach(d, last + 1), -RF_ERANGE);
        fx_attach(d, last);
        fx_assert_passes(last, FX_IOVA, FX_PA);
        fx_detach_destroy(d, last);
        fx_close();
    }
}

static void stream_out_of_range(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    assert_int_equal(iommu_domain_attach(d, 0x10000), -RF_ERANGE);
    assert_int_equal(iommu_domain_attach(d, UINT32_MAX), -RF_ERANGE);
    assert_true(fx_log_has("stream 10000 is beyond its 16-bit stream ids"));
    assert_int_equal(fx.unit->ops->detach(fx.unit, 0x10000), 0);
    assert_int_equal(fx.unit->ops->detach(fx.unit, 5), 0); /* was never attached */
    iommu_domain_destroy(d);
    fx_close();
}

static void assert_denied(uint32_t sid)
{
    assert_false(fx_dma(sid, FX_IOVA, true).passed);
}

static void failed_attach_changes_nothing(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    assert_true(fx_attach_starved(d, FX_SID, assert_denied) > 2);
    fx_assert_blocked(FX_SID, FX_IOVA, F_TRANSLATION);
    fx_detach_destroy(d, FX_SID);
    fx_close();
}

/* The command after a new level 2 table fails: the stream stays denied, and the next try works. */
static void failed_link_is_undone(void **state)
{
    struct iommu_domain *d;
    struct page_stats stats;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    fx_assert_blocked(FX_SID, FX_IOVA, C_BAD_STREAMID); /* now cached */
    smmuv3_model_fail_command(fx.model, 1, 1, 1);
    assert_int_equal(iommu_domain_attach(d, FX_SID), -RF_EIO);
    assert_false(fx.unit->dead);
    page_get_stats(&stats);
    assert_int_equal(stats.quarantined_pages, 4); /* the SMMU may know of the table */
    fx_assert_blocked(FX_SID, FX_IOVA, C_BAD_STREAMID);
    fx_attach(d, FX_SID);
    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    fx_detach_destroy(d, FX_SID);
    fx_close();
}

/* One page holds 64 context descriptors, each of one stream. */
static void many_streams(void **state)
{
    struct iommu_domain *d;
    uint64_t free_pages;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t sid = 0; sid < 150; sid++)
            fx_attach(d, sid);
        for (uint32_t sid = 0; sid < 150; sid++)
            fx_assert_passes(sid, FX_IOVA, FX_PA);
        for (uint32_t sid = 0; sid < 150; sid++)
            fx_detach(d, sid);
        if (round == 0)
            free_pages = fx_free_pages();
    }
    assert_int_equal(fx_free_pages(), free_pages); /* the second round used the same descriptors */
    iommu_domain_destroy(d);
    fx_close();
}

/* Physical addresses up to the output size, not beyond; doorbells are device memory. */
static void output_addresses(void **state)
{
    struct iommu_domain *d;
    uint64_t top = (UINT64_C(1) << 44) - PAGE_SIZE;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    fx_attach(d, FX_SID);
    fx_map(d, FX_IOVA, top, PAGE_SIZE);
    assert_int_equal(iommu_domain_map(d, 0, PADDR(top), 2 * PAGE_SIZE, FX_RW), -RF_ERANGE);
    assert_int_equal(iommu_domain_map(d, 0x8000000, PADDR(0x8020000), PAGE_SIZE, FX_RW | PT_DEVICE),
                     0);
    fx_assert_passes(FX_SID, FX_IOVA, top);
    assert_true(fx_dma(FX_SID, 0x8000040, true).device_memory);
    assert_false(fx_dma(FX_SID, FX_IOVA, true).device_memory);
    fx_detach_destroy(d, FX_SID);
    fx_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape),
        cmocka_unit_test(stores_in_any_order),
        cmocka_unit_test(no_half_made_entry_is_seen),
        cmocka_unit_test(streams_share_a_domain),
        cmocka_unit_test(stream_table_sizes),
        cmocka_unit_test(stream_out_of_range),
        cmocka_unit_test(failed_attach_changes_nothing),
        cmocka_unit_test(failed_link_is_undone),
        cmocka_unit_test(many_streams),
        cmocka_unit_test(output_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
