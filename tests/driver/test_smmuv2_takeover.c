/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"

#include "lib/iommu/fault.h"

/* From any state that firmware may leave, no DMA passes that the driver did not allow. There is no
 * register that blocks all: what blocks is that no stream matches and unmatched streams fault.
 * Offsets and bits here are those of IHI 0062, written out again. */
enum {
    CR0 = 0x00,
    CR0_CLIENTPD = 1 << 0,
    CR0_USFCFG = 1 << 10,
    GFSR = 0x48,
    SMR0 = 0x800,
    S2CR0 = 0xc00,
    CBAR0 = 0x1000,
    CBA2R0 = 0x1800,
    CB_SCTLR = 0x00,
    CB_TCR2 = 0x10,
    CB_TTBR0 = 0x20,
    CB_TCR = 0x30,
    CB_MAIR0 = 0x38,
    CB_FSR = 0x58,
};
#define SMR_VALID   0x80000000u
#define S2CR_BYPASS (1u << 16)
#define FSR_STALLED 0x40000002u

/* ---- a device that never stops --------------------------------------------------------------- */

static struct attack {
    bool ended; /* a DMA did not pass any more */
    unsigned passes, again, bypasses;
} attack;

/* Once blocked, it stays blocked. */
static void try_dma(void *ctx)
{
    struct smmuv2_model_result r = fx_dma(SID, FX_IOVA, true);

    (void)ctx;
    attack.passes += r.passed;
    attack.bypasses += r.bypassed;
    attack.again += r.passed && attack.ended;
    attack.ended |= !r.passed;
}

static void start_attacked(int want)
{
    memset(&attack, 0, sizeof(attack));
    model_on_access(fx_watch(), try_dma, NULL);
    assert_int_equal(iommu_unit_start(fx.unit), want);
    model_on_access(fx_watch(), NULL, NULL);
    assert_int_equal(attack.again, 0);
    assert_true(attack.ended);
    fx_assert_denied(SID);
}

static void preset(uint32_t offset, uint64_t value)
{
    smmuv2_model_preset(fx.model, offset, value);
}

/* ---- bypass at reset ------------------------------------------------------------------------- */

static void client_port_disabled(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i]);

        print_message("%s\n", parts[i].name);
        fx_open(&cfg);
        assert_true(fx_dma(SID, FX_IOVA, true).bypassed);
        start_attacked(0);
        fx_close();
    }
}

/* Registers of stream matching have any value after reset: all valid, all the same. */
static void stream_mapping_of_unknown_value(void **state)
{
    static const uint32_t s2cr[] = {0, S2CR_BYPASS, 2u << 16, 0xffffffff};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(s2cr); i++) {
        struct smmuv2_model_config cfg = smmuv2_model_mmu500;

        cfg.smr = SMR_VALID | SID;
        cfg.s2cr = s2cr[i];
        fx_open(&cfg);
        start_attacked(0);
        fx_close();
    }
}

/* Open for everybody, but not by CLIENTPD. */
static void unmatched_streams_bypass(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu401;

    (void)state;
    cfg.cr0 = 0;
    fx_open(&cfg);
    assert_true(fx_dma(SID, FX_IOVA, true).bypassed);
    start_attacked(0);
    fx_close();
}

static void groups_that_bypass(void **state)
{
    (void)state;
    for (unsigned usfcfg = 0; usfcfg <= 1; usfcfg++) {
        struct smmuv2_model_config cfg = smmuv2_model_mmu401;

        cfg.cr0 = usfcfg ? CR0_USFCFG : 0;
        fx_open(&cfg);
        preset(SMR0 + 4 * 3, SMR_VALID | 0xffu << 16); /* all of bus 0 */
        preset(S2CR0 + 4 * 3, S2CR_BYPASS);
        assert_true(fx_dma(SID, FX_IOVA, true).bypassed);
        start_attacked(0);
        fx_close();
    }
}

/* ---- firmware's tables are running ----------------------------------------------------------- */

static struct pt firmware_pt;

/* Bank 2 of MMU-500 at stage 1, ASID 1 and VMID 0, which the driver may use too. */
static void firmware_runs(void)
{
    struct pt_config cfg = {.granule_lg2 = 12, .ias = 48, .oas = 48, .coherent = true};
    uint32_t bank = smmuv2_model_bank(fx.model, 2, 0);

    assert_int_equal(pt_init(&firmware_pt, &pt_arm_s1, &cfg), 0);
    assert_int_equal(pt_map(&firmware_pt, FX_IOVA, PADDR(FX_PA), PAGE_SIZE, FX_RW | PT_USER), 0);
    preset(CBAR0 + 4 * 2, 1u << 16 | 3u << 8);
    preset(CBA2R0 + 4 * 2, 1);
    preset(bank + CB_TCR2, 7u << 15 | 1u << 4 | 5u);
    preset(bank + CB_TCR, 1u << 23 | 3u << 12 | 1u << 10 | 1u << 8 | 16);
    preset(bank + CB_TTBR0, firmware_pt.root.v | UINT64_C(1) << 48);
    preset(bank + CB_MAIR0, 0x04ff);
    preset(bank + CB_SCTLR, 0x1167);
    preset(SMR0 + 4 * 5, SMR_VALID | SID);
    preset(S2CR0 + 4 * 5, 2);
    preset(CR0, 0);
}

