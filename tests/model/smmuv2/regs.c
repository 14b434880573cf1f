/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

/* ---- the register space (chapter 9) ---------------------------------------------------------- */

uint64_t sm2_page_size(const struct smmuv2_model *m)
{
    return bit(m->cfg.idr1, 31) ? 0x10000 : 0x1000;
}

unsigned sm2_pages(const struct smmuv2_model *m)
{
    return 2u << bits(m->cfg.idr1, 30, 28);
}

uint64_t smmuv2_model_size(const struct smmuv2_model *m)
{
    return 2 * sm2_pages(m) * sm2_page_size(m);
}

uint32_t smmuv2_model_bank(const struct smmuv2_model *m, unsigned bank, uint32_t reg)
{
    return (uint32_t)((sm2_pages(m) + bank) * sm2_page_size(m)) + reg;
}

/* ---- global space 0 -------------------------------------------------------------------------- */

static bool group_register(const struct smmuv2_model *m, uint32_t offset, uint32_t first,
                           unsigned *n)
{
    *n = (offset - first) / 4;
    return offset >= first && *n < m->groups;
}

uint32_t *sm2_gr0_word(struct smmuv2_model *m, uint32_t offset)
{
    unsigned n;

    switch (offset) {
    case GR0_CR0:
        return &m->cr0;
    case GR0_ACR:
        return &m->acr;
    case GR0_GFSR:
        return &m->gfsr;
    case GR0_GFSYNR0:
        return &m->gfsynr0;
    case GR0_GFSYNR1:
        return &m->gfsynr1;
    }
    if (group_register(m, offset, GR0_S2CR, &n))
        return &m->s2cr[n];
    if (group_register(m, offset, GR0_SMR, &n) && bit(m->cfg.idr0, 27))
        return &m->smr[n];
    return NULL;
}

static void global_tlbi(struct smmuv2_model *m, uint32_t offset, uint32_t value)
{
    struct tlbi t = {.bank = -1, .stage1 = true, .stage2 = true};

    switch (offset) {
    case GR0_TLBIVMID:
        t.op = SMMU2_TLBIVMID;
        t.by_vmid = true;
        t.vmid = (uint16_t)value;
        break;
    case GR0_TLBIALLNSNH:
        t.op = SMMU2_TLBIALLNSNH;
        break;
    default: /* hypervisor contexts, of which there are none */
        t.op = SMMU2_TLBIALLH;
        t.stage1 = t.stage2 = false;
    }
    sm2_tlbi(m, &t);
}

static void write_status(struct smmuv2_model *m, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case GR0_CR0:
        sm2_write_cr0(m, value);
        return;
    case GR0_ACR:
        m->acr = m->cfg.mmu500 ? value : 0;
        return;
    case GR0_GFSR: /* write one to clear */
        m->gfsr &= ~value;
        return;
    case GR0_TLBIVMID:
    case GR0_TLBIALLNSNH:
    case GR0_TLBIALLH:
        global_tlbi(m, offset, value);
        return;
    case GR0_TLBGSYNC:
        sm2_sync(m, -1);
        return;
    default:
        model_broken(&m->watch, "write of %08x to register %03x", value, offset);
    }
}

void sm2_write_gr0(struct smmuv2_model *m, uint32_t offset, uint32_t value)
{
    unsigned n;

    if (group_register(m, offset, GR0_S2CR, &n))
        sm2_write_s2cr(m, n, value);
    else if (group_register(m, offset, GR0_SMR, &n) && bit(m->cfg.idr0, 27))
        sm2_write_smr(m, n, value);
    else
        write_status(m, offset, value);
}

uint32_t sm2_read_gr0(struct smmuv2_model *m, uint32_t offset)
{
    const uint32_t *word;

    switch (offset) {
    case GR0_IDR0:
        return m->cfg.idr0;
    case GR0_IDR1:
        return m->cfg.idr1;
    case GR0_IDR2:
        return m->cfg.idr2;
    case GR0_IDR7:
        return m->cfg.idr7;
    case GR0_GFAR:
        return (uint32_t)m->gfar;
    case GR0_GFAR + 4:
        return (uint32_t)(m->gfar >> 32);
    case GR0_TLBGSTATUS:
        return m->sync.active;
    }
    word = sm2_gr0_word(m, offset);
    return word ? *word : 0;
}

