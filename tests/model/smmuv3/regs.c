/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

enum { UPDATE = 1u << 31 };

/* ---- time: one step an access ---------------------------------------------------------------- */

static void count_down(unsigned *wait)
{
    if (*wait)
        (*wait)--;
}

static void tick(struct smmuv3_model *m)
{
    count_down(&m->cr0_wait);
    count_down(&m->gbpa_wait);
    count_down(&m->irq_wait);
    count_down(&m->sync_wait);
    if (!m->cr0_wait && !m->cfg.cr0ack_stuck)
        m->cr0ack = m->cr0;
    if (!m->gbpa_wait && !m->cfg.gbpa_stuck) {
        m->gbpa &= ~UPDATE;
        m->gbpa_effect = m->gbpa;
    }
    if (!m->irq_wait)
        m->irq_ctrlack = m->irq_ctrl;
    sm3_cmdq_run(m, m->cfg.lazy_commands ? (m->cfg.burst ? m->cfg.burst : 1) : ~0u);
}

/* ---- what may be written when (6.3) ---------------------------------------------------------- */

static void need_off(struct smmuv3_model *m, uint32_t enables, uint32_t offset)
{
    if ((m->cr0 | m->cr0ack) & enables)
        model_broken(&m->watch, "register %03x written while CR0 is %x, CR0ACK %x", offset, m->cr0,
                     m->cr0ack);
}

static void need_zero(struct smmuv3_model *m, uint64_t value, uint64_t reserved, uint32_t offset)
{
    if (value & reserved)
        model_broken(&m->watch, "register %03x: reserved bits in %llx", offset,
                     (unsigned long long)value);
}

static void check_queue(struct smmuv3_model *m, uint64_t base, unsigned entry, unsigned most,
                        const char *name)
{
    unsigned lg2 = (unsigned)bits(base, 4, 0);
    uint64_t size = (uint64_t)entry << lg2;

    if (lg2 > most)
        model_broken(&m->watch, "%s: 2^%u entries, 2^%u are possible", name, lg2, most);
    if (keep(base, 51, 5) & ((size < 32 ? 32 : size) - 1))
        model_broken(&m->watch, "%s: base %llx is not aligned to its size", name,
                     (unsigned long long)base);
}

static void check_strtab(struct smmuv3_model *m)
{
    unsigned lg2 = (unsigned)bits(m->strtab_cfg, 5, 0);
    unsigned split = (unsigned)bits(m->strtab_cfg, 10, 6);
    bool two_level = bits(m->strtab_cfg, 17, 16) == 1;
    uint64_t size = two_level ? 8ull << (lg2 > split ? lg2 - split : 0) : 64ull << lg2;

    if (two_level && bits(m->cfg.idr0, 28, 27) != 1)
        model_broken(&m->watch, "2-level stream table on an SMMU without");
    if (two_level && split != 6 && split != 8 && split != 10)
        model_broken(&m->watch, "STRTAB_BASE_CFG.SPLIT is %u", split);
    if (lg2 > bits(m->cfg.idr1, 5, 0))
        model_broken(&m->watch, "STRTAB_BASE_CFG.LOG2SIZE %u is above SIDSIZE", lg2);
    if (keep(m->strtab_base, 51, 6) & ((size < 64 ? 64 : size) - 1))
        model_broken(&m->watch, "stream table at %llx is not aligned to its size",
                     (unsigned long long)m->strtab_base);
}

/* ---- writes ---------------------------------------------------------------------------------- */

static void write_cr0(struct smmuv3_model *m, uint32_t value)
{
    uint32_t on = value & ~m->cr0;

    if (m->cr0 != m->cr0ack && !m->cfg.cr0ack_stuck)
        model_broken(&m->watch, "CR0 written before CR0ACK followed");
    need_zero(m, value, bit(m->cfg.idr0, 10) ? ~0x1full : ~0xfull, R_CR0);
    if (on & EN_SMMU)
        check_strtab(m);
    if (on & EN_CMDQ)
        check_queue(m, m->cmdq_base, 16, (unsigned)bits(m->cfg.idr1, 25, 21), "CMDQ_BASE");
    if (on & EN_EVENTQ)
        check_queue(m, m->eventq_base, 32, (unsigned)bits(m->cfg.idr1, 20, 16), "EVENTQ_BASE");
    if (value & EN_SMMU && bit(m->cfg.idr0, 10) && !bit(value, 4))
        model_broken(&m->watch, "SMMUEN without ATSCHK on an SMMU with ATS");
    m->cr0 = value;
    m->cr0_wait = m->cfg.ack_delay;
}

