/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/vtd_fixture.h"

/* From any state that firmware may leave, no DMA passes that the driver did not allow, and what was
 * blocked before is never let through on the way. Offsets and bits here are those of VT-d 11.4,
 * written out again. */
enum { RTADDR = 0x20, IQH = 0x80, IQT = 0x88, IQA = 0x90, IRTA = 0xb8, PLMBASE = 0x68 };
enum { PLMLIMIT = 0x6c, IQA_DW = 1 << 11, TTM_SCALABLE = 1 << 10 };
#define TE    (1u << 31)
#define RTPS  (1u << 30)
#define QIE   (1u << 26)
#define IRE   (1u << 25)
#define IRTPS (1u << 24)
#define CFI   (1u << 23)
#define EAFL  (1u << 28)

static uint32_t gsts(void)
{
    return (uint32_t)vtd_model_register(fx.model, FX_GSTS);
}

/* ---- a device that never stops --------------------------------------------------------------- */

static struct attack {
    unsigned passes, bypasses;
    bool te_seen;
} attack;

static void try_dma(void *ctx)
{
    struct vtd_model_result r = fx_dma(FX_SID, FX_IOVA, true);

    (void)ctx;
    attack.te_seen |= (gsts() & TE) != 0;
    attack.passes += r.passed;
    attack.bypasses += r.bypassed && attack.te_seen;
}

static int start_under_attack(void)
{
    int err;

    memset(&attack, 0, sizeof(attack));
    model_on_access(fx_watch(), try_dma, NULL);
    err = iommu_unit_start(fx.unit);
    model_on_access(fx_watch(), NULL, NULL);
    return err;
}

/* ---- not translating ------------------------------------------------------------------------- */

static void translation_comes_on_with_an_empty_table(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FX_MODES * 4; i++) {
        struct vtd_model_config cfg = *fx_modes[i / 4];

        cfg.ack_delay = i % 4 * 3;
        fx_open(&cfg);
        assert_true(fx_dma(FX_SID, FX_IOVA, true).bypassed);
        assert_int_equal(start_under_attack(), 0);
        assert_int_equal(attack.bypasses, 0);
        fx_assert_denied(FX_SID);
        fx_close();
    }
}

/* Compatible interrupts are blocked, too. */
static void state_after_start(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        fx_start(fx_modes[mode]);
        assert_int_equal(vtd_model_register(fx.model, FX_FSTS), 0);
        assert_int_equal(gsts(), TE | RTPS | QIE | IRE | IRTPS);
        assert_int_equal(vtd_model_register(fx.model, RTADDR) % PAGE_SIZE,
                         mode == 0 ? 0 : TTM_SCALABLE);
        assert_true(vtd_model_register(fx.model, RTADDR) - FX_RAM_BASE < FX_RAM_SIZE);
        fx_close();
    }
}

/* Firmware's guard over all memory stays until the root table blocks (BIOS "pre-boot DMA
 * protection"), and goes then. */
