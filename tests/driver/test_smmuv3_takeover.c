/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/iommu/fault.h"
#include "tests/driver/smmuv3_fixture.h"

/* From any state that firmware may leave, no DMA passes that the driver did not allow. Offsets and
 * bits here are those of IHI 0070 6.3, written out again. */
enum {
    GBPA = 0x44,
    CR0 = 0x20,
    CR0_SMMUEN = 1,
    CR0_ALL_ON = 0xd,
};
#define GBPA_UPDATE_ABORT 0x80100000u

static struct model_write writes[MODEL_WRITES_MAX];

static unsigned write_count(void)
{
    return model_writes(fx_watch(), writes, MODEL_WRITES_MAX);
}

/* ---- a device that never stops --------------------------------------------------------------- */

static unsigned last_pass; /* how many registers had been written when a DMA passed last */
static unsigned passes;

static void attack(void *ctx)
{
    (void)ctx;
    if (!fx_dma(FX_SID, FX_IOVA, true).passed)
        return;
    passes++;
    last_pass = write_count();
}

static void start_attack(void)
{
    passes = 0;
    last_pass = 0;
    model_on_access(fx_watch(), attack, NULL);
}

static void stop_attack(void)
{
    model_on_access(fx_watch(), NULL, NULL);
}

static void assert_gbpa_first(void)
{
    assert_true(write_count() >= 2);
    assert_int_equal(writes[0].offset, GBPA);
    assert_int_equal(writes[0].value & GBPA_UPDATE_ABORT, GBPA_UPDATE_ABORT);
    assert_int_equal(writes[1].offset, CR0);
    assert_int_equal(writes[1].value, 0);
}

/* ---- bypass at reset ------------------------------------------------------------------------- */

static void bypass_ends_with_the_first_write(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    (void)state;
    for (cfg.ack_delay = 0; cfg.ack_delay < 8; cfg.ack_delay++) {
        fx_open(&cfg);
        assert_true(fx_dma(FX_SID, FX_IOVA, true).bypassed);
        start_attack();
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        stop_attack();
        assert_gbpa_first();
        assert_true(passes > 0);
        assert_true(last_pass <= 1); /* until that update completed */
        fx_assert_blocked(FX_SID, FX_IOVA, C_BAD_STREAMID);
        fx_close();
    }
}

static void gbpa_is_set_even_if_it_was(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    (void)state;
    cfg.gbpa = 0x00101000;
    fx_open(&cfg);
    start_attack();
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    stop_attack();
    assert_gbpa_first();
    assert_int_equal(passes, 0);
    fx_close();
}

/* ---- firmware's tables are running ----------------------------------------------------------- */

/* Stage 1 of firmware: ASID 1, which is also the first that the core gives out. */
static struct pt firmware_pt;

static paddr_t firmware_cd(void)
{
    struct pt_config cfg = {.granule_lg2 = 12, .ias = 48, .oas = 44, .coherent = true};
    paddr_t cd = page_alloc_zeroed(0);
    uint64_t *w = paddr_to_ptr(cd);

    assert_int_equal(pt_init(&firmware_pt, &pt_arm_s1, &cfg), 0);
    assert_int_equal(pt_map(&firmware_pt, FX_IOVA, PADDR(FX_PA), PAGE_SIZE, FX_RW | PT_USER), 0);
    w[0] = 16 | 1 << 8 | 1 << 10 | 3 << 12 | 1u << 30 | 1u << 31 | 4ull << 32 | 1ull << 41 |
           7ull << 45 | 1ull << 48;
    w[1] = firmware_pt.root.v;
    w[3] = 0x04ff;
    return cd;
}

/* A linear table with one translating stream, queues that stand in the middle, a pending error. */
static void firmware_runs(void)
{
    paddr_t table = page_alloc_zeroed(log2_ceil((FX_SID + 1) * 64) - PAGE_LG2);
    uint64_t *ste = paddr_to_ptr(paddr_add(table, FX_SID * 64));

    ste[0] = 1 | 5 << 1 | firmware_cd().v;
    ste[1] = 1 << 2 | 1 << 4 | 3 << 6 | 1ull << 44;
    smmuv3_model_preset(fx.model, 0x28, 0xd75);
    smmuv3_model_preset(fx.model, 0x80, table.v);
    smmuv3_model_preset(fx.model, 0x88, 9);
    smmuv3_model_preset(fx.model, 0x90, page_alloc_zeroed(0).v | 8);
    smmuv3_model_preset(fx.model, 0x98, 0x155);
    smmuv3_model_preset(fx.model, 0x9c, 0x155);
    smmuv3_model_preset(fx.model, 0xa0, page_alloc_zeroed(1).v | 8);
    smmuv3_model_preset(fx.model, 0x100a8, 0x800000d5); /* records that nobody read, overflow */
    smmuv3_model_preset(fx.model, 0x100ac, 0x3);
    smmuv3_model_preset(fx.model, 0x50, 5);
    smmuv3_model_preset(fx.model, 0x60, 0x1fd);
    smmuv3_model_preset(fx.model, CR0, CR0_ALL_ON);
}