static void write_gbpa(struct smmuv3_model *m, uint32_t value)
{
    if (m->gbpa & UPDATE) {
        model_broken(&m->watch, "GBPA written while an update is under way");
        return;
    }
    if (!(value & UPDATE)) {
        model_broken(&m->watch, "GBPA written without UPDATE");
        return;
    }
    m->gbpa = value;
    m->gbpa_wait = m->cfg.ack_delay;
}

static void write_gerrorn(struct smmuv3_model *m, uint32_t value)
{
    if ((value ^ m->gerrorn) & ~(m->gerror ^ m->gerrorn))
        model_broken(&m->watch, "GERRORN %x acknowledges what is not active", value);
    m->gerrorn = value;
}

static void write_eventq_cons(struct smmuv3_model *m, uint32_t value)
{
    uint32_t mask = (2u << bits(m->eventq_base, 4, 0)) - 1;
    uint32_t had = (m->eventq_prod - m->eventq_cons) & mask;
    uint32_t has = (m->eventq_prod - value) & mask;

    if ((m->cr0ack & EN_EVENTQ) && has > had)
        model_broken(&m->watch, "EVENTQ_CONS %x is not an advance from %x", value, m->eventq_cons);
    m->eventq_cons = value;
}

static void write_irq_cfg(struct smmuv3_model *m, uint64_t *cfg, uint64_t value, uint32_t enable,
                          uint32_t offset)
{
    if (!bit(m->cfg.idr0, 13) || ((m->irq_ctrl | m->irq_ctrlack) & enable))
        model_broken(&m->watch, "register %03x written without IDR0.MSI, or enabled", offset);
    *cfg = value;
}

static void write_queue(struct smmuv3_model *m, uint32_t offset, uint64_t value)
{
    uint32_t old = m->cmdq_prod;

    switch (offset) {
    case R_CMDQ_PROD:
        m->cmdq_prod = (uint32_t)value;
        if (m->cr0ack & EN_CMDQ)
            sm3_cmdq_check_prod(m, old);
        return;
    case R_CMDQ_CONS:
        need_off(m, EN_CMDQ, offset);
        m->cmdq_cons = (uint32_t)value;
        return;
    case R_CMDQ_BASE:
        need_off(m, EN_CMDQ, offset);
        need_zero(m, value, ~(keep(~0ull, 51, 0) | 1ull << 62), offset);
        m->cmdq_base = value;
        return;
    case R_EVENTQ_BASE:
        need_off(m, EN_EVENTQ, offset);
        need_zero(m, value, ~(keep(~0ull, 51, 0) | 1ull << 62), offset);
        m->eventq_base = value;
        return;
    case R_EVENTQ_PROD:
        need_off(m, EN_EVENTQ, offset);
        m->eventq_prod = (uint32_t)value;
        return;
    case R_EVENTQ_CONS:
        write_eventq_cons(m, (uint32_t)value);
        return;
    }
}

static void write_table(struct smmuv3_model *m, uint32_t offset, uint64_t value)
{
    need_off(m, EN_SMMU, offset);
    if (offset == R_STRTAB_BASE) {
        need_zero(m, value, ~(keep(~0ull, 51, 6) | 1ull << 62), offset);
        m->strtab_base = value;
    } else {
        need_zero(m, value, ~0x307ffull, offset);
        m->strtab_cfg = (uint32_t)value;
    }
}

static void write_control(struct smmuv3_model *m, uint32_t offset, uint64_t value)
{
    switch (offset) {
    case R_CR0:
        write_cr0(m, (uint32_t)value);
        return;
    case R_CR1:
        need_off(m, EN_SMMU | EN_CMDQ | EN_EVENTQ | EN_PRIQ, offset);
        need_zero(m, value, ~0xfffull, offset);
        m->cr1 = (uint32_t)value;
        return;
    case R_CR2:
        need_off(m, EN_SMMU, offset);
        need_zero(m, value, bit(m->cfg.idr0, 5) ? ~0xfull : ~0xbull, offset);
        m->cr2 = (uint32_t)value;
        return;
    case R_IRQ_CTRL:
        need_zero(m, value, ~7ull, offset);
        m->irq_ctrl = (uint32_t)value;
        m->irq_wait = m->cfg.ack_delay;
        return;
    default:
        model_broken(&m->watch, "write of register %03x", offset);
    }
}