static void protected_memory_leaves_no_window(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct vtd_model_config cfg = *fx_modes[mode];
        struct iommu_domain *d;

        fx_set(&cfg.cap, FX_CAP_PLMR, true);
        cfg.ack_delay = 3;
        fx_open(&cfg);
        vtd_model_preset(fx.model, PLMBASE, 0);
        vtd_model_preset(fx.model, PLMLIMIT, 0xffffffff);
        vtd_model_preset(fx.model, FX_PMEN, 0x80000001);
        assert_true(fx_dma(FX_SID, FX_IOVA, true).protected);
        assert_int_equal(start_under_attack(), 0);
        assert_int_equal(attack.passes, 0);
        assert_int_equal(vtd_model_register(fx.model, FX_PMEN), 0);
        d = fx_attached();
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

static void protected_memory_that_stays(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;

    (void)state;
    fx_set(&cfg.cap, FX_CAP_PLMR, true);
    cfg.protected_stuck = true;
    fx_open(&cfg);
    vtd_model_preset(fx.model, FX_PMEN, 0x80000001);
    assert_int_equal(iommu_unit_start(fx.unit), -RF_ETIMEDOUT);
    assert_true(fx_log_has("PMEN_REG"));
    fx_assert_denied(FX_SID);
    fx_close();
}

/* ---- firmware's tables are running ----------------------------------------------------------- */

static struct pt firmware_pt;
static uint64_t *firmware_queue;

static void firmware_maps(const struct pt_format *fmt)
{
    struct pt_config cfg = {.granule_lg2 = 12,
                            .ias = 47,
                            .oas = FX_HAW,
                            .coherent = true,
                            .levels = 4,
                            .leaf_sizes = KIB(4)};

    assert_int_equal(pt_init(&firmware_pt, fmt, &cfg), 0);
    assert_int_equal(pt_map(&firmware_pt, FX_IOVA, PADDR(FX_PA), PAGE_SIZE, FX_RW | PT_USER), 0);
}

static uint64_t *words(paddr_t pa)
{
    return paddr_to_ptr(pa);
}

/* Domain 1 in a legacy context, which is also the first that the core gives out. */
static uint64_t firmware_legacy(void)
{
    paddr_t root = page_alloc_zeroed(0), contexts = page_alloc_zeroed(0);
    uint64_t *ctx = words(contexts) + (FX_SID & 0xff) * 2;

    firmware_maps(&pt_vtd_ss);
    words(root)[(FX_SID >> 8) * 2] = contexts.v | 1;
    ctx[0] = firmware_pt.root.v | 1;
    ctx[1] = 1 << 8 | 2;
    return root.v;
}

static uint64_t firmware_scalable(void)
{
    paddr_t root = page_alloc_zeroed(0), contexts = page_alloc_zeroed(0);
    paddr_t dir = page_alloc_zeroed(0), pasids = page_alloc_zeroed(0);

    firmware_maps(&pt_vtd_fs);
    words(root)[(FX_SID >> 8) * 2] = contexts.v | 1;
    words(contexts)[(FX_SID & 0x7f) * 4] = dir.v | 1;
    words(dir)[0] = pasids.v | 1;
    words(pasids)[0] = 1 | 1 << 6;
    words(pasids)[1] = 1 | 1 << 23;
    words(pasids)[2] = firmware_pt.root.v;
    return root.v | TTM_SCALABLE;
}

/* Everything on, the queue in the middle of its ring, interrupts remapped with compatible ones let
 * through, faults and errors pending. */
static void firmware_runs(uint64_t rtaddr)
{
    paddr_t queue = page_alloc_zeroed(0), interrupts = page_alloc_zeroed(0);

    firmware_queue = words(queue);
    words(interrupts)[2 * 0x40] = 0x400001;             /* vector 0x40 of CPU 0 ... */
    words(interrupts)[2 * 0x40 + 1] = 1 << 18 | FX_SID; /* ... for the device alone */
    vtd_model_preset(fx.model, RTADDR, rtaddr);
    vtd_model_preset(fx.model, IQA, queue.v | (rtaddr & TTM_SCALABLE ? IQA_DW : 0));
    vtd_model_preset(fx.model, IQH, 0x340);
    vtd_model_preset(fx.model, IQT, 0x340);
    vtd_model_preset(fx.model, IRTA, interrupts.v | 7);
    vtd_model_preset(fx.model, FX_FECTL, 0);
    vtd_model_preset(fx.model, FX_GSTS, TE | RTPS | QIE | IRE | IRTPS | CFI | EAFL);
    for (unsigned i = 0; i < 3; i++)
        vtd_model_raise_fault(fx.model, 0x1000, 0x0000000500000100);
}

static struct vtd_model_msi ring(void)
{
    return vtd_model_msi(fx.model, FX_SID, 0xfee00010 | 0x40 << 5, 0);
}

static void check_taken(void)
{
    struct iommu_domain *d;
    struct iommu_fault f;

    assert_int_equal(attack.bypasses, 0);
    assert_int_equal(gsts(), TE | RTPS | QIE | IRE | IRTPS);
    assert_int_equal(vtd_model_register(fx.model, FX_FECTL), 1u << 31);
    /* Neither an entry nor a translation that was cached is left, nor a fault but of the attack. */
    fx_assert_denied(FX_SID);
    assert_int_equal(ring().reason, 0x22);
    while (fx.unit->ops->faults(fx.unit, &f, 1))
        assert_int_equal(f.sid, FX_SID);
    d = fx_domain();
    assert_int_equal(d->asid, 1);
    fx_attach(d, FX_SID);
    fx_assert_unmapped(FX_SID, FX_IOVA);
    fx_detach_destroy(d, FX_SID);
}

/* The table mode that runs is kept: legacy under legacy, scalable under scalable. */
static void firmware_tables_are_dropped(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct vtd_model_config cfg = vtd_model_fs;
        bool scalable = i % 2;

        cfg.ack_delay = i / 2 * 3;
        fx_open(&cfg);
        firmware_runs(scalable ? firmware_scalable() : firmware_legacy());
        firmware_queue[0x340 / 8] = 0xdead; /* behind the tail, of nobody's concern */
        fx_assert_passes(FX_SID, FX_IOVA, FX_PA);
        assert_true(ring().delivered);
        assert_int_equal(start_under_attack(), 0);
        assert_true(attack.passes > 0); /* until the caches were emptied, by firmware's tables */
        assert_int_equal(vtd_of(fx.unit)->feat.mode, scalable ? VTD_SCALABLE_FS : VTD_LEGACY);
        assert_int_equal(vtd_of(fx.unit)->feat.kept_mode, !scalable);
        check_taken();
        assert_int_equal(firmware_queue[0x340 / 8], 0xdead);
        pt_fini(&firmware_pt);
        fx_close();
    }
}

/* To change the mode translation would have to go off: better no unit than a window. */
static void a_mode_that_cannot_be_kept_is_refused(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;

    (void)state;
    cfg.cap &= ~MASK(12, 8); /* no second stage */
    fx_open(&cfg);
    vtd_model_preset(fx.model, RTADDR, page_alloc_zeroed(0).v);
    vtd_model_preset(fx.model, FX_GSTS, TE | RTPS);
    assert_int_equal(start_under_attack(), -RF_ENXIO);
    assert_true(fx_log_has("switch DMA protection off"));
    assert_int_equal(attack.passes, 0);
    fx_close();
}