/* ---- accesses -------------------------------------------------------------------------------- */

static void check_width(struct smmuv2_model *m, uint32_t offset, unsigned width)
{
    if (width == 8 && m->cfg.words_only)
        model_broken(&m->watch,
                     "register %05x is accessed with 8 bytes, which this part gets wrong", offset);
    else if (width != 4 && width != 8)
        model_broken(&m->watch, "register %05x is accessed with %u bytes", offset, width);
}

/* Its page: 0 and 1 are the global spaces; else *bank is the bank. False: nothing is there. */
static bool find_page(struct smmuv2_model *m, uint32_t offset, unsigned *page, unsigned *bank)
{
    *page = (unsigned)(offset / sm2_page_size(m));
    *bank = *page - sm2_pages(m);
    if (*page < 2 || (*page >= sm2_pages(m) && *bank < m->banks))
        return true;
    model_broken(&m->watch, "register %05x is accessed, where nothing is", offset);
    return false;
}

static void write_register(struct smmuv2_model *m, uint32_t offset, unsigned width, uint64_t value)
{
    uint32_t at = offset & (uint32_t)(sm2_page_size(m) - 1);
    unsigned page, bank;

    if (!find_page(m, offset, &page, &bank))
        return;
    if (page < 2 && width == 8)
        model_broken(&m->watch, "global register %05x is written with 8 bytes", offset);
    if (page == 0)
        sm2_write_gr0(m, at, (uint32_t)value);
    else if (page == 1)
        sm2_write_gr1(m, at, (uint32_t)value);
    else
        sm2_write_bank(m, bank, at, width, value);
}

static uint64_t read_register(struct smmuv2_model *m, uint32_t offset, unsigned width)
{
    uint32_t at = offset & (uint32_t)(sm2_page_size(m) - 1);
    const uint32_t *word;
    unsigned page, bank;

    if (!find_page(m, offset, &page, &bank))
        return 0;
    if (page == 0)
        return sm2_read_gr0(m, at) | (width == 8 ? (uint64_t)sm2_read_gr0(m, at + 4) << 32 : 0);
    if (page > 1)
        return sm2_read_bank(m, bank, at, width);
    word = sm2_gr1_word(m, at);
    return word ? *word : 0;
}

void smmuv2_model_write(struct smmuv2_model *m, uint32_t offset, unsigned width, uint64_t value)
{
    model_wrote(&m->watch, offset, value);
    if (m->cfg.silent)
        return;
    check_width(m, offset, width);
    sm2_sync_tick(m);
    write_register(m, offset, width, value);
    model_accessed(&m->watch);
}

uint64_t smmuv2_model_read(struct smmuv2_model *m, uint32_t offset, unsigned width)
{
    uint64_t value;

    if (m->cfg.silent)
        return m->cfg.silent_value;
    check_width(m, offset, width);
    sm2_sync_tick(m);
    value = read_register(m, offset, width);
    model_accessed(&m->watch);
    return value;
}

void smmuv2_model_preset(struct smmuv2_model *m, uint32_t offset, uint64_t value)
{
    uint32_t at = offset & (uint32_t)(sm2_page_size(m) - 1);
    unsigned page, bank, width = 4;
    void *place = NULL;

    if (find_page(m, offset, &page, &bank))
        place = page == 0   ? sm2_gr0_word(m, at)
                : page == 1 ? sm2_gr1_word(m, at)
                            : sm2_bank_place(m, bank, at, &width);
    if (!place)
        model_broken(&m->watch, "preset of register %05x", offset);
    else if (width == 8)
        *(uint64_t *)place = value;
    else
        *(uint32_t *)place = (uint32_t)value;
}