static void firmware_tables_are_dropped(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;
    struct iommu_domain *d;

    (void)state;
    cfg.ack_delay = 3;
    fx_open(&cfg);
    firmware_runs();
    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    start_attack();
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    stop_attack();
    assert_gbpa_first();
    assert_true(last_pass <= 2); /* until CR0 = 0 was acknowledged */

    /* Neither the entry nor the translation that the SMMU had cached is left. */
    fx_assert_blocked(FX_SID, FX_IOVA, C_BAD_STREAMID);
    d = fx_domain(12);
    assert_int_equal(d->asid, 1);
    fx_attach(d, FX_SID);
    fx_assert_blocked(FX_SID, FX_IOVA, F_TRANSLATION);
    fx_detach_destroy(d, FX_SID);
    pt_fini(&firmware_pt);
    fx_close();
}

static void firmware_events_are_not_read(void **state)
{
    struct smmuv3_stats stats;

    (void)state;
    fx_open(&smmuv3_model_virt);
    firmware_runs();
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    iommu_fault_poll();
    smmuv3_get_stats(fx.unit, &stats);
    assert_int_equal(stats.events + stats.overflows, 0);
    fx_assert_blocked(FX_SID, FX_IOVA, C_BAD_STREAMID);
    pt_fini(&firmware_pt);
    fx_close();
}

/* ---- what does not answer -------------------------------------------------------------------- */

static void stuck_cr0ack_is_a_bounded_refusal(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;
    uint64_t before;

    (void)state;
    cfg.cr0ack_stuck = true;
    fx_open(&cfg);
    firmware_runs();
    before = clock_now_ns();
    assert_int_equal(iommu_unit_start(fx.unit), -RF_ETIMEDOUT);
    assert_true(clock_now_ns() - before < 4000000000u);
    assert_true(fx_log_has("SMMU_CR0ACK"));
    assert_true(fx_log_has("wedged"));
    assert_true(fx.unit->dead);
    assert_gbpa_first();
    pt_fini(&firmware_pt);
    fx_close();
}

static void cr0ack_that_stops_later_frees_nothing(void **state)
{
    (void)state;
    fx_open(&smmuv3_model_virt);
    assert_int_equal(fx.unit->ops->probe(fx.unit), 0);
    smmuv3_model_set_cr0ack_stuck(fx.model, true);
    assert_int_equal(fx.unit->ops->enable(fx.unit), -RF_ETIMEDOUT);
    assert_true(fx_log_has("does not start"));
    fx_assert_blocked(FX_SID, FX_IOVA, 0);
    fx_close();
}

static void stuck_gbpa_is_a_bounded_refusal(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    (void)state;
    cfg.gbpa_stuck = true;
    fx_open(&cfg);
    assert_int_equal(fx.unit->ops->probe(fx.unit), -RF_ETIMEDOUT);
    assert_true(fx_log_has("cannot be told to block DMA"));
    assert_int_equal(write_count(), 1);
    fx_close();
}

