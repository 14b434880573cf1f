/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/gicv3/internal.h"

/* Redistributors (IHI 0069 12.10, 12.11). Of all but this CPU's there is only what tells whose they
 * are. */

#define INNER_SHARE 0xc00ull

static uint64_t typer(const struct gicv3_model *m, uint64_t n)
{
    bool last = n == m->cfg.redists - 1 && !m->cfg.last_is_missing;
    uint64_t affinity = 0x03020000 | n;

    return affinity << 32 | (n + 5) << 8 | (uint64_t)last << 4 | (uint64_t)m->cfg.vlpis << 1 |
           !m->cfg.no_lpis;
}

static uint64_t read_waker(struct gicv3_model *m)
{
    if (m->cfg.two_states)
        return 0;
    if (m->waking && !m->cfg.wake_stuck && m->wake_left-- == 0)
        m->asleep = m->waking = false;
    return (m->asleep && !m->waking ? 2u : 0) | (m->asleep ? 4u : 0);
}

static uint64_t read_ctlr(struct gicv3_model *m)
{
    bool rwp = m->cfg.rwp_stuck || m->redist_rwp_left;

    if (m->redist_rwp_left && --m->redist_rwp_left == 0 && !m->cfg.rwp_stuck)
        all_off(m, 0, SPI_FIRST);
    return (uint64_t)rwp << 3 | m->lpis_on;
}

static uint64_t own_read(struct gicv3_model *m, uint64_t off)
{
    switch (off) {
    case 0x00:
        return read_ctlr(m);
    case 0x14:
        return read_waker(m);
    case 0x70:
        return m->propbaser;
    case 0x78:
        return m->pendbaser;
    case FRAME + 0x200:
        return get_bits(m, 0, offsetof(struct gicv3_model_irq, pending));
    default:
        model_broken(&m->watch, "a read of the redistributor at %#lx", off);
        return 0;
    }
}

uint64_t redist_read(struct gicv3_model *m, uint64_t off, unsigned width)
{
    const uint64_t stride = gicv3_model_redist_size(m) / m->cfg.redists;

    if (off % stride == PIDR2)
        return GICV3_ARCH;
    if (off % stride == 8 && width == 8)
        return typer(m, off / stride);
    if (off / stride == m->cfg.own && (width == 4 || off % stride == 0x70 || off % stride == 0x78))
        return own_read(m, off % stride);
    model_broken(&m->watch, "a read of %u bytes of redistributor %lu at %#lx", width, off / stride,
                 off % stride);
    return 0;
}

static void write_ctlr(struct gicv3_model *m, uint64_t v)
{
    bool on = bit(v, 0);

    if (m->lpis_on && !on && m->cfg.lpis_stay_on)
        return;
    if (m->lpis_on != on)
        lpis_switch(m, on);
    m->redist_rwp_left = m->cfg.rwp_delay;
}

static void write_table(struct gicv3_model *m, uint64_t *reg, uint64_t v)
{
    if (m->lpis_on)
        model_broken(&m->watch, "a table of LPIs is changed while they are on");
    *reg = m->cfg.no_share || m->cfg.non_coherent ? v & ~INNER_SHARE : v;
}

static void write_private_disable(struct gicv3_model *m, uint32_t v)
{
    disable_bits(m, 0, v);
    m->redist_rwp_left = m->cfg.rwp_delay;
    if (m->redist_rwp_left == 0)
        all_off(m, 0, SPI_FIRST);
}

static bool write_private(struct gicv3_model *m, uint64_t off, uint32_t v)
{
    if (off == 0x080)
        set_group(m, 0, v);
    else if (off == 0x100)
        enable_bits(m, 0, v);
    else if (off == 0x180)
        write_private_disable(m, v);
    else if (off == 0x280)
        clear_pending(m, 0, v);
    else if (off == 0x380)
        clear_active(m, 0, v);
    else if (off >= 0x400 && off < 0x420)
        set_priority(m, (unsigned)(off - 0x400), v);
    else
        return false;
    return true;
}

static void own_write(struct gicv3_model *m, uint64_t off, uint64_t v)
{
    if (off >= FRAME && m->asleep)
        model_broken(&m->watch, "private interrupts are written while the redistributor sleeps");
    if (off == 0x00)
        write_ctlr(m, v);
    else if (off == 0x14)
        m->waking = m->waking || (m->asleep && !bit(v, 1) && (m->wake_left = m->cfg.wake_delay, 1));
    else if (off == 0x70)
        write_table(m, &m->propbaser, v);
    else if (off == 0x78)
        write_table(m, &m->pendbaser, v);
    else if (off < FRAME || !write_private(m, off - FRAME, (uint32_t)v))
        model_broken(&m->watch, "a write to the redistributor at %#lx", off);
}

void redist_write(struct gicv3_model *m, uint64_t off, unsigned width, uint64_t v)
{
    const uint64_t stride = gicv3_model_redist_size(m) / m->cfg.redists, at = off % stride;
    const unsigned wanted = at == 0x70 || at == 0x78 ? 8 : 4;

    if (off / stride != m->cfg.own || width != wanted)
        model_broken(&m->watch, "a write of %u bytes to redistributor %lu at %#lx", width,
                     off / stride, at);
    else
        own_write(m, at, v);
}
