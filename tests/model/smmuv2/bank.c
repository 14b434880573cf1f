/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

/* Context banks (chapter 16) and their attribute registers (chapter 11). */

/* ---- attributes: global space 1 -------------------------------------------------------------- */

uint32_t *sm2_gr1_word(struct smmuv2_model *m, uint32_t offset)
{
    unsigned n = offset % 0x400 / 4;

    if (n >= m->banks)
        return NULL;
    switch (offset - 4 * n) {
    case GR1_CBAR:
        return &m->bank[n].cbar;
    case GR1_CBFRSYNRA:
        return &m->bank[n].frsynra;
    case GR1_CBA2R:
        return &m->bank[n].cba2r;
    }
    return NULL;
}

/* The registers that say what a bank translates; changed while it does, what comes of it is
 * UNPREDICTABLE. */
static void need_off(struct smmuv2_model *m, unsigned n, const char *name)
{
    if (m->bank[n].sctlr & SCTLR_M)
        model_broken(&m->watch, "%s of bank %u is written while the bank translates", name, n);
}

static void check_cbar(struct smmuv2_model *m, unsigned n, uint32_t value)
{
    unsigned type = (unsigned)bits(value, 17, 16);

    if (type == 0 && !bit(m->cfg.idr0, 29))
        model_broken(&m->watch, "CBAR%u asks for stage 2, which is not there", n);
    if (type != 0 && !bit(m->cfg.idr0, 30))
        model_broken(&m->watch, "CBAR%u asks for stage 1, which is not there", n);
    if (type == 3 || type == 2)
        model_broken(&m->watch, "CBAR%u asks for two stages", n);
    if (type != 0 && n < m->s2_banks)
        model_broken(&m->watch, "CBAR%u asks for stage 1 in a bank that has stage 2 only", n);
    if (m->cfg.version == 1 && bits(value, 31, 24) >= bits(m->cfg.idr0, 23, 16))
        model_broken(&m->watch, "CBAR%u.IRPTNDX is %u", n, (unsigned)bits(value, 31, 24));
    if (m->cfg.version == 2 && bits(value, 31, 24))
        model_broken(&m->watch, "CBAR%u.IRPTNDX on SMMUv2", n);
    if (type == 1 && bits(value, 9, 8) != 3)
        model_broken(&m->watch, "CBAR%u.BPSHCFG makes accesses shareable", n);
}

static void check_cba2r(struct smmuv2_model *m, unsigned n, uint32_t value)
{
    bool vmid16 = m->cr0 >> 31;

    if (m->cfg.version == 1 && !m->cfg.granule_64k)
        model_broken(&m->watch, "CBA2R%u is not there", n);
    if (bit(value, 0) && m->cfg.version == 2 && bits(m->cfg.idr2, 14, 12) == 0)
        model_broken(&m->watch, "CBA2R%u.VA64 on a part without AArch64 tables", n);
    if (value & (vmid16 ? 0xfffcu : ~3u))
        model_broken(&m->watch, "CBA2R%u: reserved bits in %08x", n, value);
}

void sm2_write_gr1(struct smmuv2_model *m, uint32_t offset, uint32_t value)
{
    uint32_t *word = sm2_gr1_word(m, offset);
    unsigned n = offset % 0x400 / 4;

    if (!word) {
        model_broken(&m->watch, "write to register 1/%03x", offset);
        return;
    }
    if (offset < GR1_CBFRSYNRA) {
        need_off(m, n, "CBAR");
        check_cbar(m, n, value);
    } else if (offset >= GR1_CBA2R) {
        need_off(m, n, "CBA2R");
        check_cba2r(m, n, value);
    }
    *word = value;
}

/* ---- registers of a bank --------------------------------------------------------------------- */

static const struct place {
    uint32_t offset;
    uint8_t width;
    bool read_only;
    const char *locked; /* its name, if it must not change while the bank translates */
    size_t at;
} places[] = {
    {CB_SCTLR, 4, false, NULL, offsetof(struct bank, sctlr)},
    {CB_ACTLR, 4, false, NULL, offsetof(struct bank, actlr)},
    {CB_TCR2, 4, false, "TCR2", offsetof(struct bank, tcr2)},
    {CB_TTBR0, 8, false, "TTBR0", offsetof(struct bank, ttbr[0])},
    {CB_TTBR1, 8, false, "TTBR1", offsetof(struct bank, ttbr[1])},
    {CB_TCR, 4, false, "TCR", offsetof(struct bank, tcr)},
    {CB_CONTEXTIDR, 4, false, "CONTEXTIDR", offsetof(struct bank, contextidr)},
    {CB_MAIR0, 4, false, "MAIR0", offsetof(struct bank, mair[0])},
    {CB_MAIR1, 4, false, "MAIR1", offsetof(struct bank, mair[1])},
    {CB_FSR, 4, false, NULL, offsetof(struct bank, fsr)},
    {CB_FAR, 8, true, NULL, offsetof(struct bank, far)},
    {CB_FSYNR0, 4, true, NULL, offsetof(struct bank, fsynr0)},
};

