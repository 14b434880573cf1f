/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"

#include "tests/driver/inline/attack.h"

/* Streams go into a domain and back to deny, in every mode, on every kind of unit. */

struct shape {
    const char *name;
    bool non_coherent, caching, write_buffer, lazy, no_queue, snoop;
};

static const struct shape shapes[] = {
    {.name = "plain"},
    {.name = "non-coherent", .non_coherent = true},
    {.name = "caching mode", .caching = true},
    {.name = "write buffer", .write_buffer = true},
    {.name = "lazy", .lazy = true},
    {.name = "snoop control", .snoop = true},
    {.name = "caching mode, non-coherent, lazy",
     .caching = true,
     .non_coherent = true,
     .lazy = true},
    {.name = "no queue", .no_queue = true},
    {.name = "no queue, caching mode, non-coherent, lazy",
     .no_queue = true,
     .caching = true,
     .non_coherent = true,
     .lazy = true},
};
#define SHAPES ARRAY_SIZE(shapes)

static struct vtd_model_config shaped(const struct vtd_model_config *mode, const struct shape *s)
{
    struct vtd_model_config cfg = *mode;

    if (s->non_coherent) {
        fx_set(&cfg.ecap, FX_ECAP_C, false);
        fx_set(&cfg.ecap, FX_ECAP_SMPWC, false);
    }
    if (s->lazy) {
        cfg.lazy_queue = true;
        cfg.wait_delay = 7;
        cfg.ack_delay = 3;
    }
    fx_set(&cfg.cap, FX_CAP_CM, s->caching);
    fx_set(&cfg.cap, FX_CAP_RWBF, s->write_buffer);
    fx_set(&cfg.ecap, FX_ECAP_QI, !s->no_queue);
    fx_set(&cfg.ecap, FX_ECAP_SC, s->snoop);
    return cfg;
}

static void attach_use_detach(const struct shape *s)
{
    struct iommu_domain *d = fx_domain();

    fx_assert_denied(FX_SID);
    fx_map(d, FX_IOVA, FX_PA, 3 * PAGE_SIZE);
    assert_int_equal(iommu_domain_map(d, FX_IOVA + 3 * PAGE_SIZE, PADDR(FX_PA), PAGE_SIZE, PT_READ),
                     0);
    fx_attach(d, FX_SID);

    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    fx_assert_passes(FX_SID, FX_IOVA + 3 * PAGE_SIZE - 8, FX_PA + 3 * PAGE_SIZE - 8);
    assert_int_equal(fx_dma(FX_SID, FX_IOVA, true).snooped, s->snoop);
    fx_assert_unmapped(FX_SID, FX_IOVA - 8);
    fx_assert_unmapped(FX_SID, FX_IOVA + 4 * PAGE_SIZE);
    assert_true(fx_dma(FX_SID, FX_IOVA + 3 * PAGE_SIZE, false).passed);
    assert_int_equal(fx_dma(FX_SID, FX_IOVA + 3 * PAGE_SIZE, true).reason, fx_reasons().read_only);
    fx_assert_denied(FX_SID + 1);
    fx_assert_denied(FX_SID ^ 0x80);

    /* A map where a device has looked before, and its unmap. */
    fx_map(d, FX_IOVA + 4 * PAGE_SIZE, FX_PA, PAGE_SIZE);
    fx_assert_passes(FX_SID, FX_IOVA + 4 * PAGE_SIZE, FX_PA);
    assert_int_equal(iommu_domain_remove(d, FX_IOVA, PAGE_SIZE), 0);
    fx_assert_unmapped(FX_SID, FX_IOVA);

    fx_detach(d, FX_SID);
    fx_assert_denied(FX_SID);
    assert_false(fx_dma(FX_SID, FX_IOVA + PAGE_SIZE, true).passed);
    iommu_domain_destroy(d);
}

