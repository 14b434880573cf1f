/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/regs.h"
#include "drivers/iommu/smmuv3/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/pt/arm_size.h"

/* A 2-level stream table is as large as the top table that it may have: 2^17 descriptors are 1 MiB.
 * Queues are kept small; a full event queue only loses reports. */
#define SPLIT          8u
#define TOP_LG2_MAX    17u
#define LINEAR_LG2_MAX 16u
#define CMDQ_LG2_MAX   8u
#define EVENTQ_LG2_MAX 9u
#define INPUT_BITS     48u

/* ---- refusals: what this driver cannot do without -------------------------------------------- */

struct refusal {
    size_t reg; /* offset in struct smmuv3_features */
    uint32_t mask;
    uint32_t value; /* refused when the masked register equals it */
    const char *why;
};

#define IDR(n) offsetof(struct smmuv3_features, idr##n)

static const struct refusal refusals[] = {
    {IDR(0), IDR0_S1P, 0, "stage 1 absent; only an SMMU with stage 1 can be used (IDR0.S1P = 0)"},
    {IDR(0), IDR0_TTF_AA64, 0, "it cannot walk VMSAv8-64 tables (IDR0.TTF)"},
    {IDR(0), IDR0_TTENDIAN, FIELD_PREP(IDR0_TTENDIAN, TTENDIAN_BIG),
     "it walks big-endian tables only (IDR0.TTENDIAN = 3)"},
    {IDR(0), IDR0_STALL_MODEL, FIELD_PREP(IDR0_STALL_MODEL, STALL_MODEL_FORCED),
     "it can only stall on a fault, never abort (IDR0.STALL_MODEL = 2)"},
    {IDR(1), IDR1_TABLES_PRESET, IDR1_TABLES_PRESET,
     "its stream table is fixed in hardware (IDR1.TABLES_PRESET = 1)"},
    {IDR(1), IDR1_QUEUES_PRESET, IDR1_QUEUES_PRESET,
     "its queues are fixed in hardware (IDR1.QUEUES_PRESET = 1)"},
    {IDR(1), IDR1_CMDQS, 0,
     "its command queue has one entry; a command and its CMD_SYNC need two (IDR1.CMDQS = 0)"},
    {IDR(1), IDR1_REL, IDR1_REL, "its table addresses are relative (IDR1.REL = 1)"},
    {IDR(5), IDR5_GRAN4K | IDR5_GRAN16K | IDR5_GRAN64K, 0,
     "it has no translation granule (IDR5.GRAN4K, GRAN16K, GRAN64K = 0)"},
};

static uint32_t id_register(const struct smmuv3_features *f, size_t reg)
{
    return *(const uint32_t *)((const char *)f + reg);
}

static int check_refusals(const struct smmuv3 *s)
{
    const struct smmuv3_features *f = &s->feat;
    int err = 0;

    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        if ((id_register(f, refusals[i].reg) & refusals[i].mask) != refusals[i].value)
            continue;
        log_err("%s: refused: %s", s->cfg.name, refusals[i].why);
        err = -RF_ENXIO;
    }
    return err;
}

/* ---- decoding -------------------------------------------------------------------------------- */

static uint64_t granules(uint32_t idr5)
{
    return (idr5 & IDR5_GRAN4K ? KIB(4) : 0) | (idr5 & IDR5_GRAN16K ? KIB(16) : 0) |
           (idr5 & IDR5_GRAN64K ? KIB(64) : 0);
}

/* A linear table is enough for what one level 2 table would hold. An SMMU of many stream ids that
 * has nothing else breaks the specification (3.3.1), and gets what 4 MiB hold. */
static void decode_sids(struct smmuv3_features *f)
{
    unsigned bits = (unsigned)FIELD_GET(IDR1_SIDSIZE, f->idr1);

    f->two_level = FIELD_GET(IDR0_ST_LEVEL, f->idr0) == 1 && bits > SPLIT;
    f->sid_bits = (uint8_t)MIN(bits, f->two_level ? TOP_LG2_MAX + SPLIT : LINEAR_LG2_MAX);
}

/* Firmware knows how the SMMU is wired, the SMMU only what it was built for (3.15). */
static bool decode_coherent(const struct smmuv3 *s)
{
    bool claims = s->feat.idr0 & IDR0_COHACC;

    if (claims != s->cfg.dt_coherent)
        log_warn("%s: firmware says table walks %s coherent, IDR0.COHACC = %u; taking firmware's "
                 "word",
                 s->cfg.name, s->cfg.dt_coherent ? "are" : "are not", claims);
    return s->cfg.dt_coherent;
}

