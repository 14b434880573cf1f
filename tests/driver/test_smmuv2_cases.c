/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/smmuv2_parts.h"
#include "tests/unit/cases.h"

/* What is known of drivers of SMMUv1/v2: orders of programming that matter, errata, and attacks,
 * each under a name. Offsets are those of IHI 0062, written out again. */
enum { CR0 = 0x00, ACR = 0x10, GFSR = 0x48, TLBIALLNSNH = 0x68, TLBIALLH = 0x6c, TLBGSYNC = 0x70 };
enum { SMR0 = 0x800, S2CR0 = 0xc00, CBAR0 = 0x1000, CBA2R0 = 0x1800 };
enum { SCTLR = 0x00, ACTLR = 0x04, TCR2 = 0x10, TTBR0 = 0x20, TCR = 0x30, MAIR0 = 0x38 };
#define SMR_VALID 0x80000000u

static struct model_write writes[MODEL_WRITES_MAX];
static unsigned write_count;

static void read_writes(void)
{
    write_count = model_writes(fx_watch(), writes, MODEL_WRITES_MAX);
    assert_true(write_count < MODEL_WRITES_MAX);
}

/* The write from `from` on to this register, with these bits; MODEL_WRITES_MAX: none. */
static unsigned find_write(unsigned from, uint32_t offset, uint64_t mask, uint64_t value)
{
    for (unsigned i = from; i < write_count; i++)
        if (writes[i].offset == offset && (writes[i].value & mask) == value)
            return i;
    return MODEL_WRITES_MAX;
}

static uint32_t bank_reg(unsigned bank, uint32_t reg)
{
    return smmuv2_model_bank(fx.model, bank, reg);
}

/* Of the only stream. */
static unsigned first_group(void)
{
    unsigned n = 0;

    while (!(smmuv2_model_read(fx.model, SMR0 + 4 * n, 4) & SMR_VALID))
        n++;
    return n;
}

/* ---- orders ---------------------------------------------------------------------------------- */

