/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

#include "arch/host/host.h"

/* ---- where registers are that CAP and ECAP place --------------------------------------------- */

static uint32_t iva_offset(const struct vtd_model *m)
{
    return (uint32_t)(16 * bits(m->cfg.ecap, 17, 8));
}

static struct frcd *frcd_at(struct vtd_model *m, uint32_t offset)
{
    uint32_t first = (uint32_t)(16 * bits(m->cfg.cap, 33, 24));
    uint32_t count = (uint32_t)bits(m->cfg.cap, 47, 40) + 1;

    return offset >= first && offset < first + 16 * count ? &m->frcd[(offset - first) / 16] : NULL;
}

/* ---- commands (11.4.4) ----------------------------------------------------------------------- */

static void take_effect(struct vtd_model *m)
{
    if (bit(m->command, G_SRTP)) {
        if (is_on(m, G_TE) && bits(m->root, 11, 10) != bits(m->rtaddr, 11, 10))
            model_broken(&m->watch, "the table mode was changed while translation is on");
        m->root = m->rtaddr;
    }
    if (bit(m->command, G_SIRTP))
        m->irt = m->irta;
    if (bit(m->command, G_WBF))
        vtm_flush_write_buffer(m);
    if (bit(m->command, G_QIE) && !is_on(m, G_QIE)) {
        m->iqh = 0;
        m->tail_needed = false;
        m->ends_with_wait = false;
    }
    m->gsts = m->value;
    m->command = 0;
}

/* What is needed before a command. */
static void check_command(struct vtd_model *m, uint32_t value)
{
    uint32_t on = value & ~m->gsts;

    if (bit(on, G_TE) && !bit(m->gsts, G_SRTP))
        model_broken(&m->watch, "translation on without a root table");
    if (bit(on, G_IRE) && !bit(m->gsts, G_SIRTP))
        model_broken(&m->watch, "interrupt remapping on without a table");
    if (bit(on, G_QIE) && m->iqt != 0)
        model_broken(&m->watch, "queue on with IQT %llx", (unsigned long long)m->iqt);
    if (bit(m->gsts & ~value, G_QIE) && m->iqh != m->iqt && !m->wait_count &&
        !(m->fsts & (S_IQE | S_ITE | S_ICE)) && !m->tail_needed && !m->cfg.lazy_queue)
        model_broken(&m->watch, "queue off before it was empty");
    if (bit(m->gsts & ~value, G_QIE) && !m->ends_with_wait && m->iqh == m->iqt &&
        !(m->fsts & (S_IQE | S_ITE | S_ICE)))
        model_broken(&m->watch, "queue off, and its last descriptor was no wait");
    if (bit(on, G_CFI))
        model_broken(&m->watch, "compatible interrupts are let through");
    if (bit(m->gsts & ~value, G_TE))
        model_broken(&m->watch, "translation is switched off");
}

static void write_gcmd(struct vtd_model *m, uint32_t value)
{
    uint32_t kept = (value ^ m->gsts) & G_KEPT;
    uint32_t once = value & (1u << G_SRTP | 1u << G_SIRTP | 1u << G_WBF | 1u << G_SFL);
    uint32_t command = kept | once;

    if (m->command && !(m->command & m->cfg.stuck))
        model_broken(&m->watch, "GCMD %08x while command %08x is under way", value, m->command);
    if (command & (command - 1))
        model_broken(&m->watch, "GCMD %08x gives more than one command", value);
    check_command(m, (m->gsts & ~G_KEPT) | (value & G_KEPT));
    m->command = command;
    m->command_left = m->cfg.ack_delay;
    m->value = (m->gsts & ~G_KEPT) | (value & G_KEPT);
    if (bit(once, G_WBF)) {
        m->gsts |= 1u << G_WBF; /* set as long as it goes on */
        return;
    }
    m->value |= once;
    m->gsts &= ~once;
}

/* ---- register-based invalidation (6.5.1) ----------------------------------------------------- */

static void start_direct(struct vtd_model *m)
{
    if (is_on(m, G_QIE))
        model_broken(&m->watch, "register-based invalidation while the queue is on");
    if (bits(m->cfg.ver, 7, 4) >= 6)
        model_broken(&m->watch, "register-based invalidation on a unit without");
    m->direct_left = m->cfg.wait_delay;
}