static void decode_caps(struct smmuv3 *s)
{
    const struct smmuv3_features *f = &s->feat;

    s->unit.caps = (struct iommu_caps){
        .format = &pt_arm_s1,
        .granules = granules(f->idr5),
        .ias = INPUT_BITS,
        .oas = (uint8_t)arm_size_bits(FIELD_GET(IDR5_OAS, f->idr5)),
        .sid_bits = f->sid_bits,
        .asid_bits = f->idr0 & IDR0_ASID16 ? 16 : 8,
        .coherent = decode_coherent(s),
    };
}

int smmuv3_read_features(struct smmuv3 *s)
{
    struct smmuv3_features *f = &s->feat;
    int err;

    f->idr0 = mmio_read32(&s->page0, SMMU_IDR0);
    f->idr1 = mmio_read32(&s->page0, SMMU_IDR1);
    f->idr3 = mmio_read32(&s->page0, SMMU_IDR3);
    f->idr5 = mmio_read32(&s->page0, SMMU_IDR5);
    f->iidr = mmio_read32(&s->page0, SMMU_IIDR);
    f->aidr = mmio_read32(&s->page0, SMMU_AIDR);
    err = check_refusals(s);
    if (err)
        return err;
    decode_sids(f);
    f->range_inv = f->idr3 & IDR3_RIL;
    f->cmdq_lg2 = (uint8_t)MIN(FIELD_GET(IDR1_CMDQS, f->idr1), CMDQ_LG2_MAX);
    f->eventq_lg2 = (uint8_t)MIN(FIELD_GET(IDR1_EVENTQS, f->idr1), EVENTQ_LG2_MAX);
    f->batch_max = UINT32_MAX; /* no limit */
    smmuv3_apply_quirks(f);
    decode_caps(s);
    return 0;
}

/* ---- the boot report ------------------------------------------------------------------------- */

static void describe_translation(const struct smmuv3 *s, struct strbuf *b)
{
    const struct smmuv3_features *f = &s->feat;
    const struct iommu_caps *c = &s->unit.caps;

    strbuf_printf(b, "SMMUv3.%u: %s, %u-bit in, %u-bit out, granules%s%s%s, %s, %s walks",
                  (unsigned)FIELD_GET(AIDR_ARCHMINOR, f->aidr),
                  f->idr0 & IDR0_S2P ? "stage 1 (stage 2 unused)" : "stage 1", c->ias, c->oas,
                  c->granules & KIB(4) ? " 4K" : "", c->granules & KIB(16) ? " 16K" : "",
                  c->granules & KIB(64) ? " 64K" : "",
                  f->range_inv ? "range invalidation" : "no range invalidation",
                  c->coherent ? "coherent" : "non-coherent");
}

static const char *unused_features(uint32_t idr0)
{
    static const char *const text[] = {
        "no ATS, PRI or HTTU",
        "ATS off",
        "PRI off",
        "ATS, PRI off",
        "HTTU off",
        "ATS, HTTU off",
        "PRI, HTTU off",
        "ATS, PRI, HTTU off",
    };

    return text[(idr0 & IDR0_ATS ? 1 : 0) | (idr0 & IDR0_PRI ? 2 : 0) | (idr0 & IDR0_HTTU ? 4 : 0)];
}

static void describe_tables(const struct smmuv3 *s, struct strbuf *b)
{
    strbuf_printf(b, "\n%u-bit stream ids in a %s table, %u-bit ASIDs, %u commands, %u events, %s",
                  s->strtab.sid_bits, s->strtab.two_level ? "2-level" : "linear",
                  s->unit.caps.asid_bits, 1u << s->cmdq.lg2, 1u << s->eventq.lg2,
                  unused_features(s->feat.idr0));
    if (s->feat.errata)
        strbuf_printf(b, ", errata: %s", s->feat.errata);
}

void smmuv3_describe(const struct iommu_unit *u, char *text, size_t n)
{
    const struct smmuv3 *s = CONTAINER_OF(u, const struct smmuv3, unit);
    struct strbuf b;

    strbuf_init(&b, text, n);
    describe_translation(s, &b);
    describe_tables(s, &b);
}