/* Each of these registers gives the next ones their meaning; M is last, and S2CR before SMR. */
static void a_bank_is_made_in_order(void **state)
{
    struct iommu_domain *d = start_attached(&smmuv2_model_mmu500);
    unsigned bank = first_bank(), group = first_group(), at = 0;
    const uint32_t order[] = {
        CBA2R0 + 4 * bank,     CBAR0 + 4 * bank,      bank_reg(bank, TCR2),
        bank_reg(bank, TCR),   bank_reg(bank, TTBR0), bank_reg(bank, MAIR0),
        bank_reg(bank, SCTLR), S2CR0 + 4 * group,     SMR0 + 4 * group,
    };

    (void)state;
    read_writes();
    at = find_write(0, order[0], 1, 1);
    for (size_t i = 1; i < ARRAY_SIZE(order); i++) {
        at = find_write(at + 1, order[i], 0, 0);
        assert_true(at < write_count);
    }
    assert_int_equal(writes[find_write(0, bank_reg(bank, SCTLR), 1, 1)].value & 1, 1);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* The stream leaves its group before the group leads elsewhere, and the bank goes off last, after a
 * sync. */
static void a_stream_is_freed_in_order(void **state)
{
    struct iommu_domain *d = start_attached(&smmuv2_model_mmu500);
    unsigned bank = first_bank(), group = first_group(), smr, s2cr, sync, off;
    unsigned before;

    (void)state;
    read_writes();
    before = write_count;
    fx_detach(d, SID);
    read_writes();
    smr = find_write(before, SMR0 + 4 * group, SMR_VALID, 0);
    s2cr = find_write(before, S2CR0 + 4 * group, 3u << 16, 2u << 16);
    sync = find_write(before, bank_reg(bank, 0x7f0), 0, 0);
    off = find_write(before, bank_reg(bank, SCTLR), 1, 0);
    assert_true(smr < s2cr && s2cr < sync && sync < off && off < write_count);
    iommu_domain_destroy(d);
    fx_close();
}

/* Unmatched streams fault before anything else is touched; everything cached goes, EL2's too, by
 * one sync. */
static void a_reset_is_in_order(void **state)
{
    unsigned usfcfg, clientpd, all, hyp, sync;

    (void)state;
    fx_start(&smmuv2_model_mmu500);
    read_writes();
    usfcfg = find_write(0, CR0, 1 << 10, 1 << 10);
    clientpd = find_write(0, CR0, 1, 0);
    all = find_write(0, TLBIALLNSNH, 0, 0);
    hyp = find_write(0, TLBIALLH, 0, 0);
    assert_int_equal(usfcfg, 0);
    assert_true(clientpd < all && all < write_count && hyp < write_count);
    sync = find_write(all > hyp ? all : hyp, TLBGSYNC, 0, 0);
    assert_true(sync < write_count);
    assert_int_equal(find_write(clientpd + 1, CR0, 1, 1), MODEL_WRITES_MAX);
    fx_close();
}

/* ---- banks ----------------------------------------------------------------------------------- */

static void banks_of_a_stage(const struct smmuv2_model_config *cfg, unsigned first)
{
    struct iommu_domain *d = start_attached(cfg);

    assert_int_equal(first_bank(), first);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* The first NUMS2CB banks have no stage 1. */
static void stage_1_banks_come_after_stage_2_only(void **state)
{
    struct smmuv2_model_config stage2 = smmuv2_model_mmu500;

    (void)state;
    stage2.idr0 &= ~STAGE_1;
    banks_of_a_stage(&smmuv2_model_mmu500, 2);
    banks_of_a_stage(&stage2, 0);
}

/* Probing the width of SMRs does not make one valid. */
static void smrs_are_probed_while_not_valid(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;
    struct iommu_domain *d;

    (void)state;
    cfg.sid_bits = cfg.mask_bits = 0x03ff; /* of 15 bits that IDR0 tells, ten are there */
    d = start_attached(&cfg);
    assert_int_equal(fx.unit->caps.sid_bits, 10);
    assert_int_equal(iommu_domain_attach(d, 0x400), -RF_ERANGE);
    read_writes();
    assert_int_equal(find_write(0, SMR0, SMR_VALID | 0x7fff, SMR_VALID | 0x7fff), MODEL_WRITES_MAX);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* ---- errata ---------------------------------------------------------------------------------- */

static void mmu500_unlocks_before_it_stops_prefetch(void **state)
{
    unsigned lock, prefetch;

    (void)state;
    fx_start(&smmuv2_model_mmu500);
    read_writes();
    lock = find_write(0, ACR, 1u << 26, 0);
    prefetch = find_write(0, bank_reg(0, ACTLR), 2, 0);
    assert_true(lock < prefetch && prefetch < write_count);
    fx_close();
}

/* Marvell AP806 582743: no access of 64 bits, by which the model would say so. */
static void ap806_uses_words_only(void **state)
{
    struct smmuv2_model_config cfg = smmuv2_model_mmu500;
    struct iommu_domain *d;

    (void)state;
    cfg.words_only = true;
    d = start_attached(&cfg);
    fx_assert_passes(SID, FX_IOVA, FX_PA);
    fx_unmap_sync(d, FX_IOVA, PAGE_SIZE);
    fx_assert_faults(SID, FX_IOVA, CF_TRANSLATION);
    fx_detach_destroy(d, SID);
    fx_close();
}

/* Cavium 27704: two units share a TLB, so that no id may be used by both. */
static void cavium_ids_are_unique_over_units(void **state)
{
    struct smmuv2_config cfg = fx_unit_config(&smmuv2_model_mmu500);
    struct smmuv2_model_config model = smmuv2_model_mmu500;
    uint64_t asid[2];

    (void)state;
    model.mmu500 = false;
    cfg.part = SMMUV2_PART_CAVIUM;
    for (unsigned second = 0; second <= 1; second++) {
        struct iommu_unit *first = NULL;
        struct iommu_domain *d;

        fx_open_cfg(&model, cfg);
        if (second) { /* as if one had been started before */
            struct smmuv2_config other = cfg;

            other.regs = (struct mmio){.base = FX_REGS, .size = smmuv2_model_size(fx.model)};
            assert_int_equal(smmuv2_create(&other, &first), 0);
            LIST_INSERT_HEAD(&iommu_units, first, link);
        }
        assert_int_equal(iommu_unit_start(fx.unit), 0);
        d = fx_mapped_domain();
        fx_attach(d, SID);
        asid[second] = smmuv2_model_read(fx.model, bank_reg(first_bank(), TTBR0), 8) >> 48;
        fx_detach_destroy(d, SID);
        if (first) {
            LIST_REMOVE(first, link);
            heap_free(first);
        }
        fx_close();
    }
    assert_int_not_equal(asid[0], asid[1]);
}

#define CAVIUM_UNITS 8u

/* 8-bit ids are enough for so many. */
static void cavium_units_are_limited(void **state)
{
    struct smmuv2_config cfg = fx_unit_config(&smmuv2_model_mmu500);
    struct smmuv2_model_config model = smmuv2_model_mmu500;
    struct iommu_unit *others[CAVIUM_UNITS];

    (void)state;
    model.mmu500 = false;
    cfg.part = SMMUV2_PART_CAVIUM;
    fx_open_cfg(&model, cfg);
    cfg.regs.size = smmuv2_model_size(fx.model);
    for (unsigned i = 0; i < CAVIUM_UNITS; i++) {
        assert_int_equal(smmuv2_create(&cfg, &others[i]), 0);
        LIST_INSERT_HEAD(&iommu_units, others[i], link);
    }
    assert_int_equal(iommu_unit_start(fx.unit), -RF_ENXIO);
    assert_true(fx_log_has("shares its TLB with 8 others"));
    fx_assert_denied(SID);
    for (unsigned i = 0; i < CAVIUM_UNITS; i++) {
        LIST_REMOVE(others[i], link);
        heap_free(others[i]);
    }
    fx_close();
}

/* ---- the table ------------------------------------------------------------------------------- */

#define TAKEOVER "tests/driver/test_smmuv2_takeover.c"
#define STREAM   "tests/driver/test_smmuv2_stream.c"
#define FLUSH    "tests/driver/test_smmuv2_flush.c"
#define SYNC     "tests/driver/test_smmuv2_sync.c"
#define FAULT    "tests/driver/test_smmuv2_fault.c"
#define FEATURES "tests/driver/test_smmuv2_features.c"
#define ATTACKS  "tests/driver/test_smmuv2_attacks.c"

static const struct foreign_case cases[] = {
    {.id = "ID: no stage, no SMR, NUMS2CB above NUMCB",
     .file = FEATURES,
     .test = "refusals_say_why"},
    {.id = "ID: window of another size", .file = FEATURES, .test = "a_small_window"},
    {.id = "ID: coherency", .file = FEATURES, .test = "coherency_is_firmwares_word"},
    {.id = "SMR: width is probed", .run = smrs_are_probed_while_not_valid},
    {.id = "SMR: none free", .file = STREAM, .test = "stream_mapping_groups_run_out"},
    {.id = "SMR: no matching", .file = STREAM, .test = "stream_out_of_range"},
    {.id = "SMR: partial overlap",
     .why = "every SMR ignores the same bits, so that two of them are the same or have nothing in "
            "common"},
    {.id = "SMR: order on free", .run = a_stream_is_freed_in_order},
    {.id = "bank: order", .run = a_bank_is_made_in_order},
    {.id = "bank: which", .run = stage_1_banks_come_after_stage_2_only},
    {.id = "bank: none free", .file = STREAM, .test = "banks_run_out"},
    {.id = "TLB: stage 2 of SMMUv1", .file = FLUSH, .test = "stage_2_of_smmuv1_is_flushed_whole"},
    {.id = "TLB: one sync", .file = FLUSH, .test = "one_sync_for_many_ranges"},
    {.id = "TLB: sync that times out",
     .file = SYNC,
     .test = "a_sync_that_never_ends_kills_the_unit"},
    {.id = "reset: order", .run = a_reset_is_in_order},
    {.id = "erratum MMU-500 826419 841119 1047329",
     .file = FLUSH,
     .test = "mmu500_prefetches_nothing"},
    {.id = "erratum MMU-500 CACHE_LOCK", .run = mmu500_unlocks_before_it_stops_prefetch},
    {.id = "erratum AP806 582743", .run = ap806_uses_words_only},
    {.id = "erratum Cavium 27704", .run = cavium_ids_are_unique_over_units},
    {.id = "erratum Cavium 27704, many units", .run = cavium_units_are_limited},
    {.id = "erratum Calxeda", .why = "its accesses are secure; the kernel never is"},
    {.id = "erratum NVIDIA",
     .why = "several instances that have to be programmed alike are not driven"},
    {.id = "MMU-401: 64K", .file = FEATURES, .test = "sizes_are_read"},
    {.id = "ATK-01 unmapped DMA", .file = ATTACKS, .test = "unmapped_addresses"},
    {.id = "ATK-02 boot window", .file = TAKEOVER, .test = "client_port_disabled"},
    {.id = "ATK-03 firmware's tables", .file = TAKEOVER, .test = "firmware_streams_are_live"},
    {.id = "ATK-03 firmware's faults", .file = TAKEOVER, .test = "firmware_faults_are_pending"},
    {.id = "ATK-04 stale TLB", .file = FLUSH, .test = "nothing_stale_after_a_flush"},
    {.id = "ATK-04 batches", .file = ATTACKS, .test = "batches_lose_nothing"},
    {.id = "ATK-04 rights", .file = FLUSH, .test = "a_right_that_was_taken_is_flushed"},
    {.id = "ATK-05 sync abuse", .file = SYNC, .test = "a_sync_that_never_ends_kills_the_unit"},
    {.id = "ATK-06 order", .file = STREAM, .test = "no_half_made_context_is_seen"},
    {.id = "ATK-06 ids used again", .file = FLUSH, .test = "what_is_used_again_is_clean"},
    {.id = "ATK-07 non-coherent", .file = STREAM, .test = "stores_in_any_order"},
    {.id = "ATK-10 ATS", .why = "SMMUv1 and v2 take no translated requests"},
    {.id = "ATK-11 PASID", .why = "there are none: a stream has one context"},
    {.id = "ATK-12 other streams", .file = ATTACKS, .test = "other_streams"},
    {.id = "ATK-23 storm", .file = FAULT, .test = "a_storm_is_survived"},
    {.id = "ATK-28 error paths", .file = ATTACKS, .test = "failed_start_denies"},
    {.id = "ATK-28 attach", .file = SYNC, .test = "an_attach_that_does_not_hold_kills_the_unit"},
    {.id = "ATK-28 attach, memory", .file = STREAM, .test = "attach_takes_no_memory"},
    {.id = "ATK-29 de-assignment", .file = SYNC, .test = "a_late_sync_is_waited_for"},
    {.id = "ATK-35 queue attributes", .why = "it has no queues"},
};

int main(void)
{
    return cases_run("cases SMMUv2", cases, ARRAY_SIZE(cases), NULL, NULL);
}