/* As the descriptor that asks the same. */
static void context_by_register(struct vtd_model *m)
{
    uint64_t d[2] = {VTD_INV_CONTEXT | bits(m->ccmd, 62, 61) << 4 | bits(m->ccmd, 15, 0) << 16 |
                         bits(m->ccmd, 31, 16) << 32,
                     0};

    m->counts[VTD_INV_CONTEXT]++;
    if (!m->drop[VTD_INV_CONTEXT])
        vtm_invalidate(m, d);
    m->ccmd = keep(m->ccmd, 58, 0) | (m->cfg.direct_refused ? 0 : bits(m->ccmd, 62, 61) << 59);
}

static void iotlb_by_register(struct vtd_model *m)
{
    uint64_t d[2] = {VTD_INV_IOTLB | bits(m->iotlb, 61, 60) << 4 | bits(m->iotlb, 47, 32) << 16,
                     m->iva};

    if (bit(m->iotlb, 48) != bit(m->cfg.cap, 54) || bit(m->iotlb, 49) != bit(m->cfg.cap, 55))
        model_broken(&m->watch, "IOTLB_REG: DW and DR are not CAP.DWD and CAP.DRD");
    m->counts[VTD_INV_IOTLB]++;
    if (!m->drop[VTD_INV_IOTLB])
        vtm_invalidate(m, d);
    m->iotlb = keep(m->iotlb, 56, 0) | (m->cfg.direct_refused ? 0 : bits(m->iotlb, 61, 60) << 57);
}

static void run_direct(struct vtd_model *m)
{
    if (m->direct_left) {
        m->direct_left--;
        return;
    }
    if (m->cfg.direct_stuck)
        return;
    if (bit(m->ccmd, 63))
        context_by_register(m);
    if (bit(m->iotlb, 63))
        iotlb_by_register(m);
}

/* ---- time: one step an access ---------------------------------------------------------------- */

static void tick(struct vtd_model *m)
{
    if (m->command && !(m->command & m->cfg.stuck)) {
        if (m->command_left)
            m->command_left--;
        else
            take_effect(m);
    }
    if (m->pmen_left)
        m->pmen_left--;
    else if (!m->cfg.protected_stuck)
        m->pmen = (m->pmen & ~1u) | m->pmen >> 31;
    vtm_waits_run(m);
    vtm_queue_run(m);
    run_direct(m);
}

/* ---- writes ---------------------------------------------------------------------------------- */

static void write_frcd(struct vtd_model *m, struct frcd *r, uint32_t offset, uint64_t value)
{
    if (offset % 16 != 12 || value != 1u << 31)
        model_broken(&m->watch, "fault record: %llx written at %x", (unsigned long long)value,
                     offset);
    r->high &= ~(1ull << 63);
}

static void write_address(struct vtd_model *m, uint32_t offset, uint64_t value)
{
    switch (offset) {
    case R_RTADDR:
        if (bits(value, 9, 0))
            model_broken(&m->watch, "RTADDR %llx", (unsigned long long)value);
        m->rtaddr = value;
        return;
    case R_IQA:
        if (is_on(m, G_QIE))
            model_broken(&m->watch, "IQA written while the queue is on");
        m->iqa = value;
        return;
    case R_IQT:
        if (value % (bit(m->iqa, 11) ? 32 : 16))
            model_broken(&m->watch, "IQT %llx is not at a descriptor", (unsigned long long)value);
        m->iqt = value;
        m->tail_needed = false;
        return;
    default:
        if (bits(value, 10, 4))
            model_broken(&m->watch, "IRTA %llx", (unsigned long long)value);
        m->irta = value;
    }
}

static void write_control(struct vtd_model *m, uint32_t offset, uint64_t value)
{
    switch (offset) {
    case R_GCMD:
        write_gcmd(m, (uint32_t)value);
        return;
    case R_FSTS:
        m->fsts &= ~(uint32_t)(value & (S_PFO | S_IQE | S_ICE | S_ITE));
        return;
    case R_FECTL:
        m->fectl = (uint32_t)value;
        return;
    case R_FEDATA:
        m->fedata = (uint32_t)value;
        return;
    case R_FEADDR:
        m->feaddr = (uint32_t)value;
        return;
    case R_FEUADDR:
        m->feuaddr = (uint32_t)value;
        return;
    case R_PMEN:
        m->pmen = (m->pmen & 1) | (uint32_t)keep(value, 31, 31);
        m->pmen_left = m->cfg.ack_delay;
        return;
    case R_CCMD:
        m->ccmd = value;
        start_direct(m);
        return;
    default:
        model_broken(&m->watch, "write of register %03x", offset);
    }
}

