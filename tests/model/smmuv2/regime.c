/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

/* What the registers of a bank say of its tables: VMSAv8-64 of stage 1 and 2 (DDI 0487 D8), and
 * the long descriptors of VMSAv8-32 (DDI 0406 B3.6), as IHI 0062 chapters 2 and 16 take them. */

unsigned sm2_size_bits(unsigned code)
{
    static const unsigned size[] = {32, 36, 40, 42, 44, 48};

    return code < 6 ? size[code] : 0;
}

static unsigned oas_bits(const struct smmuv2_model *m)
{
    return sm2_size_bits((unsigned)bits(m->cfg.idr2, 7, 4));
}

static bool has_granule(const struct smmuv2_model *m, unsigned lg2)
{
    if (m->cfg.version == 1)
        return m->cfg.granule_64k && lg2 == 16;
    return bit(m->cfg.idr2, lg2 == 12 ? 12 : lg2 == 14 ? 13 : 14);
}

static unsigned granule(const struct smmuv2_model *m, uint32_t tcr)
{
    static const unsigned lg2[] = {12, 16, 14, 0};
    unsigned g = lg2[bits(tcr, 15, 14)];

    return g && has_granule(m, g) ? g : 0;
}

/* The level at which a walk of so many input bits starts. */
static unsigned start_level(unsigned input_bits, unsigned granule_lg2)
{
    unsigned stride = granule_lg2 - 3;

    return 4 - (input_bits - granule_lg2 + stride - 1) / stride;
}

static bool wrong(struct smmuv2_model *m, unsigned n, const char *what)
{
    model_broken(&m->watch, "bank %u: %s", n, what);
    return false;
}

/* ---- stage 1 --------------------------------------------------------------------------------- */

/* Bit at which input addresses are extended by their sign, by TCR2.SEP; 63: nowhere that matters.
 * What is negative belongs to TTBR1. */
static unsigned sign_bit(uint32_t tcr2)
{
    static const unsigned at[] = {31, 35, 39, 41, 43, 47, 63, 63};

    return at[bits(tcr2, 17, 15)];
}

static bool stage1_aarch64(struct smmuv2_model *m, unsigned n, struct regime *r)
{
    const struct bank *b = &m->bank[n];
    unsigned t0sz = (unsigned)bits(b->tcr, 5, 0);

    r->granule = (uint8_t)granule(m, b->tcr);
    if (!r->granule)
        return wrong(m, n, "TCR.TG0 names a granule that is not there");
    if (t0sz < 16 || t0sz > 39)
        return wrong(m, n, "TCR.T0SZ is out of range");
    if (!bit(b->tcr, 23))
        return wrong(m, n, "TCR.EPD1 is 0: the upper half of the input addresses is open");
    if (bit(b->tcr2, 5))
        return wrong(m, n, "TCR2.TBI0: the top byte of addresses is ignored");
    if (sign_bit(b->tcr2) < 64 - t0sz)
        return wrong(m, n, "TCR2.SEP takes input addresses for negative");
    r->input_bits = (uint8_t)(64 - t0sz);
    r->output_bits = (uint8_t)sm2_size_bits((unsigned)bits(b->tcr2, 2, 0));
    r->start_level = (uint8_t)start_level(r->input_bits, r->granule);
    r->asid = (uint16_t)bits(b->ttbr[0], 63, 48);
    if (!bit(b->tcr2, 4) && r->asid >> 8)
        return wrong(m, n, "the ASID has 16 bits, TCR2.AS says 8");
    return true;
}

static bool stage1_aarch32(struct smmuv2_model *m, unsigned n, struct regime *r)
{
    const struct bank *b = &m->bank[n];

    if (bits(m->cfg.idr0, 25, 24) == 2)
        return wrong(m, n, "AArch32 tables on a part without");
    if (!bit(b->tcr, 31))
        return wrong(m, n, "TCR.EAE is 0: short descriptors");
    if (bits(b->tcr, 6, 3) || !bit(b->tcr, 23))
        return wrong(m, n, "TCR: reserved bits, or EPD1 is 0");
    r->granule = 12;
    r->input_bits = (uint8_t)(32 - bits(b->tcr, 2, 0));
    r->output_bits = (uint8_t)(oas_bits(m) < 40 ? oas_bits(m) : 40);
    r->start_level = (uint8_t)start_level(r->input_bits, 12);
    r->asid = (uint16_t)bits(b->ttbr[0], 55, 48);
    return true;
}

