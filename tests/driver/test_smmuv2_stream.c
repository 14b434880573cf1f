/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"

/* Streams go into a domain and back to deny, on every part. */

static void attach_use_detach(unsigned granule_lg2)
{
    struct iommu_domain *d = fx_domain(granule_lg2);
    uint64_t page = UINT64_C(1) << d->pt.cfg.granule_lg2;
    uint64_t end = UINT64_C(1) << fx.unit->caps.ias;

    fx_assert_denied(SID);
    fx_map(d, FX_IOVA, FX_PA, 3 * page);
    assert_int_equal(iommu_domain_map(d, FX_IOVA + 3 * page, PADDR(FX_PA), page, PT_READ), 0);
    fx_map(d, end - page, FX_PA, page);
    fx_attach(d, SID);

    fx_assert_passes(SID, FX_IOVA, FX_PA);
    fx_assert_passes(SID, FX_IOVA + 3 * page - 8, FX_PA + 3 * page - 8);
    fx_assert_passes(SID, end - 8, FX_PA + page - 8);
    fx_assert_faults(SID, FX_IOVA - 8, CF_TRANSLATION);
    fx_assert_faults(SID, FX_IOVA + 4 * page, CF_TRANSLATION);
    fx_assert_faults(SID, end, CF_TRANSLATION);
    fx_assert_faults(SID, ~UINT64_C(7), CF_TRANSLATION);
    assert_true(fx_dma(SID, FX_IOVA + 3 * page, false).passed);
    assert_int_equal(fx_dma(SID, FX_IOVA + 3 * page, true).fsr, CF_PERMISSION);
    fx_assert_denied(NEIGHBOUR);

    /* A map needs no flush, an unmap does. */
    fx_map(d, FX_IOVA + 4 * page, FX_PA, page);
    fx_assert_passes(SID, FX_IOVA + 4 * page, FX_PA);
    fx_unmap_sync(d, FX_IOVA, page);
    fx_assert_faults(SID, FX_IOVA, CF_TRANSLATION);

    fx_detach(d, SID);
    fx_assert_denied(SID);
    iommu_domain_destroy(d);
}

static void every_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);

        print_message("%s\n", parts[i].name);
        fx_start(&cfg);
        attach_use_detach(parts[i].granule_lg2);
        attach_use_detach(parts[i].granule_lg2);
        fx_close();
    }
}

/* Stores become visible late and in any order: a barrier that is missing is found. */
static void stores_in_any_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 56; seed++) {
        const struct part *p = &parts[seed % ARRAY_SIZE(parts)];
        struct smmuv2_model_config cfg = part_config(p);

        fx_open(&cfg);
        host_park_enable(seed);
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        attach_use_detach(p->granule_lg2);
        host_park_disable();
        fx_close();
    }
}

/* ---- a device that never stops --------------------------------------------------------------- */

static struct attack {
    unsigned passed, tries;
} attack;

/* After any access to a register: the stream translates as mapped, or is denied. Its neighbour is
 * never let in. */
static void try_dma(void *ctx)
{
    struct smmuv2_model_result r = fx_dma(SID, FX_IOVA, true);

    (void)ctx;
    attack.tries++;
    attack.passed += r.passed;
    assert_false(r.bypassed || r.stalled || r.fsr);
    assert_true(!r.passed || r.paddr == FX_PA);
    assert_false(fx_dma(NEIGHBOUR, FX_IOVA, true).passed);
}

static void no_half_made_context_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct iommu_domain *d;

        fx_start(&cfg);
        d = fx_mapped_domain();
        memset(&attack, 0, sizeof(attack));
        model_on_access(fx_watch(), try_dma, NULL);
        for (unsigned round = 0; round < 3; round++) {
            fx_attach(d, SID);
            fx_assert_passes(SID, FX_IOVA, FX_PA);
            fx_detach(d, SID);
            fx_assert_blocked(SID, FX_IOVA);
        }
        model_on_access(fx_watch(), NULL, NULL);
        assert_true(attack.tries > 20 && attack.passed > 0);
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* ---- streams and domains --------------------------------------------------------------------- */

