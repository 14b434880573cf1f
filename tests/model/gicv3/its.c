/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/gicv3/internal.h"

/* Registers of the ITS (IHI 0069 12.19). */

#define VALID    (1ull << 63)
#define INDIRECT (1ull << 62)
#define SHARE    0xc00ull

static uint64_t typer(const struct gicv3_model *m)
{
    const struct gicv3_model_config *c = &m->cfg;

    return 1 | (uint64_t)(c->itt_entry - 1) << 4 | (uint64_t)(c->event_bits - 1) << 8 |
           (uint64_t)(c->dev_bits - 1) << 13 | (uint64_t)c->pta << 19 | (uint64_t)c->hcc << 24;
}

/* Devices, collections, virtual processors. */
static unsigned type_of(const struct gicv3_model *m, unsigned n)
{
    if (n == 0)
        return m->cfg.no_device_table ? 0 : 1;
    if (n == 1)
        return m->cfg.no_collection_table ? 0 : 4;
    return n == 2 ? 2 : 0;
}

static uint64_t fixed_part(const struct gicv3_model *m, unsigned n)
{
    return (uint64_t)type_of(m, n) << 56 | (uint64_t)(m->cfg.dev_entry - 1) << 48;
}

uint64_t its_read(struct gicv3_model *m, uint64_t off, unsigned width)
{
    if (m->cfg.no_its)
        return 0;
    if (off >= 0x100 && off < 0x100 + 8 * BASERS && width == 8)
        return m->baser[(off - 0x100) / 8] | fixed_part(m, (unsigned)(off - 0x100) / 8);
    switch (off | (uint64_t)width << 32) {
    case 0x00 | 4ull << 32:
        return m->on | (uint64_t)(m->quiescent && !m->on) << 31;
    case 0x04 | 4ull << 32:
        return m->cfg.iidr;
    case 0x08 | 8ull << 32:
        return typer(m);
    case 0x80 | 8ull << 32:
        return m->cbaser;
    case 0x90 | 8ull << 32:
        return m->creadr | m->stalled;
    case PIDR2 | 4ull << 32:
        return GICV3_ARCH;
    default:
        model_broken(&m->watch, "a read of %u bytes of the ITS at %#lx", width, off);
        return 0;
    }
}

static void check_quiet(struct gicv3_model *m, const char *reg)
{
    if (m->on || !m->quiescent)
        model_broken(&m->watch, "%s is written while the ITS is on", reg);
}

static uint64_t keep_attributes(const struct gicv3_model *m, uint64_t v)
{
    return m->cfg.no_share || m->cfg.non_coherent ? v & ~SHARE : v;
}

static uint64_t keep_page_size(const struct gicv3_model *m, uint64_t v)
{
    if (m->cfg.page_sizes >> bits(v, 9, 8) & 1)
        return v;
    return (v & ~0x300ull) | (uint64_t)__builtin_ctz(m->cfg.page_sizes) << 8;
}

static void write_baser(struct gicv3_model *m, unsigned n, uint64_t v)
{
    check_quiet(m, "GITS_BASER");
    v = keep_page_size(m, keep_attributes(m, v));
    if (m->cfg.flat_only)
        v &= ~INDIRECT;
    if (v & VALID && type_of(m, n) != 1 && type_of(m, n) != 4)
        model_broken(&m->watch, "GITS_BASER%u has no table", n);
    m->baser[n] = v & ~(7ull << 56 | 31ull << 48);
    if (v & VALID)
        (void)table_is_valid(m, v);
}

static void write_ctlr(struct gicv3_model *m, uint64_t v)
{
    const bool on = bit(v, 0);

    for (unsigned n = 0; on && n < 2; n++) {
        if (type_of(m, n) && !(m->baser[n] & VALID))
            model_broken(&m->watch, "the ITS is switched on without the table of GITS_BASER%u", n);
    }
    if (on && (!(m->cbaser & VALID) || !m->lpis_on))
        model_broken(&m->watch, "the ITS is switched on without a queue, or without LPIs");
    m->on = on;
    m->quiescent = !m->cfg.never_quiescent;
    if (!on)
        m->live = (struct translation){0};
    take_commands(m);
}

static void write_cwriter(struct gicv3_model *m, uint64_t v)
{
    const uint64_t bytes = 4096 * (bits(m->cbaser, 7, 0) + 1);

    if (keep(v, 19, 5) >= bytes)
        model_broken(&m->watch, "GITS_CWRITER is %#lx, in a queue of %#lx", v, bytes);
    m->cwriter = (uint32_t)keep(v, 19, 5);
    if (bit(v, 0))
        m->stalled = false;
    if (!m->cfg.lazy)
        take_commands(m);
}

void its_write(struct gicv3_model *m, uint64_t off, unsigned width, uint64_t v)
{
    if (off == 0 && width == 4) {
        write_ctlr(m, v);
    } else if (off >= 0x100 && off < 0x100 + 8 * BASERS && width == 8) {
        write_baser(m, (unsigned)(off - 0x100) / 8, v);
    } else if (off == 0x80 && width == 8) {
        check_quiet(m, "GITS_CBASER");
        m->cbaser = keep_attributes(m, v);
        m->creadr = 0;
    } else if (off == 0x88 && width == 8) {
        write_cwriter(m, v);
    } else {
        model_broken(&m->watch, "a write of %u bytes to the ITS at %#lx", width, off);
    }
}

bool gicv3_model_its_is_on(const struct gicv3_model *m)
{
    return m->on;
}

uint64_t gicv3_model_device_baser(const struct gicv3_model *m)
{
    return m->baser[0];
}

bool gicv3_model_has_device(const struct gicv3_model *m, uint32_t device)
{
    return m->on && find_device((struct translation *)&m->live, device);
}

uint32_t gicv3_model_ring(struct gicv3_model *m, uint32_t device, uint32_t event)
{
    const struct device *d = m->on ? find_device(&m->live, device) : NULL;

    take_lazily(m);
    if (!d || event >> d->bits || event >= EVENTS || !d->event[event].valid ||
        !m->live.collection[d->event[event].collection])
        return 0;
    m->lpi_pending[d->event[event].lpi - LPI_FIRST] = true;
    return d->event[event].lpi;
}
