/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"
#include "lib/pt/arm_size.h"

#define AA32_S1_IAS 32u /* stage 1 by long descriptors of AArch32 */
#define AA32_OAS    40u
#define ASID_BITS   8u
#define SID_BITS    15u
#define SID_BITS_EX 16u

/* ---- the layout of the registers ------------------------------------------------------------- */

/* All ones or all zeros in two registers that can be neither: nobody answers there. */
static bool is_silent(const struct smmuv2_features *f)
{
    return f->idr0 == f->idr1 && (f->idr0 == 0 || f->idr0 == UINT32_MAX);
}

static uint64_t half_size(const struct smmuv2_features *f)
{
    return UINT64_C(1) << (f->page_lg2 + f->pages_lg2);
}

static unsigned groups_of(const struct smmuv2_features *f)
{
    unsigned n = f->matching ? (unsigned)FIELD_GET(IDR0_NUMSMRG, f->idr0)
                             : 1u << FIELD_GET(IDR0_NUMSIDB, f->idr0);

    return MIN(n, STREAM_GROUPS_MAX);
}

/* Banks beyond the window that firmware gives are left alone. */
static unsigned banks_of(const struct smmuv2 *s)
{
    const struct smmuv2_features *f = &s->feat;
    uint64_t in_window = (s->cfg.regs.size - half_size(f)) >> f->page_lg2;

    return (unsigned)MIN(MIN(FIELD_GET(IDR1_NUMCB, f->idr1), BANKS_MAX), in_window);
}

int smmuv2_read_layout(struct smmuv2 *s)
{
    struct smmuv2_features *f = &s->feat;

    f->idr0 = mmio_read32(&s->global0, SMMU_IDR0);
    f->idr1 = mmio_read32(&s->global0, SMMU_IDR1);
    if (is_silent(f)) {
        log_err("%s: no SMMU answers at its address, every register reads %08x; check that it is "
                "powered and clocked, and its reg property",
                s->cfg.name, f->idr0);
        return -RF_ENODEV;
    }
    f->page_lg2 = f->idr1 & IDR1_PAGESIZE ? 16 : 12;
    f->pages_lg2 = (uint8_t)(FIELD_GET(IDR1_NUMPAGENDXB, f->idr1) + 1);
    f->matching = f->idr0 & IDR0_SMS;
    f->groups = (uint16_t)groups_of(f);
    if (s->cfg.regs.size <= half_size(f)) {
        log_err("%s: its register window has %lu KiB, its context banks begin after %lu; check its "
                "reg property",
                s->cfg.name, (unsigned long)(s->cfg.regs.size >> 10),
                (unsigned long)(half_size(f) >> 10));
        return -RF_ENXIO;
    }
    s->global1 = (struct mmio){.base = s->cfg.regs.base + (UINT64_C(1) << f->page_lg2),
                               .size = UINT64_C(1) << f->page_lg2};
    f->banks_end = (uint8_t)banks_of(s);
    return 0;
}

/* ---- stages, formats and sizes --------------------------------------------------------------- */

static uint64_t granules(const struct smmuv2_features *f)
{
    return f->aarch32 ? KIB(4)
                      : (f->idr2 & IDR2_PTFSV8_4K ? KIB(4) : 0) |
                            (f->idr2 & IDR2_PTFSV8_16K ? KIB(16) : 0) |
                            (f->idr2 & IDR2_PTFSV8_64K ? KIB(64) : 0);
}

/* Stage 1, unless the part has none, or no bank for it. */
static void decode_stage(struct smmuv2_features *f)
{
    unsigned s2_only = (unsigned)FIELD_GET(IDR1_NUMS2CB, f->idr1);

    f->stage2 = !(f->idr0 & IDR0_S1TS) || s2_only >= f->banks_end;
    f->banks_first = f->stage2 ? 0 : (uint8_t)s2_only;
    f->aarch32 = !(f->idr2 & (IDR2_PTFSV8_4K | IDR2_PTFSV8_16K | IDR2_PTFSV8_64K));
}