static void streams_share_a_domain(void **state)
{
    static const uint32_t sids[] = {0, 1, 0x18, 0x19, 0x48, 0x7f};

    (void)state;
    for (size_t p = 0; p < ARRAY_SIZE(parts); p++) {
        struct smmuv2_model_config cfg = part_config(&parts[p]);
        struct iommu_domain *d, *other;

        fx_start(&cfg);
        d = fx_mapped_domain();
        other = fx_domain(0);
        for (size_t i = 0; i < ARRAY_SIZE(sids); i++)
            fx_attach(d, sids[i]);
        for (size_t i = 0; i < ARRAY_SIZE(sids); i++)
            fx_assert_passes(sids[i], FX_IOVA, FX_PA);
        assert_int_equal(iommu_domain_attach(other, sids[2]), -RF_EBUSY);
        fx_assert_passes(sids[2], FX_IOVA, FX_PA);

        /* The translations of one domain are not those of another. */
        fx_detach(d, sids[2]);
        fx_attach(other, sids[2]);
        fx_assert_faults(sids[2], FX_IOVA, CF_TRANSLATION);
        fx_assert_passes(sids[3], FX_IOVA, FX_PA);
        fx_detach_destroy(other, sids[2]);
        for (size_t i = 0; i < ARRAY_SIZE(sids); i++)
            if (i != 2)
                fx_detach(d, sids[i]);
        iommu_domain_destroy(d);
        fx_close();
    }
}