static void write_register(struct smmuv3_model *m, uint32_t offset, uint64_t value)
{
    switch (offset) {
    case R_GBPA:
        write_gbpa(m, (uint32_t)value);
        return;
    case R_GERRORN:
        write_gerrorn(m, (uint32_t)value);
        return;
    case R_GERROR_IRQ_CFG0:
        write_irq_cfg(m, &m->gerror_irq_cfg0, value, 1u << 0, offset);
        return;
    case R_EVENTQ_IRQ_CFG0:
        write_irq_cfg(m, &m->eventq_irq_cfg0, value, 1u << 2, offset);
        return;
    case R_STRTAB_BASE:
    case R_STRTAB_BASE_CFG:
        write_table(m, offset, value);
        return;
    case R_CMDQ_BASE:
    case R_CMDQ_PROD:
    case R_CMDQ_CONS:
    case R_EVENTQ_BASE:
    case R_EVENTQ_PROD:
    case R_EVENTQ_CONS:
        write_queue(m, offset, value);
        return;
    default:
        write_control(m, offset, value);
    }
}

/* Of an SMMU with only one page: where a register would be that this one has in page 0. */
static uint32_t usual_place(struct smmuv3_model *m, uint32_t offset)
{
    if (!m->cfg.page0_only)
        return offset;
    if (offset >= 0x10000)
        model_broken(&m->watch, "register %03x accessed in a page that is not there", offset);
    return offset == 0xa8 || offset == 0xac ? offset + 0x10000 : offset;
}

static bool is_64bit(uint32_t offset)
{
    return offset == R_STRTAB_BASE || offset == R_CMDQ_BASE || offset == R_EVENTQ_BASE ||
           offset == R_GERROR_IRQ_CFG0 || offset == R_EVENTQ_IRQ_CFG0;
}

void smmuv3_model_write(struct smmuv3_model *m, uint32_t offset, unsigned width, uint64_t value)
{
    model_wrote(&m->watch, offset, value);
    if (m->cfg.silent)
        return;
    offset = usual_place(m, offset);
    if (width != (is_64bit(offset) ? 8 : 4))
        model_broken(&m->watch, "register %03x written with %u bytes", offset, width);
    write_register(m, offset, value);
    tick(m);
    model_accessed(&m->watch);
}

/* ---- reads ----------------------------------------------------------------------------------- */

static uint64_t read_register(const struct smmuv3_model *m, uint32_t offset)
{
    const struct {
        uint32_t offset;
        uint64_t value;
    } map[] = {
        {R_IDR0, m->cfg.idr0},
        {R_IDR1, m->cfg.idr1},
        {R_IDR3, m->cfg.idr3},
        {R_IDR5, m->cfg.idr5},
        {R_IIDR, m->cfg.iidr},
        {R_AIDR, m->cfg.aidr},
        {R_CR0, m->cr0},
        {R_CR0ACK, m->cr0ack},
        {R_CR1, m->cr1},
        {R_CR2, m->cr2},
        {R_GBPA, m->gbpa},
        {R_IRQ_CTRL, m->irq_ctrl},
        {R_IRQ_CTRLACK, m->irq_ctrlack},
        {R_GERROR, m->gerror},
        {R_GERRORN, m->gerrorn},
        {R_STRTAB_BASE, m->strtab_base},
        {R_STRTAB_BASE_CFG, m->strtab_cfg},
        {R_CMDQ_BASE, m->cmdq_base},
        {R_CMDQ_PROD, m->cmdq_prod},
        {R_CMDQ_CONS, m->cmdq_cons},
        {R_EVENTQ_BASE, m->eventq_base},
        {R_EVENTQ_PROD, m->eventq_prod},
        {R_EVENTQ_CONS, m->eventq_cons},
    };

    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        if (map[i].offset == offset)
            return map[i].value;
    return 0;
}

uint64_t smmuv3_model_read(struct smmuv3_model *m, uint32_t offset, unsigned width)
{
    uint64_t value;

    if (m->cfg.silent)
        return m->cfg.silent_value;
    offset = usual_place(m, offset);
    if (width != (is_64bit(offset) ? 8 : 4))
        model_broken(&m->watch, "register %03x read with %u bytes", offset, width);
    tick(m);
    value = read_register(m, offset);
    model_accessed(&m->watch);
    return value;
}