/* Stage 2 begins at a level that depends on the input size, and the first of four levels (4K), or
 * of three (64K), exists only where physical addresses have 44 bits (DDI 0487 D8.2.8). Smaller
 * parts get what the other levels reach. With 16K that would be 36 bits: not used. */
static unsigned stage2_input(const struct smmuv2_features *f, uint64_t g)
{
    unsigned bits = arm_size_bits(FIELD_GET(IDR2_IAS, f->idr2));
    unsigned reach = g & KIB(4) ? 39 : 42;
    bool deep = !f->aarch32 && arm_size_bits(FIELD_GET(IDR2_OAS, f->idr2)) >= 44;

    return deep ? bits : MIN(bits, reach);
}

/* UBS is a field of SMMUv2. Bit 48 of a bus that has it tells TTBR1 from TTBR0. */
static unsigned stage1_input(const struct smmuv2_features *f)
{
    return f->aarch32 ? AA32_S1_IAS
                      : arm_size_bits(f->version == 1 ? FIELD_GET(IDR2_IAS, f->idr2)
                                                      : FIELD_GET(IDR2_UBS, f->idr2));
}

/* What leaves stage 1 is an intermediate address also where stage 2 is bypassed. */
static unsigned output_bits(const struct smmuv2_features *f)
{
    unsigned bits = arm_size_bits(FIELD_GET(IDR2_OAS, f->idr2));

    if (!f->stage2)
        bits = MIN(bits, arm_size_bits(FIELD_GET(IDR2_IAS, f->idr2)));
    return f->aarch32 ? MIN(bits, AA32_OAS) : bits;
}

/* Firmware knows how the SMMU is wired, the SMMU only what it was built for. */
static bool decode_coherent(const struct smmuv2 *s)
{
    bool claims = s->feat.idr0 & IDR0_CTTW;

    if (claims != s->cfg.dt_coherent)
        log_warn("%s: firmware says table walks %s coherent, IDR0.CTTW = %u; taking firmware's "
                 "word",
                 s->cfg.name, s->cfg.dt_coherent ? "are" : "are not", claims);
    return s->cfg.dt_coherent;
}

static void decode_caps(struct smmuv2 *s)
{
    const struct smmuv2_features *f = &s->feat;
    uint64_t g = granules(f);

    if (f->stage2 && g != KIB(16))
        g &= ~KIB(16);
    s->unit.caps = (struct iommu_caps){
        .format = f->stage2 ? &pt_arm_s2 : &pt_arm_s1,
        .granules = g,
        .ias = (uint8_t)(f->stage2 ? stage2_input(f, g) : stage1_input(f)),
        .oas = (uint8_t)output_bits(f),
        .sid_bits = (uint8_t)MIN(FIELD_GET(IDR0_NUMSIDB, f->idr0), SID_BITS),
        .asid_bits = f->asid_bits,
        .coherent = decode_coherent(s),
    };
}

/* Extended ids change the layout of SMRs for all: only where firmware names such a stream. */
static void decode_sids(struct smmuv2 *s)
{
    struct smmuv2_features *f = &s->feat;

    f->extended = f->matching && f->idr0 & IDR0_EXIDS && s->cfg.sid_last >> SID_BITS != 0;
    if (f->extended)
        s->unit.caps.sid_bits = SID_BITS_EX;
}

/* ---- refusals: what this driver cannot do without -------------------------------------------- */

static bool no_stage(const struct smmuv2_features *f)
{
    return !(f->idr0 & (IDR0_S1TS | IDR0_S2TS));
}

static bool no_groups(const struct smmuv2_features *f)
{
    return f->groups == 0;
}

static bool no_banks(const struct smmuv2_features *f)
{
    return f->banks_end == 0;
}

static bool bad_banks(const struct smmuv2_features *f)
{
    return FIELD_GET(IDR1_NUMS2CB, f->idr1) > FIELD_GET(IDR1_NUMCB, f->idr1);
}

static bool only_stage1_without_banks(const struct smmuv2_features *f)
{
    return !no_banks(f) && f->stage2 && !(f->idr0 & IDR0_S2TS) && f->idr0 & IDR0_S1TS;
}