/* ---- stage 2 --------------------------------------------------------------------------------- */

/* SL0 and T0SZ have to agree: the first table is at most 16 tables in a row. */
static bool start_agrees(const struct regime *r)
{
    unsigned stride = r->granule - 3u;
    unsigned below = r->granule + (3u - r->start_level) * stride;

    return r->input_bits > below && r->input_bits <= below + stride + 4;
}

static bool stage2_aarch64(struct smmuv2_model *m, unsigned n, struct regime *r)
{
    const struct bank *b = &m->bank[n];
    unsigned sl0 = (unsigned)bits(b->tcr, 7, 6);

    r->granule = (uint8_t)granule(m, b->tcr);
    if (!r->granule)
        return wrong(m, n, "TCR.TG0 names a granule that is not there");
    r->input_bits = (uint8_t)(64 - bits(b->tcr, 5, 0));
    r->output_bits = (uint8_t)sm2_size_bits((unsigned)bits(b->tcr, 18, 16));
    r->start_level = (uint8_t)((r->granule == 12 ? 2 : 3) - sl0);
    if (sl0 == 3)
        return wrong(m, n, "TCR.SL0 is reserved");
    return true;
}

static bool stage2_aarch32(struct smmuv2_model *m, unsigned n, struct regime *r)
{
    const struct bank *b = &m->bank[n];
    int t0sz = (int)bits(b->tcr, 3, 0) - (bit(b->tcr, 3) ? 16 : 0);
    unsigned sl0 = (unsigned)bits(b->tcr, 7, 6);

    if (bits(m->cfg.idr0, 25, 24) == 2)
        return wrong(m, n, "AArch32 tables on a part without");
    if (bit(b->tcr, 4) != bit(b->tcr, 3))
        return wrong(m, n, "TCR.S is not T0SZ's sign");
    if (!bit(b->tcr, 31) || sl0 > 1)
        return wrong(m, n, "TCR: EAE is 0 or SL0 reserved");
    r->granule = 12;
    r->input_bits = (uint8_t)(32 - t0sz);
    r->output_bits = (uint8_t)(oas_bits(m) < 40 ? oas_bits(m) : 40);
    r->start_level = (uint8_t)(2 - sl0);
    return true;
}

static bool is_stage2_sane(struct smmuv2_model *m, unsigned n, const struct regime *r)
{
    if (r->input_bits > sm2_size_bits((unsigned)bits(m->cfg.idr2, 3, 0)))
        return wrong(m, n, "TCR.T0SZ asks for more than SMMU_IDR2.IAS");
    if (!start_agrees(r))
        return wrong(m, n, "TCR.SL0 and T0SZ do not agree: UNPREDICTABLE");
    return true;
}

/* ---- both ------------------------------------------------------------------------------------ */

/* The first table is aligned to its size, at least to 64 bytes. */
static bool is_root_sane(struct smmuv2_model *m, unsigned n, const struct regime *r)
{
    unsigned below = r->granule + (3u - r->start_level) * (r->granule - 3u);
    uint64_t size = 8ull << (r->input_bits > below ? r->input_bits - below : 0);

    if (r->output_bits == 0 || r->output_bits > oas_bits(m))
        return wrong(m, n, "the output size is more than SMMU_IDR2.OAS");
    if (r->ttb & ((size < 64 ? 64 : size) - 1))
        return wrong(m, n, "TTBR0 is not aligned to its table");
    if (r->ttb >> r->output_bits)
        return wrong(m, n, "TTBR0 is beyond the output size");
    return true;
}

bool sm2_regime(struct smmuv2_model *m, unsigned n, struct regime *r)
{
    const struct bank *b = &m->bank[n];
    bool ok;

    *r = (struct regime){
        .stage2 = sm2_cbar_type(b) == 0,
        .aarch64 = bit(b->cba2r, 0),
        .vmid = (uint16_t)(m->cr0 >> 31 ? bits(b->cba2r, 31, 16) : bits(b->cbar, 7, 0)),
        .ttb = keep(b->ttbr[0], 47, 4),
        .mair = b->mair[0] | (uint64_t)b->mair[1] << 32,
    };
    if (r->stage2)
        ok = (r->aarch64 ? stage2_aarch64 : stage2_aarch32)(m, n, r) && is_stage2_sane(m, n, r);
    else
        ok = (r->aarch64 ? stage1_aarch64 : stage1_aarch32)(m, n, r);
    return ok && is_root_sane(m, n, r);
}
