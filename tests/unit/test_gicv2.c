/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "drivers/irq/gicv2.h"
#include "lib/base/err.h"
#include "lib/irq/irq.h"

/* A small GICv2 by IHI 0048B, for one CPU, with a SPI count of the test's choice. Offsets are the
 * specification's, written out here a second time. */
#define DIST UINT64_C(0x08000000)
#define CPU  UINT64_C(0x08010000)

static struct {
    uint32_t ctlr, lines, pidr2, targets;
    uint8_t enabled[1024], pending[1024], active[1024], group[1024], priority[1024], target[1024];
    uint32_t icfgr[64];
    uint32_t cpu_ctlr, pmr, iidr;
    uint32_t spurious; /* read from IAR when nothing is pending */
} gic;

static uint32_t bits(const uint8_t *state, uint64_t word)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 32; i++)
        v |= (uint32_t)state[32 * word + i] << i;
    return v;
}

static void set_bits(uint8_t *state, uint64_t word, uint64_t v, bool on)
{
    for (unsigned i = 0; i < 32; i++) {
        if (v >> i & 1)
            state[32 * word + i] = on;
    }
}

static uint64_t dist_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    assert_int_equal(width, 4);
    if (off == 0x004)
        return gic.lines;
    if (off == 0xfe8)
        return gic.pidr2;
    if (off >= 0x200 && off < 0x280)
        return bits(gic.pending, (off - 0x200) / 4);
    if (off >= 0x800 &&
        off < 0x820) /* banked: this CPU's mask, in some implementations not in all */
        return off == 0x800 ? 0 : gic.targets;
    if (off >= 0xc00 && off < 0xd00)
        return gic.icfgr[(off - 0xc00) / 4];
    fail_msg("distributor register %#lx is not to be read", off);
    return 0;
}

static void set_bytes(uint8_t *state, uint64_t first, uint64_t v)
{
    for (unsigned i = 0; i < 4; i++)
        state[first + i] = (uint8_t)(v >> 8 * i);
}

static void dist_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    static const struct {
        uint64_t first;
        uint8_t *state;
        bool on;
    } sets[] = {
        {0x100, gic.enabled, true},  {0x180, gic.enabled, false}, {0x200, gic.pending, true},
        {0x280, gic.pending, false}, {0x380, gic.active, false},
    };

    (void)ctx;
    assert_int_equal(width, 4);
    for (unsigned i = 0; i < ARRAY_SIZE(sets); i++) {
        if (off >= sets[i].first && off < sets[i].first + 0x80) {
            set_bits(sets[i].state, (off - sets[i].first) / 4, v, sets[i].on);
            return;
        }
    }
    if (off == 0x000)
        gic.ctlr = (uint32_t)v;
    else if (off >= 0x080 && off < 0x100)
        memset(gic.group + 8 * (off - 0x080), 0, 32); /* the driver writes nothing but 0 */
    else if (off >= 0x400 && off < 0x800)
        set_bytes(gic.priority, off - 0x400, v);
    else if (off >= 0x820 && off < 0xc00)
        set_bytes(gic.target, off - 0x800, v);
    else if (off >= 0xc08 && off < 0xd00)
        gic.icfgr[(off - 0xc00) / 4] = (uint32_t)v;
    else if (off < 0xf10 || off >= 0xf20) /* pending software interrupts */
        fail_msg("distributor register %#lx is not to be written", off);
}

static uint64_t cpu_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    assert_int_equal(width, 4);
    if (off == 0xfc)
        return gic.iidr;
    assert_int_equal(off, 0x0c);
    for (uint32_t id = 0; id < 1020; id++) {
        if (gic.ctlr && gic.cpu_ctlr && gic.enabled[id] && gic.pending[id] &&
            gic.priority[id] < gic.pmr) {
            gic.pending[id] = false;
            gic.active[id] = true;
            return id;
        }
    }
    return gic.spurious;
}

static void cpu_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    assert_int_equal(width, 4);
    if (off == 0x00)
        gic.cpu_ctlr = (uint32_t)v;
    else if (off == 0x04)
        gic.pmr = (uint32_t)v;
    else if (off == 0x10)
        gic.active[v] = false;
    else
        assert_int_equal(off, 0x08);
}

static const struct mmio dist = {DIST, 0x1000}, cpu = {CPU, 0x2000};