/* The register that has this offset in it. */
static const struct place *find_place(uint32_t offset)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (offset >= places[i].offset && offset < places[i].offset + places[i].width)
            return &places[i];
    return NULL;
}

void *sm2_bank_place(struct smmuv2_model *m, unsigned n, uint32_t offset, unsigned *width)
{
    const struct place *p = find_place(offset);

    if (!p)
        return NULL;
    *width = p->width;
    return (char *)&m->bank[n] + p->at;
}

/* A half of it, or all. */
static uint64_t merge(uint64_t old, const struct place *p, uint32_t offset, unsigned width,
                      uint64_t value)
{
    if (width >= p->width)
        return value;
    return offset == p->offset ? (old & ~0xffffffffull) | (uint32_t)value
                               : (old & 0xffffffffull) | value << 32;
}

/* ---- SCTLR, ACTLR, FSR ----------------------------------------------------------------------- */

static void write_sctlr(struct smmuv2_model *m, unsigned n, uint32_t value)
{
    struct bank *b = &m->bank[n];
    bool was_on = b->sctlr & SCTLR_M, is_live = !(m->cr0 & CR0_CLIENTPD) && sm2_bank_is_used(m, n);
    struct regime unused;

    if (value & SCTLR_CFCFG)
        model_broken(&m->watch, "SCTLR%u.CFCFG: faults stall the device", n);
    if (bit(value, 4))
        model_broken(&m->watch, "SCTLR%u.E: tables are big-endian", n);
    if (was_on && !(value & SCTLR_M) && is_live)
        model_broken(&m->watch, "bank %u is switched off while a stream leads to it: it bypasses",
                     n);
    b->sctlr = value;
    if (!was_on && value & SCTLR_M && sm2_regime(m, n, &unused) && !bit(value, 5))
        model_broken(&m->watch, "SCTLR%u.CFRE is 0: a device is not told of its fault", n);
    if (value & SCTLR_M && sm2_cbar_type(b) != 0 && bits(value, 2, 1) != 3)
        model_broken(&m->watch, "SCTLR%u: TRE and AFE are not set", n);
}

static void write_actlr(struct smmuv2_model *m, unsigned n, uint32_t value)
{
    if (m->cfg.mmu500 && bit(m->acr, 26)) /* CACHE_LOCK: CPRE stays */
        value = (value & ~2u) | (m->bank[n].actlr & 2u);
    m->bank[n].actlr = value;
}

static void write_plain(struct smmuv2_model *m, unsigned n, const struct place *p, uint32_t offset,
                        unsigned width, uint64_t value)
{
    void *at = (char *)&m->bank[n] + p->at;

    if (p->read_only)
        model_broken(&m->watch, "write to register %03x of bank %u, which is read-only", offset, n);
    else if (p->locked)
        need_off(m, n, p->locked);
    if (p->width == 8)
        *(uint64_t *)at = merge(*(uint64_t *)at, p, offset, width, value);
    else
        *(uint32_t *)at = (uint32_t)value;
}

/* ---- TLB operations -------------------------------------------------------------------------- */

static const struct tlb_op {
    uint32_t offset;
    enum smmuv2_model_op op;
    bool stage2, by_asid, by_address, tables;
} tlb_ops[] = {
    {CB_TLBIVA, SMMU2_TLBIVA, false, true, true, true},
    {CB_TLBIVAL, SMMU2_TLBIVAL, false, true, true, false},
    {CB_TLBIASID, SMMU2_TLBIASID, false, true, false, true},
    {CB_TLBIALL, SMMU2_TLBIALL, false, false, false, true},
    {CB_TLBIIPAS2, SMMU2_TLBIIPAS2, true, false, true, true},
    {CB_TLBIIPAS2L, SMMU2_TLBIIPAS2L, true, false, true, false},
};