static void every_mode_and_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < FX_MODES * SHAPES; i++) {
        const struct shape *s = &shapes[i % SHAPES];
        struct vtd_model_config cfg = shaped(fx_modes[i / SHAPES], s);

        print_message("mode %zu, %s\n", i / SHAPES, s->name);
        fx_start(&cfg);
        attach_use_detach(s);
        attach_use_detach(s);
        fx_close();
    }
}

/* Stores become visible late and in any order: a barrier that is missing is found. */
static void stores_in_any_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2 * FX_MODES * SHAPES; seed++) {
        const struct shape *s = &shapes[seed % SHAPES];
        struct vtd_model_config cfg = shaped(fx_modes[seed / SHAPES % FX_MODES], s);

        fx_open(&cfg);
        host_park_enable(seed);
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        attach_use_detach(s);
        host_park_disable();
        fx_close();
    }
}

/* ---- a device that never stops --------------------------------------------------------------- */

static bool is_denied(const struct vtd_model_result *r)
{
    return r->reason == fx_reasons().no_bus || r->reason == fx_reasons().no_context;
}

static void no_half_made_entry_is_seen(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct iommu_domain *d;

        fx_start(fx_modes[seed % FX_MODES]);
        d = fx_domain();
        attack_attach_and_detach(d, seed, is_denied);
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* ---- streams and domains --------------------------------------------------------------------- */

static void streams_share_a_domain(void **state)
{
    static const uint32_t sids[] = {0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1234, 0xffff};

    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d, *other;

        fx_start(fx_modes[mode]);
        d = fx_domain();
        other = fx_domain();
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
        fx_assert_unmapped(sids[2], FX_IOVA);
        fx_assert_passes(sids[3], FX_IOVA, FX_PA);
        fx_detach(other, sids[2]);
        for (size_t i = 0; i < ARRAY_SIZE(sids); i++)
            if (i != 2)
                fx_detach(d, sids[i]);
        iommu_domain_destroy(other);
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* From one domain to the next at the same address: neither its contexts nor its pages are kept. */
static void a_stream_moves_between_domains(void **state)
{
    (void)state;
    for (size_t i = 0; i < FX_MODES * SHAPES; i++) {
        struct vtd_model_config cfg = shaped(fx_modes[i / SHAPES], &shapes[i % SHAPES]);
        struct iommu_domain *d[2];

        fx_start(&cfg);
        for (unsigned k = 0; k < 2; k++) {
            d[k] = fx_domain();
            fx_map(d[k], FX_IOVA, FX_PA + k * MIB(2), PAGE_SIZE);
        }
        for (unsigned k = 0; k < 6; k++) {
            fx_attach(d[k % 2], FX_SID);
            fx_assert_passes(FX_SID, FX_IOVA, FX_PA + k % 2 * MIB(2));
            fx_detach(d[k % 2], FX_SID);
            fx_assert_denied(FX_SID);
        }
        iommu_domain_destroy(d[0]);
        iommu_domain_destroy(d[1]);
        fx_close();
    }
}

/* VT-d 6.1: a context that was absent is kept with domain 0, and what hangs below it with its own
 * domain. A unit that keeps neither is told nothing. */
static void a_caching_unit_is_told_of_a_stream(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * FX_MODES; i++) {
        struct vtd_model_config cfg = *fx_modes[i / 2];
        enum vtd_model_type pages = i / 2 == 2 ? VTD_INV_PIOTLB : VTD_INV_IOTLB;
        struct iommu_domain *d;
        uint64_t desc[2];

        fx_set(&cfg.cap, FX_CAP_CM, i % 2);
        fx_start(&cfg);
        d = fx_domain();
        vtd_model_clear_counts(fx.model);
        fx_attach(d, FX_SID);
        assert_int_equal(vtd_model_count(fx.model, VTD_INV_CONTEXT), i % 2);
        assert_int_equal(vtd_model_count(fx.model, pages), i % 2);
        assert_int_equal(vtd_model_count(fx.model, VTD_INV_WAIT), i % 2);
        vtd_model_last(fx.model, VTD_INV_CONTEXT, desc);
        assert_true(i % 2 == 0 || desc[0] == ((uint64_t)FX_SID << 32 | 3 << 4 | 1));
        vtd_model_last(fx.model, pages, desc);
        assert_true(i % 2 == 0 || (desc[0] >> 16 & 0xffff) == d->asid);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

static void stream_out_of_range(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&vtd_model_fs);
    d = fx_domain();
    assert_int_equal(iommu_domain_attach(d, 0x10000), -RF_ERANGE);
    assert_int_equal(iommu_domain_attach(d, UINT32_MAX), -RF_ERANGE);
    assert_true(fx_log_has("stream 10000 is no requester id"));
    assert_int_equal(fx.unit->ops->detach(fx.unit, 0x10000), 0);
    assert_int_equal(fx.unit->ops->detach(fx.unit, 5), 0); /* was never attached */
    iommu_domain_destroy(d);
    fx_close();
}

static void failed_attach_changes_nothing(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;

        fx_start(fx_modes[mode]);
        d = fx_domain(); /* it takes a context table, and PASID tables */
        assert_int_equal(fx_attach_starved(d, FX_SID, fx_assert_denied), mode == 0 ? 2 : 3);
        fx_assert_unmapped(FX_SID, FX_IOVA);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

/* What a stream needed comes back, but for the context table of its bus. */
static void many_streams(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;
        uint64_t free_pages = 0;

        fx_start(fx_modes[mode]);
        d = fx_domain();
        fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
        for (unsigned round = 0; round < 2; round++) {
            for (uint32_t sid = 0; sid < 150; sid++)
                fx_attach(d, sid);
            for (uint32_t sid = 0; sid < 150; sid++)
                fx_assert_passes(sid, FX_IOVA, FX_PA);
            for (uint32_t sid = 0; sid < 150; sid++)
                fx_detach(d, sid);
            if (round == 0)
                free_pages = fx_free_pages();
        }
        assert_int_equal(fx_free_pages(), free_pages);
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* Addresses at the ends of what the unit takes: below is mapped, above is refused twice, by the map
 * and by the hardware. */
static void ends_of_the_space(void **state)
{
    static const struct {
        unsigned mode, ias;
        uint8_t above;
    } rows[] = {{0, 48, 0x04}, {1, 48, 0x84}, {2, 47, 0x80}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct iommu_domain *d;
        uint64_t end = BIT(rows[i].ias), top = BIT(FX_HAW) - PAGE_SIZE;

        fx_start(fx_modes[rows[i].mode]);
        assert_int_equal(fx.unit->caps.ias, rows[i].ias);
        d = fx_attached();
        fx_map(d, end - PAGE_SIZE, top, PAGE_SIZE);
        fx_assert_passes(FX_SID, end - 8, top + PAGE_SIZE - 8);
        assert_int_equal(iommu_domain_map(d, end, PADDR(FX_PA), PAGE_SIZE, FX_RW), -RF_ERANGE);
        assert_int_equal(iommu_domain_map(d, 0, PADDR(top), 2 * PAGE_SIZE, FX_RW), -RF_ERANGE);
        assert_int_equal(fx_dma(FX_SID, end, true).reason, rows[i].above);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode_and_shape),
        cmocka_unit_test(stores_in_any_order),
        cmocka_unit_test(no_half_made_entry_is_seen),
        cmocka_unit_test(streams_share_a_domain),
        cmocka_unit_test(a_stream_moves_between_domains),
        cmocka_unit_test(a_caching_unit_is_told_of_a_stream),
        cmocka_unit_test(stream_out_of_range),
        cmocka_unit_test(failed_attach_changes_nothing),
        cmocka_unit_test(many_streams),
        cmocka_unit_test(ends_of_the_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