static int setup(void **state)
{
    static const struct host_mmio_ops dist_ops = {dist_read, dist_write};
    static const struct host_mmio_ops cpu_ops = {cpu_read, cpu_write};

    (void)state;
    host_reset();
    host_mmio_register(DIST, 0x1000, &dist_ops, NULL);
    host_mmio_register(CPU, 0x2000, &cpu_ops, NULL);
    memset(&gic, 0xff, sizeof(gic)); /* as a firmware that left everything on */
    memset(gic.enabled, 1, sizeof(gic.enabled));
    memset(gic.pending, 1, sizeof(gic.pending));
    memset(gic.active, 1, sizeof(gic.active));
    memset(gic.icfgr, 0, sizeof(gic.icfgr));
    gic.lines = 8; /* 288 interrupts */
    gic.pidr2 = 0x2b;
    gic.iidr = 0x0202143b;    /* a GIC-400 */
    gic.targets = 0x04040404; /* the third CPU */
    gic.spurious = 1023;
    irq_set_chip(NULL);
    return 0;
}

static void taken_over_from_any_state(void **state)
{
    (void)state;
    assert_int_equal(gicv2_init(&dist, &cpu), 0);
    assert_int_equal(irq_chip()->count, 288);
    for (unsigned id = 0; id < 288; id++) {
        assert_false(gic.enabled[id] || gic.pending[id] || gic.active[id] || gic.group[id]);
        assert_int_equal(gic.priority[id], 0xa0);
        if (id >= 32)
            assert_int_equal(gic.target[id], 4);
    }
    assert_int_equal(irq_chip()->acknowledge(), IRQ_NONE);
}

static void counts(void **state)
{
    static const struct {
        uint32_t lines, count;
    } cases[] = {{0, 32}, {1, 64}, {30, 992}, {31, 1020}};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        gic.lines = cases[i].lines;
        assert_int_equal(gicv2_init(&dist, &cpu), 0);
        assert_int_equal(irq_chip()->count, cases[i].count);
    }
}

static void an_interrupt_from_end_to_end(void **state)
{
    (void)state;
    assert_int_equal(gicv2_init(&dist, &cpu), 0);
    const struct irq_chip *c = irq_chip();
    c->configure(81, IRQ_EDGE);
    gic.pending[81] = true;
    assert_true(c->is_pending(81));
    assert_int_equal(c->acknowledge(), IRQ_NONE); /* not enabled */
    c->enable(81);
    assert_int_equal(c->acknowledge(), 81);
    assert_true(gic.active[81]);
    c->end(81);
    assert_false(gic.active[81]);
    gic.pending[81] = true;
    c->disable(81);
    assert_int_equal(c->acknowledge(), IRQ_NONE);
    assert_true(gic.pending[81]);
    c->clear(81);
    assert_false(c->is_pending(81));
}

static void triggers(void **state)
{
    (void)state;
    assert_int_equal(gicv2_init(&dist, &cpu), 0);
    irq_chip()->configure(80, IRQ_EDGE);
    irq_chip()->configure(95, IRQ_EDGE);
    assert_int_equal(gic.icfgr[5], 0x80000002);
    irq_chip()->configure(80, IRQ_LEVEL);
    assert_int_equal(gic.icfgr[5], 0x80000000);
    irq_chip()->configure(27, IRQ_EDGE); /* private: left as wired */
    assert_int_equal(gic.icfgr[1], 0);
}

static void special_numbers_are_nothing(void **state)
{
    (void)state;
    assert_int_equal(gicv2_init(&dist, &cpu), 0);
    for (gic.spurious = 1020; gic.spurious < 1024; gic.spurious++)
        assert_int_equal(irq_chip()->acknowledge(), IRQ_NONE);
}

static void refused(void **state)
{
    const struct mmio small = {DIST, 0x800};

    (void)state;
    assert_int_equal(gicv2_init(&small, &cpu), -RF_EINVAL);
    assert_int_equal(gicv2_init(&dist, &(struct mmio){CPU, 0x100}), -RF_EINVAL);
    gic.pidr2 = 0x3b; /* a GICv3 */
    assert_int_equal(gicv2_init(&dist, &cpu), -RF_ENODEV);
    gic.pidr2 = UINT32_MAX; /* nothing there */
    assert_int_equal(gicv2_init(&dist, &cpu), -RF_ENODEV);
    gic.pidr2 = 0x2b;
    gic.iidr = 0; /* something else's registers in the place of the CPU interface */
    assert_int_equal(gicv2_init(&dist, &cpu), -RF_ENODEV);
    assert_null(irq_chip());
    assert_true(gic.enabled[40]); /* nothing was written */
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(taken_over_from_any_state),    TEST(counts),
        TEST(an_interrupt_from_end_to_end), TEST(triggers),
        TEST(special_numbers_are_nothing),  TEST(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