static uint16_t vmid_of(const struct smmuv2_model *m, const struct bank *b)
{
    return (uint16_t)(m->cr0 >> 31 ? bits(b->cba2r, 31, 16) : bits(b->cbar, 7, 0));
}

/* AArch64: ASID[63:48], address[55:12] from bit 0 on; else ASID[7:0] below a 32-bit address. */
static void decode_operand(const struct bank *b, const struct tlb_op *o, uint64_t value,
                           struct tlbi *t)
{
    bool aarch64 = bit(b->cba2r, 0);

    if (!o->by_address) {
        t->asid = (uint16_t)value;
    } else if (o->stage2 || aarch64) {
        t->asid = (uint16_t)bits(value, 63, 48);
        t->address = bits(value, o->stage2 ? 35 : 43, 0) << 12;
    } else {
        t->asid = (uint16_t)bits(value, 7, 0);
        t->address = keep(value, 31, 12);
    }
}

static void bank_tlbi(struct smmuv2_model *m, unsigned n, const struct tlb_op *o, uint64_t value)
{
    const struct bank *b = &m->bank[n];
    struct tlbi t = {.op = o->op,
                     .bank = (int)n,
                     .by_vmid = true,
                     .by_asid = o->by_asid,
                     .by_address = o->by_address,
                     .stage1 = !o->stage2,
                     .stage2 = o->stage2,
                     .tables = o->tables,
                     .vmid = vmid_of(m, b)};

    if (o->stage2 != (sm2_cbar_type(b) == 0))
        model_broken(&m->watch, "invalidation %03x is for the other stage than bank %u", o->offset,
                     n);
    if (o->stage2 && m->cfg.version == 1)
        model_broken(&m->watch, "invalidation %03x is not in SMMUv1", o->offset);
    decode_operand(b, o, value, &t);
    sm2_tlbi(m, &t);
}

/* True: it was one. By words the upper half comes first, and the lower one starts it. */
static bool write_tlb_op(struct smmuv2_model *m, unsigned n, uint32_t offset, unsigned width,
                         uint64_t value)
{
    struct bank *b = &m->bank[n];

    for (size_t i = 0; i < sizeof(tlb_ops) / sizeof(tlb_ops[0]); i++) {
        const struct tlb_op *o = &tlb_ops[i];

        if (o->by_address && offset == o->offset + 4) {
            b->op_high = (uint32_t)value;
            return true;
        }
        if (offset != o->offset)
            continue;
        if (width == 4)
            value |= (uint64_t)b->op_high << 32;
        b->op_high = 0;
        bank_tlbi(m, n, o, value);
        return true;
    }
    return false;
}

/* ---- accesses -------------------------------------------------------------------------------- */

void sm2_write_bank(struct smmuv2_model *m, unsigned n, uint32_t offset, unsigned width,
                    uint64_t value)
{
    const struct place *p = find_place(offset);

    if (write_tlb_op(m, n, offset, width, value))
        return;
    switch (offset) {
    case CB_SCTLR:
        write_sctlr(m, n, (uint32_t)value);
        return;
    case CB_ACTLR:
        write_actlr(m, n, (uint32_t)value);
        return;
    case CB_FSR: /* write one to clear; SS goes by RESUME */
        m->bank[n].fsr &= ~(uint32_t)value | FSR_SS;
        return;
    case CB_RESUME:
        if (!(m->bank[n].fsr & FSR_SS))
            model_broken(&m->watch, "RESUME of bank %u, which has not stalled", n);
        m->bank[n].fsr &= ~FSR_SS;
        return;
    case CB_TLBSYNC:
        sm2_sync(m, (int)n);
        return;
    }
    if (p)
        write_plain(m, n, p, offset, width, value);
    else
        model_broken(&m->watch, "write of %llx to register %03x of bank %u",
                     (unsigned long long)value, offset, n);
}

uint64_t sm2_read_bank(struct smmuv2_model *m, unsigned n, uint32_t offset, unsigned width)
{
    const struct place *p = find_place(offset);
    const void *at;

    if (offset == CB_TLBSTATUS)
        return m->bank[n].sync.active;
    if (!p)
        return 0;
    at = (const char *)&m->bank[n] + p->at;
    if (p->width == 4)
        return *(const uint32_t *)at;
    return width == 8 ? *(const uint64_t *)at
                      : (uint32_t)(*(const uint64_t *)at >> 8 * (offset - p->offset));
}