static bool no_format(const struct smmuv2_features *f)
{
    return f->aarch32 && FIELD_GET(IDR0_PTFS, f->idr0) >= PTFS_NO_AA32;
}

static bool only_16k_stage2(const struct smmuv2_features *f)
{
    return f->stage2 && granules(f) == KIB(16);
}

static const struct refusal {
    bool (*applies)(const struct smmuv2_features *f);
    const char *why;
} refusals[] = {
    {no_stage, "it translates at no stage (IDR0.S1TS = IDR0.S2TS = 0)"},
    {no_groups, "it matches streams by no register at all (IDR0.NUMSMRG = 0)"},
    {no_banks, "it has no context bank (IDR1.NUMCB = 0, or outside its register window)"},
    {bad_banks, "more of its context banks are for stage 2 only than there are (IDR1.NUMS2CB > "
                "IDR1.NUMCB)"},
    {only_stage1_without_banks, "every context bank is for stage 2, which it does not have"},
    {no_format, "it walks neither VMSAv8-64 tables nor long descriptors (IDR0.PTFS, IDR2.PTFSv8)"},
    {only_16k_stage2, "it translates at stage 2 only, in granules of 16K, which is not supported"},
};

static int check_refusals(const struct smmuv2 *s)
{
    int err = 0;

    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        if (!refusals[i].applies(&s->feat))
            continue;
        log_err("%s: refused: %s", s->cfg.name, refusals[i].why);
        err = -RF_ENXIO;
    }
    return err;
}

int smmuv2_read_features(struct smmuv2 *s)
{
    struct smmuv2_features *f = &s->feat;
    int err;

    f->idr2 = mmio_read32(&s->global0, SMMU_IDR2);
    f->idr7 = mmio_read32(&s->global0, SMMU_IDR7);
    f->version = smmuv2_part_version(s->cfg.part);
    f->asid_bits = ASID_BITS;
    err = smmuv2_apply_quirks(s);
    if (err)
        return err;
    decode_stage(f);
    err = check_refusals(s);
    if (err)
        return err;
    decode_caps(s);
    decode_sids(s);
    return 0;
}

/* ---- the boot report ------------------------------------------------------------------------- */

static void describe_translation(const struct smmuv2 *s, struct strbuf *b)
{
    const struct iommu_caps *c = &s->unit.caps;

    strbuf_printf(b, "SMMUv%u (%s): stage %u, %s, %u-bit in, %u-bit out, granules%s%s%s, %s walks",
                  s->feat.version, smmuv2_part_name(s->cfg.part), s->feat.stage2 ? 2 : 1,
                  s->feat.aarch32 ? "long descriptors" : "VMSAv8-64", c->ias, c->oas,
                  c->granules & KIB(4) ? " 4K" : "", c->granules & KIB(16) ? " 16K" : "",
                  c->granules & KIB(64) ? " 64K" : "", c->coherent ? "coherent" : "non-coherent");
}

static void describe_streams(const struct smmuv2 *s, struct strbuf *b)
{
    const struct smmuv2_features *f = &s->feat;

    if (f->matching)
        strbuf_printf(b, "\n%u-bit stream ids matched by %u registers", s->unit.caps.sid_bits,
                      f->groups);
    else
        strbuf_printf(b, "\n%u streams, by index", f->groups);
    if (s->cfg.sid_ignore)
        strbuf_printf(b, " but for bits 0x%x", s->cfg.sid_ignore);
    strbuf_printf(b, ", %u context banks, %u-bit %s", (unsigned)(f->banks_end - f->banks_first),
                  f->asid_bits, f->stage2 ? "VMIDs" : "ASIDs");
    if (f->errata)
        strbuf_printf(b, ", errata: %s", f->errata);
}

void smmuv2_describe(const struct iommu_unit *u, char *text, size_t n)
{
    const struct smmuv2 *s = CONTAINER_OF(u, const struct smmuv2, unit);
    struct strbuf b;

    strbuf_init(&b, text, n);
    describe_translation(s, &b);
    describe_streams(s, &b);
}