static void write_register(struct vtd_model *m, uint32_t offset, uint64_t value)
{
    struct frcd *r = frcd_at(m, offset);

    if (r) {
        write_frcd(m, r, offset, value);
    } else if (offset == iva_offset(m)) {
        m->iva = value;
    } else if (offset == iva_offset(m) + 8) {
        m->iotlb = value;
        start_direct(m);
    } else if (offset == R_RTADDR || offset == R_IQA || offset == R_IQT || offset == R_IRTA) {
        write_address(m, offset, value);
    } else {
        write_control(m, offset, value);
    }
}

/* ---- reads ----------------------------------------------------------------------------------- */

uint64_t vtd_model_register(const struct vtd_model *m, uint32_t offset)
{
    const struct {
        uint32_t offset;
        uint64_t value;
    } map[] = {
        {R_VER, m->cfg.ver},
        {R_CAP, m->cfg.cap},
        {R_ECAP, m->cfg.ecap},
        {R_GSTS, m->gsts},
        {R_RTADDR, m->rtaddr},
        {R_CCMD, m->ccmd},
        {R_CCMD + 4, m->ccmd >> 32},
        {R_FSTS, vtm_fsts(m)},
        {R_FECTL, m->fectl},
        {R_FEDATA, m->fedata},
        {R_FEADDR, m->feaddr},
        {R_FEUADDR, m->feuaddr},
        {R_PMEN, m->pmen},
        {R_IQH, m->iqh},
        {R_IQT, m->iqt},
        {R_IQA, m->iqa},
        {R_IRTA, m->irta},
        {iva_offset(m) + 8, m->iotlb},
        {iva_offset(m) + 12, m->iotlb >> 32},
    };

    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        if (map[i].offset == offset)
            return map[i].value;
    return 0;
}

static bool is_64bit(const struct vtd_model *m, uint32_t offset)
{
    return offset == R_CAP || offset == R_ECAP || offset == R_RTADDR || offset == R_CCMD ||
           offset == R_IQH || offset == R_IQT || offset == R_IQA || offset == R_IQER ||
           offset == R_IRTA || offset == iva_offset(m) || offset == iva_offset(m) + 8;
}

static void check_width(struct vtd_model *m, uint32_t offset, unsigned width, const char *access)
{
    unsigned want = is_64bit(m, offset) || (frcd_at(m, offset) && offset % 8 == 0) ? 8 : 4;

    if (width != want)
        model_broken(&m->watch, "register %03x %s with %u bytes", offset, access, width);
}

static uint64_t on_read(void *ctx, uint64_t off, unsigned width)
{
    struct vtd_model *m = ctx;
    struct frcd *r = frcd_at(m, (uint32_t)off);
    uint64_t value;

    if (m->cfg.silent)
        return m->cfg.silent_value;
    check_width(m, (uint32_t)off, width, "read");
    tick(m);
    if (r)
        value = off % 16 == 0 ? r->low : r->high;
    else
        value = vtd_model_register(m, (uint32_t)off);
    model_accessed(&m->watch);
    return value;
}

static void on_write(void *ctx, uint64_t off, unsigned width, uint64_t value)
{
    struct vtd_model *m = ctx;

    model_wrote(&m->watch, (uint32_t)off, value);
    if (m->cfg.silent)
        return;
    check_width(m, (uint32_t)off, width, "written");
    write_register(m, (uint32_t)off, value);
    tick(m);
    model_accessed(&m->watch);
}

void vtd_model_map(struct vtd_model *m, uint64_t base)
{
    static const struct host_mmio_ops ops = {.read = on_read, .write = on_write};

    host_mmio_register(base, 0x1000, &ops, m);
}

/* ---- what firmware left ---------------------------------------------------------------------- */

void vtd_model_preset(struct vtd_model *m, uint32_t offset, uint64_t value)
{
    switch (offset) {
    case R_GSTS:
        m->gsts = (uint32_t)value;
        break;
    case R_RTADDR:
        m->rtaddr = m->root = value;
        break;
    case R_IRTA:
        m->irta = m->irt = value;
        break;
    case R_FSTS:
        m->fsts = (uint32_t)value;
        break;
    case R_FECTL:
        m->fectl = (uint32_t)value;
        break;
    case R_PMEN:
        m->pmen = (uint32_t)value;
        break;
    case R_PLMBASE:
        m->plmbase = (uint32_t)value;
        break;
    case R_PLMLIMIT:
        m->plmlimit = (uint32_t)value;
        break;
    case R_IQH:
        m->iqh = value;
        break;
    case R_IQT:
        m->iqt = value;
        break;
    case R_IQA:
        m->iqa = value;
        break;
    default:
        model_broken(&m->watch, "preset of register %03x", offset);
    }
}