/* A queue that stands at an error is replaced all the same, one that is at work ends it first. */
static void wedged_queue_is_replaced(void **state)
{
    static const uint32_t errors[] = {0, 1 << 4, 1 << 6, 1 << 5};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        struct vtd_model_config cfg = vtd_model_legacy;

        cfg.lazy_queue = true;
        fx_open(&cfg);
        firmware_runs(firmware_legacy());
        for (unsigned k = 0x340; k < 0x400; k += 16)
            firmware_queue[k / 8] = 5; /* a wait that tells nobody */
        vtd_model_preset(fx.model, FX_FSTS, errors[i]);
        vtd_model_preset(fx.model, IQT, 0x400);
        assert_int_equal(start_under_attack(), 0);
        check_taken();
        pt_fini(&firmware_pt);
        fx_close();
    }
}

/* A table that remaps interrupts is in memory that is not firmware's any more. */
static void firmware_remapping_ends_where_there_is_none(void **state)
{
    struct vtd_config unit = fx_unit_config();

    (void)state;
    unit.intr_remap = false;
    fx_open_cfg(&vtd_model_fs, &unit);
    firmware_runs(firmware_scalable());
    assert_int_equal(start_under_attack(), 0);
    assert_int_equal(gsts() & (TE | IRE), TE);
    pt_fini(&firmware_pt);
    fx_close();
}

/* ---- what does not answer -------------------------------------------------------------------- */

static void stuck_commands_are_bounded_refusals(void **state)
{
    static const uint32_t stuck[] = {TE, RTPS, QIE, IRE, IRTPS};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(stuck); i++) {
        fx_open(&vtd_model_fs);
        vtd_model_set_stuck(fx.model, stuck[i]);
        uint64_t before = clock_now_ns();
        assert_int_equal(iommu_unit_start(fx.unit), -RF_ETIMEDOUT);
        assert_true(clock_now_ns() - before < 5000000000u);
        assert_true(fx_log_has("GSTS_REG"));
        assert_true(fx.unit->dead);
        if (stuck[i] == IRE || stuck[i] == IRTPS)
            fx_assert_denied(FX_SID);
        fx_close();
    }
}

static void silence_is_named(void **state)
{
    struct vtd_model_config cfg = vtd_model_fs;
    struct model_write writes[1];

    (void)state;
    cfg.silent = true;
    for (int ones = 0; ones <= 1; ones++) {
        cfg.silent_value = ones ? UINT64_MAX : 0;
        fx_open(&cfg);
        assert_int_equal(iommu_unit_start(fx.unit), -RF_ENODEV);
        assert_true(fx_log_has("no VT-d unit answers"));
        assert_int_equal(model_writes(fx_watch(), writes, 1), 0);
        fx_close();
    }
}

static void failed_allocation_writes_nothing(void **state)
{
    (void)state;
    for (unsigned k = 1; k <= 3; k++) { /* root table, queue, interrupt table */
        struct model_write writes[1];
        uint64_t free_pages;

        fx_open(&vtd_model_fs);
        free_pages = fx_free_pages();
        inject_after(k);
        assert_int_equal(iommu_unit_start(fx.unit), -RF_ENOMEM);
        inject_after(0);
        assert_int_equal(fx_free_pages(), free_pages);
        assert_int_equal(model_writes(fx_watch(), writes, 1), 0);
        assert_true(fx_log_has("too little memory"));
        fx_close();
    }
}

/* ---- and the end ----------------------------------------------------------------------------- */

static void quiesce_blocks_attached_streams(void **state)
{
    (void)state;
    for (size_t mode = 0; mode < FX_MODES; mode++) {
        struct iommu_domain *d;

        fx_start(fx_modes[mode]);
        d = fx_attached();
        memset(&attack, 0, sizeof(attack));
        model_on_access(fx_watch(), try_dma, NULL);
        iommu_unit_kill(fx.unit, "the test says so");
        model_on_access(fx_watch(), NULL, NULL);
        assert_int_equal(attack.bypasses, 0);
        fx_assert_denied(FX_SID);
        assert_int_equal(fx.unit->ops->flush(fx.unit, d, &(struct pt_gather){.all = true}),
                         -RF_EIO);
        fx_detach_destroy(d, FX_SID);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(translation_comes_on_with_an_empty_table),
        cmocka_unit_test(state_after_start),
        cmocka_unit_test(protected_memory_leaves_no_window),
        cmocka_unit_test(protected_memory_that_stays),
        cmocka_unit_test(firmware_tables_are_dropped),
        cmocka_unit_test(a_mode_that_cannot_be_kept_is_refused),
        cmocka_unit_test(wedged_queue_is_replaced),
        cmocka_unit_test(firmware_remapping_ends_where_there_is_none),
        cmocka_unit_test(stuck_commands_are_bounded_refusals),
        cmocka_unit_test(silence_is_named),
        cmocka_unit_test(failed_allocation_writes_nothing),
        cmocka_unit_test(quiesce_blocks_attached_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