/* A device that faults stops neither itself nor the others of its domain. */
static void a_fault_holds_nobody_up(void **state)
{
    struct iommu_domain *d;

    (void)state;
    d = start_attached(&smmuv2_model_mmu401);
    fx_attach(d, NEIGHBOUR);
    fx_assert_faults(SID, 0, CF_TRANSLATION);
    fx_assert_passes(SID, FX_IOVA, FX_PA);
    fx_assert_passes(NEIGHBOUR, FX_IOVA, FX_PA);
    fx_detach(d, NEIGHBOUR);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* Each domain takes a context bank, the last of which can be used too. */
static void banks_run_out(void **state)
{
    struct iommu_domain *d[8];
    unsigned n = 0;
    int err;

    (void)state;
    fx_start(&smmuv2_model_mmu401); /* four banks */
    do {
        d[n] = fx_mapped_domain();
        err = iommu_domain_attach(d[n], SID + n);
        n++;
    } while (!err);
    assert_int_equal(err, -RF_ENOSPC);
    assert_int_equal(n, 5);
    assert_true(fx_log_has("context banks"));
    fx_assert_denied(SID + 4);
    for (unsigned i = 0; i < 4; i++)
        fx_assert_passes(SID + i, FX_IOVA, FX_PA);

    fx_detach(d[1], SID + 1);
    fx_attach(d[4], SID + 4);
    fx_assert_passes(SID + 4, FX_IOVA, FX_PA);
    fx_assert_denied(SID + 1);
    for (unsigned i = 0; i < 5; i++) {
        if (i != 1)
            fx_detach(d[i], SID + i);
        iommu_domain_destroy(d[i]);
    }
    fx_close();
}

static void stream_mapping_groups_run_out(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu401;
    struct iommu_domain *d;

    (void)state;
    cfg.idr0 = (cfg.idr0 & ~0xffu) | 2;
    fx_start(&cfg);
    d = fx_mapped_domain();
    fx_attach(d, 1);
    fx_attach(d, 2);
    assert_int_equal(iommu_domain_attach(d, 3), -RF_ENOSPC);
    assert_true(fx_log_has("stream"));
    fx_assert_denied(3);
    fx_detach(d, 1);
    fx_attach(d, 3);
    fx_assert_passes(3, FX_IOVA, FX_PA);
    fx_assert_denied(1);
    fx_detach(d, 2);
    fx_detach_destroy(d, 3);
    fx_close();
}

static void stream_out_of_range(void **state)
{
    (void)state;
    for (unsigned indexing = 0; indexing <= 1; indexing++) {
        struct smmuv2_model_config cfg = smmuv2_model_mmu500;
        struct iommu_domain *d;

        if (indexing)
            cfg.idr0 = (cfg.idr0 & ~(IDR0_SMS | 0x1effu)) | 7u << 9;
        fx_start(&cfg);
        d = fx_mapped_domain();
        assert_int_equal(iommu_domain_attach(d, indexing ? 0x80 : 0x8000), -RF_ERANGE);
        assert_int_equal(iommu_domain_attach(d, UINT32_MAX), -RF_ERANGE);
        fx_attach(d, indexing ? 0x7f : 0x7fff);
        fx_assert_passes(indexing ? 0x7f : 0x7fff, FX_IOVA, FX_PA);
        assert_int_equal(fx.unit->ops->detach(fx.unit, 0x10000), 0);
        assert_int_equal(fx.unit->ops->detach(fx.unit, 5), 0); /* was never attached */
        fx_detach_destroy(d, indexing ? 0x7f : 0x7fff);
        fx_close();
    }
}

/* Bits that a bus adds and that name no stream ("stream-match-mask"): all of them are one. */
static void ignored_bits_of_a_stream(void **state)
{
    struct smmuv2_config unit = fx_unit_config(&smmuv2_model_mmu401);
    struct iommu_domain *d;

    (void)state;
    unit.sid_ignore = 0x7c00;
    fx_open_cfg(&smmuv2_model_mmu401, unit);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    d = fx_attached(SID);
    fx_assert_passes(SID | 0x7c00, FX_IOVA, FX_PA);
    fx_assert_passes(SID | 0x2400, FX_IOVA, FX_PA);
    fx_assert_denied(NEIGHBOUR | 0x400);
    fx_detach(d, SID);
    fx_assert_denied(SID | 0x2400);
    iommu_domain_destroy(d);
    fx_close();
}

/* Stream ids of 16 bits (IDR0.EXIDS) are switched on where they are needed, and only there. */
static void extended_stream_ids(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;
    struct smmuv2_config unit = fx_unit_config(&cfg);
    struct iommu_domain *d;

    (void)state;
    cfg.idr0 |= 1u << 8;
    cfg.sid_bits = cfg.mask_bits = 0xffff;
    for (unit.sid_last = 0x7fff; unit.sid_last <= 0xffff; unit.sid_last += 0x8000) {
        uint32_t last = unit.sid_last;

        fx_open_cfg(&cfg, unit);
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        d = fx_mapped_domain();
        assert_int_equal(iommu_domain_attach(d, last + 1), -RF_ERANGE);
        fx_attach(d, last);
        fx_attach(d, 7);
        fx_assert_passes(last, FX_IOVA, FX_PA);
        fx_assert_passes(7, FX_IOVA, FX_PA);
        fx_assert_denied(last - 1);
        fx_detach(d, 7);
        fx_assert_denied(7);
        fx_detach_destroy(d, last);
        fx_close();
    }
}

/* A stream is let in by registers only. */
static void attach_takes_no_memory(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv2_model_mmu401);
    d = fx_domain(0);
    assert_int_equal(fx_attach_starved(d, SID, fx_assert_denied), 1);
    fx_assert_faults(SID, FX_IOVA, CF_TRANSLATION);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* Physical addresses up to the output size, not beyond; doorbells are device memory. */
static void output_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);
        struct iommu_domain *d;
        uint64_t page, top;

        fx_start(&cfg);
        page = fx_granule();
        top = (UINT64_C(1) << fx.unit->caps.oas) - page;
        d = fx_domain(0);
        fx_attach(d, SID);
        fx_map(d, FX_IOVA, top, page);
        assert_int_equal(iommu_domain_map(d, 0, PADDR(top), 2 * page, FX_RW), -RF_ERANGE);
        assert_int_equal(iommu_domain_map(d, 0x8000000, PADDR(0x8020000), page, FX_RW | PT_DEVICE),
                         0);
        fx_assert_passes(SID, FX_IOVA, top);
        assert_true(fx_dma(SID, 0x8000040, true).device_memory);
        assert_false(fx_dma(SID, FX_IOVA, true).device_memory);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part),
        cmocka_unit_test(stores_in_any_order),
        cmocka_unit_test(no_half_made_context_is_seen),
        cmocka_unit_test(streams_share_a_domain),
        cmocka_unit_test(a_fault_holds_nobody_up),
        cmocka_unit_test(banks_run_out),
        cmocka_unit_test(stream_mapping_groups_run_out),
        cmocka_unit_test(stream_out_of_range),
        cmocka_unit_test(ignored_bits_of_a_stream),
        cmocka_unit_test(extended_stream_ids),
        cmocka_unit_test(attach_takes_no_memory),
        cmocka_unit_test(output_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
