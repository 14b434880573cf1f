/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/driver/live_entry.h"

/* What the self tests of Linux's SMMUv3 driver expect of changes of a live STE or CD, case by case
 * under its name: how many invalidations it takes, whether the stream is denied in between, and
 * (live_entry.h) that hardware never sees anything but the old entry, the new one or one that
 * denies. */

#define PTR_A UINT64_C(0x123440)
#define PTR_B UINT64_C(0xabcdc0)

static void abort_entry(uint64_t *e)
{
    smmuv3_ste_abort(e);
}

/* Written by nobody here, but the writer does not know that. */
static void bypass_entry(uint64_t *e)
{
    memset(e, 0, WORDS * sizeof(*e));
    e[0] = 1 | 4 << 1;
    e[1] = UINT64_C(1) << 44; /* SHCFG */
}

static void s1_entry(uint64_t *e)
{
    smmuv3_ste_s1(PADDR(PTR_A), true, e);
}

static void s1_other_dss(uint64_t *e)
{
    s1_entry(e);
    e[1] |= 2; /* S1DSS */
}

static void s1_other_table_and_dss(uint64_t *e)
{
    smmuv3_ste_s1(PADDR(PTR_B), true, e);
    e[1] |= 2;
}

static void cd_with(uint64_t *e, uint16_t asid, uint64_t root)
{
    struct iommu_domain d = {
        .asid = asid,
        .pt = {.cfg = {.granule_lg2 = 12, .ias = 48, .oas = 44, .coherent = true}, .root = {root}},
    };

    smmuv3_cd_s1(&d, e);
}

static void cd_empty(uint64_t *e)
{
    memset(e, 0, WORDS * sizeof(*e));
}

static void cd_entry(uint64_t *e)
{
    cd_with(e, 7, 0x4560000);
}

static void cd_other_asid(uint64_t *e)
{
    cd_with(e, 8, 0x4560000);
}

/* ---- the cases ------------------------------------------------------------------------------- */

#define NO_STAGE_2   "stage 2 is never used"
#define NO_SUBSTREAM "there are no substreams: S1DSS and PASIDs are never used"

static const struct entry_case {
    const char *name;
    void (*from)(uint64_t *e), (*to)(uint64_t *e);
    unsigned syncs;
    bool hitless;
    bool is_cd;
    const char *why_not;
} cases[] = {
    {"STE-01 bypass to abort", bypass_entry, abort_entry, 2, false, false, NULL},
    {"STE-01 abort to bypass", abort_entry, bypass_entry, 2, false, false, NULL},
    {"STE-02 CD table to abort", s1_entry, abort_entry, 2, false, false, NULL},
    {"STE-02 abort to CD table", abort_entry, s1_entry, 2, false, false, NULL},
    {"STE-03 CD table to bypass", s1_entry, bypass_entry, 3, false, false, NULL},
    {"STE-03 bypass to CD table", bypass_entry, s1_entry, 3, false, false, NULL},
    {"STE-04 S1DSS alone", s1_entry, s1_other_dss, 1, true, false, NULL},
    {"STE-05 S1DSS bypass and bypass", NULL, NULL, 0, false, false, NO_SUBSTREAM},
    {"STE-06 stage 2 and abort or bypass", NULL, NULL, 0, false, false, NO_STAGE_2},
    {"STE-07 stage 1 and stage 2", NULL, NULL, 0, false, false, NO_STAGE_2},
    {"STE-08 CD table and S1DSS", s1_entry, s1_other_table_and_dss, 3, false, false, NULL},
    {"STE-09 nested S1DSS bypass", NULL, NULL, 0, false, false, NO_STAGE_2},
    {"CD-01 empty to stage 1", cd_empty, cd_entry, 2, false, true, NULL},
    {"CD-01 stage 1 to empty", cd_entry, cd_empty, 2, false, true, NULL},
    {"CD-02 ASID alone", cd_entry, cd_other_asid, 1, true, true, NULL},
    {"CD-03 SVA clear and release", NULL, NULL, 0, false, true, "tables of a CPU are never shared"},
};

static void run_case(void **state)
{
    const struct entry_case *c = *state;
    uint64_t from[WORDS], to[WORDS];

    if (c->why_not) {
        print_message("%s does not apply: %s\n", c->name, c->why_not);
        return;
    }
    c->from(from);
    c->to(to);
    assert_int_equal(change(from, to, c->is_cd, 0), 0);
    assert_int_equal(w.commits, c->syncs);
    assert_int_equal(w.denying == 0, c->hitless);
}

/* Streams that share a domain share its ASID: one TLBI, and none is lost when one leaves. */
static void shared_domain(void **state)
{
    static const uint32_t sids[] = {1, 2, 0x103, 0x104};
    struct iommu_domain *d;

    (void)state;
    fx_start(&smmuv3_model_virt);
    d = fx_domain(12);
    for (size_t n = 0; n < ARRAY_SIZE(sids); n++)
        fx_attach(d, sids[n]);
    for (size_t gone = 0; gone < ARRAY_SIZE(sids); gone++) {
        fx_map(d, FX_IOVA, FX_PA, PAGE_SIZE);
        for (size_t n = gone; n < ARRAY_SIZE(sids); n++)
            fx_assert_passes(sids[n], FX_IOVA, FX_PA);
        smmuv3_model_clear_counts(fx.model);
        fx_unmap_sync(d, FX_IOVA, PAGE_SIZE);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_TLBI_NH_VA), 1);
        assert_int_equal(smmuv3_model_count(fx.model, SMMU_OP_SYNC), 1);
        for (size_t n = gone; n < ARRAY_SIZE(sids); n++)
            fx_assert_blocked(sids[n], FX_IOVA, F_TRANSLATION);
        fx_detach(d, sids[gone]);
    }
    iommu_domain_destroy(d);
    fx_close();
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_SIZE(cases) + 1];

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        tests[i] = (struct CMUnitTest){cases[i].name, run_case, NULL, NULL, (void *)&cases[i]};
    tests[ARRAY_SIZE(cases)] =
        (struct CMUnitTest){"INV-01 streams of one domain", shared_domain, NULL, NULL, NULL};
    return cmocka_run_group_tests_name("cases 07", tests, NULL, NULL);
}