static void firmware_streams_are_live(void **state)
{
    (void)state;
    for (unsigned lag = 0; lag <= 9; lag += 9) {
        struct smmuv2_model_config cfg = smmuv2_model_mmu500;
        struct iommu_domain *d;

        cfg.sync_delay = lag;
        cfg.keeps_routes = lag;
        fx_open(&cfg);
        firmware_runs();
        fx_assert_passes(SID, FX_IOVA, FX_PA);
        start_attacked(0);
        assert_int_equal(attack.bypasses, 0); /* not on the way either */

        /* Nothing of what was cached is left. */
        for (uint16_t asid = 0; asid < 3; asid++) {
            d = fx_domain(12);
            fx_attach(d, SID);
            fx_assert_faults(SID, FX_IOVA, CF_TRANSLATION);
            fx_detach_destroy(d, SID);
        }
        pt_fini(&firmware_pt);
        fx_close();
    }
}

/* Faults of before are nobody's, and no access is left to wait for ever. */
static void firmware_faults_are_pending(void **state)
{
    (void)state;
    fx_open(&smmuv2_model_mmu500);
    firmware_runs();
    preset(GFSR, 0x80000002);
    for (unsigned bank = 0; bank < 4; bank++)
        preset(smmuv2_model_bank(fx.model, bank, CB_FSR), FSR_STALLED);
    assert_int_equal(iommu_unit_start(fx.unit), 0);
    iommu_fault_poll();
    assert_int_equal(fx_stats().faults, 0);
    assert_int_equal(smmuv2_model_read(fx.model, GFSR, 4), 0);
    for (unsigned bank = 0; bank < 4; bank++)
        assert_int_equal(smmuv2_model_read(fx.model, smmuv2_model_bank(fx.model, bank, CB_FSR), 4),
                         0);
    pt_fini(&firmware_pt);
    fx_close();
}

/* ---- what does not answer -------------------------------------------------------------------- */

static void silence_is_named(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;

    (void)state;
    cfg.silent = true;
    for (int ones = 0; ones <= 1; ones++) {
        cfg.silent_value = ones ? UINT32_MAX : 0;
        fx_open(&cfg);
        assert_int_equal(iommu_unit_start(fx.unit), -RF_ENODEV);
        assert_true(fx_log_has(ones ? "ffffffff" : "00000000"));
        fx_close();
    }
}

/* Secure firmware keeps the register to itself. */
static void cr0_that_cannot_be_written_is_a_refusal(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;

    (void)state;
    cfg.cr0_stuck = true;
    fx_open(&cfg);
    assert_true(iommu_unit_start(fx.unit) < 0);
    assert_true(fx.unit->dead || LIST_EMPTY(&iommu_units));
    assert_true(fx_log_has("sCR0"));
    fx_close();
}

/* A group that bypasses, and that firmware does not let go. */
static void a_group_that_firmware_keeps_is_a_refusal(void **state)
{
    (void)state;
    fx_open(&smmuv2_model_mmu500);
    preset(S2CR0 + 4 * 7, S2CR_BYPASS);
    smmuv2_model_keep_group(fx.model, 7);
    assert_int_equal(iommu_unit_start(fx.unit), -RF_ENXIO);
    assert_true(fx_log_has("S2CR7 cannot be made to fault"));
    assert_true(LIST_EMPTY(&iommu_units));
    fx_close();
}

static void sync_that_never_ends_is_a_bounded_refusal(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;
    uint64_t before;

    (void)state;
    cfg.sync_stuck = true;
    fx_open(&cfg);
    before = clock_now_ns();
    start_attacked(-RF_ETIMEDOUT);
    assert_true(clock_now_ns() - before < 4000000000u);
    assert_true(fx_log_has("TLBGSTATUS"));
    assert_true(LIST_EMPTY(&iommu_units));
    fx_close();
}

/* ---- the way back ---------------------------------------------------------------------------- */

static void kill_attacked(bool sync_stuck)
{
    memset(&attack, 0, sizeof(attack));
    smmuv2_model_set_sync_stuck(fx.model, sync_stuck);
    model_on_access(fx_watch(), try_dma, NULL);
    iommu_unit_kill(fx.unit, "the test says so");
    model_on_access(fx_watch(), NULL, NULL);
    assert_int_equal(attack.bypasses, 0);
    assert_int_equal(attack.again, 0);
    fx_assert_blocked(SID, FX_IOVA);
}

static void quiesce_blocks_attached_streams(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_SIZE(parts); i++) {
        struct smmuv2_model_config cfg = part_config(&parts[i / 2]);
        struct iommu_domain *d;
        uint64_t start;

        cfg.keeps_routes = false; /* what no longer answers may keep what it has */
        fx_start(&cfg);
        start = clock_now_ns();
        d = fx_attached(SID);
        kill_attacked(i % 2);
        assert_true(clock_now_ns() - start < 10000000000u);
        fx_detach_destroy(d, SID);
        fx_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_port_disabled),
        cmocka_unit_test(stream_mapping_of_unknown_value),
        cmocka_unit_test(unmatched_streams_bypass),
        cmocka_unit_test(groups_that_bypass),
        cmocka_unit_test(firmware_streams_are_live),
        cmocka_unit_test(firmware_faults_are_pending),
        cmocka_unit_test(silence_is_named),
        cmocka_unit_test(cr0_that_cannot_be_written_is_a_refusal),
        cmocka_unit_test(a_group_that_firmware_keeps_is_a_refusal),
        cmocka_unit_test(sync_that_never_ends_is_a_bounded_refusal),
        cmocka_unit_test(quiesce_blocks_attached_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
