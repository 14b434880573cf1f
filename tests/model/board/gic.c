/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/board/board.h"

#include <string.h>

#include "arch/clock.h"
#include "arch/host/host.h"

#define IDS      1024u
#define WIRES    16u
#define SPURIOUS 1023u

enum {
    D_CTLR = 0x000,
    D_TYPER = 0x004,
    D_ISENABLER = 0x100,
    D_ICENABLER = 0x180,
    D_ISPENDR = 0x200,
    D_ICPENDR = 0x280,
    D_ICACTIVER = 0x380,
    D_ITARGETSR = 0x800,
    D_ICFGR = 0xc00,
    D_ICPIDR2 = 0xfe8
};
enum { C_CTLR = 0x00, C_PMR = 0x04, C_IAR = 0x0c, C_EOIR = 0x10, C_IIDR = 0xfc };
enum { F_TYPER = 0x008, F_SETSPI_NS = 0x040, F_SIZE = 0x1000 };

static struct {
    struct board_gic cfg;
    uint32_t ctlr, cpu_ctlr, pmr, icfgr[IDS / 16];
    bool enabled[IDS], pending[IDS], active[IDS];
    unsigned taken[IDS];
    unsigned rings;
    struct {
        uint32_t id;
        bool (*is_raised)(const void *ctx);
        const void *ctx;
    } wire[WIRES];
    unsigned wires;
} gic;

void board_gic_wire(uint32_t id, bool (*is_raised)(const void *ctx), const void *ctx)
{
    gic.wire[gic.wires].id = id;
    gic.wire[gic.wires].is_raised = is_raised;
    gic.wire[gic.wires++].ctx = ctx;
}

unsigned board_gic_taken(uint32_t id)
{
    return gic.taken[id];
}

static bool is_pending(uint32_t id)
{
    if (id == gic.cfg.timer)
        return host_clock_wakeup() <= clock_now_ns();
    for (unsigned i = 0; i < gic.wires; i++)
        if (gic.wire[i].id == id)
            return gic.wire[i].is_raised(gic.wire[i].ctx);
    return gic.pending[id];
}

/* ---- the distributor ------------------------------------------------------------------------- */

/* Registers of a bit an interrupt. */
static struct {
    uint32_t first;
    bool *state;
    bool on;
} const sets[] = {
    {D_ISENABLER, gic.enabled, true}, {D_ICENABLER, gic.enabled, false},
    {D_ISPENDR, gic.pending, true},   {D_ICPENDR, gic.pending, false},
    {D_ICACTIVER, gic.active, false},
};

static void dist_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    (void)width;
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
        for (unsigned bit = 0; off - sets[i].first < 0x80 && bit < 32; bit++)
            if (v >> bit & 1)
                sets[i].state[(off - sets[i].first) * 8 + bit] = sets[i].on;
    if (off == D_CTLR)
        gic.ctlr = (uint32_t)v;
    else if (off >= D_ICFGR && off < D_ICFGR + sizeof(gic.icfgr))
        gic.icfgr[(off - D_ICFGR) / 4] = (uint32_t)v;
}

static uint64_t dist_read(void *ctx, uint64_t off, unsigned width)
{
    uint32_t v = 0;

    (void)ctx;
    (void)width;
    if (off == D_TYPER)
        return gic.cfg.lines;
    if (off == D_ICPIDR2)
        return 0x20;
    if (off >= D_ITARGETSR && off < D_ITARGETSR + 0x20)
        return 0x01010101;
    if (off >= D_ICFGR && off < D_ICFGR + sizeof(gic.icfgr))
        return gic.icfgr[(off - D_ICFGR) / 4];
    for (unsigned bit = 0; off - D_ISPENDR < 0x80 && bit < 32; bit++)
        v |= (uint32_t)is_pending((uint32_t)(off - D_ISPENDR) * 8 + bit) << bit;
    return v;
}

/* ---- the CPU interface ----------------------------------------------------------------------- */

static uint32_t acknowledge(void)
{
    for (uint32_t id = 0; id < 32 * (gic.cfg.lines + 1); id++) {
        if (!(gic.ctlr & gic.cpu_ctlr & 1) || !gic.pmr || gic.active[id] || !gic.enabled[id] ||
            !is_pending(id))
            continue;
        gic.pending[id] = false;
        gic.active[id] = true;
        gic.taken[id]++;
        return id;
    }
    return SPURIOUS;
}

static uint64_t cpu_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    (void)width;
    if (off == C_IAR)
        return acknowledge();
    return off == C_IIDR ? 0x0202043b : 0;
}

static void cpu_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    (void)width;
    if (off == C_CTLR)
        gic.cpu_ctlr = (uint32_t)v;
    else if (off == C_PMR)
        gic.pmr = (uint32_t)v;
    else if (off == C_EOIR)
        gic.active[v % IDS] = false;
}

/* ---- the frame ------------------------------------------------------------------------------- */

bool board_gic_ring(uint64_t paddr, uint32_t data)
{
    if (paddr != gic.cfg.frame + F_SETSPI_NS)
        return false;
    if (data - gic.cfg.spi_base < gic.cfg.spi_count) {
        gic.pending[data] = true;
        gic.rings++;
    }
    return true;
}

unsigned board_gic_rings(void)
{
    return gic.rings;
}

static uint64_t frame_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    (void)width;
    return off == F_TYPER ? gic.cfg.spi_base << 16 | gic.cfg.spi_count : 0;
}

static void frame_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    (void)width;
    (void)board_gic_ring(gic.cfg.frame + off, (uint32_t)v);
}

void board_gic_map(const struct board_gic *g)
{
    static const struct host_mmio_ops dist = {dist_read, dist_write};
    static const struct host_mmio_ops cpu = {cpu_read, cpu_write};
    static const struct host_mmio_ops frame = {frame_read, frame_write};

    memset(&gic, 0, sizeof(gic));
    gic.cfg = *g;
    host_mmio_register(g->dist, 0x1000, &dist, NULL);
    host_mmio_register(g->cpu, 0x2000, &cpu, NULL);
    host_mmio_register(g->frame, F_SIZE, &frame, NULL);
}
