/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/gicv3/internal.h"

/* The distributor (IHI 0069 12.9), with affinity routing: the first 32 interrupts are not its. */

static unsigned first_of(uint64_t off, uint64_t base)
{
    return (unsigned)(off - base) / 4 * 32;
}

static bool in(uint64_t off, uint64_t base, uint64_t size)
{
    return off >= base && off < base + size;
}

static uint64_t read_ctlr(struct gicv3_model *m)
{
    bool rwp = m->cfg.rwp_stuck || m->rwp_left;

    if (m->rwp_left && --m->rwp_left == 0 && !m->cfg.rwp_stuck)
        all_off(m, SPI_FIRST, WIRED);
    return m->ctlr | (uint64_t)rwp << 31 | (m->cfg.two_states ? 0 : 1u << 6);
}

static uint64_t typer(const struct gicv3_model *m)
{
    uint64_t lpis = m->cfg.no_lpis ? 0 : 1u << 17 | 15u << 19 | (uint64_t)m->cfg.num_lpis << 11;

    return m->cfg.lines | lpis;
}

static uint64_t read_icfgr(const struct gicv3_model *m, uint64_t off)
{
    unsigned first = (unsigned)(off - 0xc00) * 4;
    uint32_t v = 0;

    for (unsigned i = 0; i < 16; i++)
        v |= (m->irq[first + i].s.edge ? 2u : 0) << 2 * i;
    return v;
}

uint64_t dist_read(struct gicv3_model *m, uint64_t off, unsigned width)
{
    if (width != 4)
        model_broken(&m->watch, "a read of %u bytes of the distributor at %#lx", width, off);
    if (off == 0)
        return read_ctlr(m);
    if (off == 4)
        return typer(m);
    if (off == PIDR2)
        return GICV3_ARCH;
    if (in(off, 0x204, 0x7c))
        return get_bits(m, first_of(off, 0x200), offsetof(struct gicv3_model_irq, pending));
    if (in(off, 0xc08, 0xf8))
        return read_icfgr(m, off);
    model_broken(&m->watch, "a read of the distributor at %#lx", off);
    return 0;
}

static void write_ctlr(struct gicv3_model *m, uint64_t v)
{
    if (bit(m->ctlr, 4) && !bit(v, 4))
        model_broken(&m->watch, "affinity routing is switched off");
    m->ctlr = v & 0x13;
    m->rwp_left = m->cfg.rwp_delay;
}

/* What is configured of an interrupt that may still be on. */
static void check_off(struct gicv3_model *m, unsigned first, unsigned count, const char *what)
{
    for (unsigned id = first; id < first + count; id++) {
        if (m->irq[id].s.enabled)
            model_broken(&m->watch, "%s of interrupt %u, which is not off", what, id);
    }
}

static void write_icfgr(struct gicv3_model *m, uint64_t off, uint64_t v)
{
    unsigned first = (unsigned)(off - 0xc00) * 4;

    for (unsigned i = 0; i < 16; i++) {
        bool edge = v >> (2 * i + 1) & 1;

        if (edge != m->irq[first + i].s.edge)
            check_off(m, first + i, 1, "the trigger");
        m->irq[first + i].s.edge = edge;
    }
}

static void write_disable(struct gicv3_model *m, unsigned first, uint32_t v)
{
    disable_bits(m, first, v);
    m->rwp_left = m->cfg.rwp_delay;
    if (m->rwp_left == 0)
        all_off(m, SPI_FIRST, WIRED);
}

static bool write_bits(struct gicv3_model *m, uint64_t off, uint32_t v)
{
    static const struct {
        uint64_t base;
        void (*write)(struct gicv3_model *m, unsigned first, uint32_t v);
    } sets[] = {
        {0x080, set_group},     {0x100, enable_bits},  {0x180, write_disable},
        {0x280, clear_pending}, {0x380, clear_active},
    };

    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        if (!in(off, sets[i].base + 4, 0x7c))
            continue;
        sets[i].write(m, first_of(off, sets[i].base), v);
        return true;
    }
    return false;
}

static void write_route(struct gicv3_model *m, uint64_t off, unsigned width, uint64_t v)
{
    unsigned id = (unsigned)(off - 0x6000) / 8;

    if (width != 8 || !bit(m->ctlr, 4))
        model_broken(&m->watch, "GICD_IROUTER%u: %u bytes, or without affinity routing", id, width);
    check_off(m, id, 1, "the route");
    m->irq[id].s.route = v;
}

void dist_write(struct gicv3_model *m, uint64_t off, unsigned width, uint64_t v)
{
    if (in(off, 0x6100, 0x1ee0)) {
        write_route(m, off, width, v);
        return;
    }
    if (width != 4)
        model_broken(&m->watch, "a write of %u bytes to the distributor at %#lx", width, off);
    if (off == 0)
        write_ctlr(m, v);
    else if (in(off, 0x420, 0x3e0))
        set_priority(m, (unsigned)(off - 0x400), (uint32_t)v);
    else if (in(off, 0xc08, 0xf8))
        write_icfgr(m, off, v);
    else if (!write_bits(m, off, (uint32_t)v))
        model_broken(&m->watch, "a write to the distributor at %#lx", off);
}