static void silence_is_named(void **state)
{
    struct smmuv3_model_config cfg = smmuv3_model_virt;

    (void)state;
    cfg.silent = true;
    for (int ones = 0; ones <= 1; ones++) {
        cfg.silent_value = ones ? UINT32_MAX : 0;
        fx_open(&cfg);
        assert_int_equal(iommu_unit_start(fx.unit), -RF_ENODEV);
        assert_true(fx_log_has(ones ? "reads ffffffff" : "reads 00000000"));
        fx_close();
    }
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void refusals_say_why(void **state)
{
    static const struct {
        size_t reg;
        uint32_t clear, set;
        const char *why;
    } cases[] = {
        {offsetof(struct smmuv3_model_config, idr0), 1 << 1, 0, "stage 1 absent"},
        {offsetof(struct smmuv3_model_config, idr0), 3 << 2, 1 << 2, "VMSAv8-64"},
        {offsetof(struct smmuv3_model_config, idr0), 0, 3 << 21, "big-endian"},
        {offsetof(struct smmuv3_model_config, idr0), 3 << 24, 2 << 24, "only stall"},
        {offsetof(struct smmuv3_model_config, idr1), 0, 1 << 30, "TABLES_PRESET"},
        {offsetof(struct smmuv3_model_config, idr1), 0, 1 << 29, "QUEUES_PRESET"},
        {offsetof(struct smmuv3_model_config, idr1), 0, 1 << 28, "IDR1.REL"},
        {offsetof(struct smmuv3_model_config, idr1), 31 << 21, 0, "one entry"},
        {offsetof(struct smmuv3_model_config, idr5), 7 << 4, 0, "no translation granule"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct smmuv3_model_config cfg = smmuv3_model_virt;
        uint32_t *reg = (uint32_t *)(void *)((char *)&cfg + cases[i].reg);

        *reg = (*reg & ~cases[i].clear) | cases[i].set;
        fx_open(&cfg);
        assert_int_equal(iommu_unit_start(fx.unit), -RF_ENXIO);
        assert_true(fx_log_has(cases[i].why));
        fx_assert_blocked(FX_SID, FX_IOVA, 0); /* and stays blocked */
        fx_close();
    }
}

/* ---- memory, report -------------------------------------------------------------------------- */

static void failed_allocation_leaves_it_blocked(void **state)
{
    unsigned k = 0;
    int err;

    (void)state;
    do {
        uint64_t free_pages;

        fx_open(&smmuv3_model_virt);
        free_pages = fx_free_pages();
        inject_after(++k);
        err = iommu_unit_start(fx.unit);
        inject_after(0);
        if (err) {
            assert_int_equal(err, -RF_ENOMEM);
            assert_int_equal(fx_free_pages(), free_pages);
            fx_assert_blocked(FX_SID, FX_IOVA, 0);
        }
        fx_close();
    } while (err || k < 4);
}

static void report_tells_what_is_used(void **state)
{
    char text[400], small[20];

    (void)state;
    fx_start(&smmuv3_model_virt);
    smmuv3_describe(fx.unit, text, sizeof(text));
    assert_string_equal(
        text, "SMMUv3.1: stage 1 (stage 2 unused), 48-bit in, 44-bit out, granules 4K 16K 64K, "
              "range invalidation, coherent walks\n"
              "16-bit stream ids in a 2-level table, 16-bit ASIDs, 256 commands, 512 events, "
              "no ATS, PRI or HTTU");
    smmuv3_describe(fx.unit, small, sizeof(small));
    assert_int_equal(strlen(small), sizeof(small) - 1);
    fx_close();
}

static void quiesce_blocks_attached_streams(void **state)
{
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    fx_attach(d, FX_SID);
    fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
    start_attack();
    iommu_unit_kill(fx.unit, "the test says so");
    stop_attack();
    fx_assert_blocked(FX_SID, FX_IOVA, 0);
    fx_detach_destroy(d, FX_SID);
    fx_close();
}

/* Without GBPA, switching translation off would open the bypass: the tables have to do. */
static void quiesce_without_gbpa(const struct smmuv3_model_config *cfg)
{
    struct iommu_domain *d;

    fx_start(cfg);
    d = fx_domain(12);
    fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
    fx_attach(d, FX_SID);
    smmuv3_model_set_gbpa_stuck(fx.model, true);
    start_attack();
    iommu_unit_kill(fx.unit, "the test says so");
    stop_attack();
    assert_int_equal(passes, 0);
    assert_true(fx_log_has("tables that deny all"));
    fx_assert_blocked(FX_SID, FX_IOVA, 0);
    fx_detach_destroy(d, FX_SID);
    fx_close();
}

static void quiesce_without_gbpa_never_bypasses(void **state)
{
    struct smmuv3_model_config linear = smmuv3_model_virt;

    (void)state;
    linear.idr0 &= ~(3u << 27);
    linear.idr1 = (linear.idr1 & ~0x3fu) | 10;
    quiesce_without_gbpa(&smmuv3_model_virt);
    quiesce_without_gbpa(&linear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bypass_ends_with_the_first_write),
        cmocka_unit_test(gbpa_is_set_even_if_it_was),
        cmocka_unit_test(firmware_tables_are_dropped),
        cmocka_unit_test(firmware_events_are_not_read),
        cmocka_unit_test(stuck_cr0ack_is_a_bounded_refusal),
        cmocka_unit_test(cr0ack_that_stops_later_frees_nothing),
        cmocka_unit_test(stuck_gbpa_is_a_bounded_refusal),
        cmocka_unit_test(silence_is_named),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(failed_allocation_leaves_it_blocked),
        cmocka_unit_test(report_tells_what_is_used),
        cmocka_unit_test(quiesce_blocks_attached_streams),
        cmocka_unit_test(quiesce_without_gbpa_never_bypasses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
