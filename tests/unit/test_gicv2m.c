/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "drivers/irq/gicv2m.h"
#include "lib/base/err.h"
#include "lib/irq/irq.h"
#include "lib/mem/heap.h"
#include "lib/mem/inject.h"

#define FRAME UINT64_C(0x08020000)

static struct {
    uint32_t typer, iidr;
    unsigned typer_reads;
} frame;

static uint64_t frame_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    assert_int_equal(width, 4);
    frame.typer_reads += off == 0x008;
    assert_true(off == 0x008 || off == 0xfcc);
    return off == 0x008 ? frame.typer : frame.iidr;
}

static void frame_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    (void)width;
    fail_msg("a write of %#lx to frame + %#lx: only devices write there", v, off);
}

static struct irq_chip chip;
static struct gicv2m_config cfg;
static struct msi_controller *c;

static int setup(void **state)
{
    static const struct host_mmio_ops ops = {frame_read, frame_write};

    (void)state;
    host_reset();
    host_mmio_register(FRAME, 0x1000, &ops, NULL);
    frame.typer = 0x00500040; /* QEMU virt: 80, 64 SPIs */
    frame.iidr = 0x05100000;
    frame.typer_reads = 0;
    chip = (struct irq_chip){.name = "fake", .count = 288};
    irq_set_chip(&chip);
    cfg = (struct gicv2m_config){
        .regs = {FRAME, 0x1000},
        .base = PADDR(FRAME),
        .name = "v2m@8020000",
        .alone_lg2 = 16,
    };
    c = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    heap_free(c); /* the controller is the first member of what was allocated */
    inject_after(0);
    return 0;
}

static void create(void)
{
    assert_int_equal(gicv2m_create(&cfg, &c), 0);
}

static void as_the_frame_says(void **state)
{
    (void)state;
    create();
    assert_int_equal(c->irq_first, 80);
    assert_int_equal(c->irq_count, 64);
    assert_int_equal(c->base.v, FRAME);
    assert_int_equal(c->size, 0x1000);
    assert_int_equal(c->alone_lg2, 16);
    assert_string_equal(c->name, "v2m@8020000");
    assert_false(c->isolates);
    struct msi_message m = c->ops->message(c, 81);
    assert_int_equal(m.address.v, FRAME + 0x40);
    assert_int_equal(m.data, 81);
}

static void firmware_says_otherwise(void **state)
{
    (void)state;
    frame.typer = 0;
    cfg.spi_base = 160;
    cfg.spi_count = 32;
    create();
    assert_int_equal(c->irq_first, 160);
    assert_int_equal(c->irq_count, 32);
    assert_int_equal(frame.typer_reads, 0);
}

/* What MSI_TYPER may say on a controller with `lines` interrupts. */
static void ranges_of_spis(void **state)
{
    static const struct {
        uint32_t base, count, lines;
        bool good;
    } cases[] = {
        {32, 1, 1020, true},       {31, 1, 1020, false},   {0, 0, 1020, false},
        {32, 0, 1020, false},      {32, 988, 1020, true},  {32, 989, 1020, false},
        {1019, 1, 1020, true},     {1019, 2, 1020, false}, {1020, 1, 1020, false},
        {1023, 1023, 1020, false}, {224, 64, 288, true},   {225, 64, 288, false},
        {288, 1, 288, false},      {33, 1, 32, false},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        frame.typer = cases[i].base << 16 | cases[i].count;
        chip.count = cases[i].lines;
        assert_int_equal(gicv2m_create(&cfg, &c), cases[i].good ? 0 : -RF_EINVAL);
        if (cases[i].good)
            heap_free(c);
        c = NULL;
        cfg.spi_base = cases[i].base; /* firmware is checked the same way */
        cfg.spi_count = cases[i].count;
        if (cfg.spi_count) {
            assert_int_equal(gicv2m_create(&cfg, &c), cases[i].good ? 0 : -RF_EINVAL);
            if (cases[i].good)
                heap_free(c);
            c = NULL;
        }
        cfg.spi_count = 0;
    }
}

static void other_ways_to_ring(void **state)
{
    static const struct {
        uint32_t iidr;
        bool address_only;
        uint64_t address;
        uint32_t data; /* of INTID 83 in a frame from 80 */
    } cases[] = {
        {0x00000000, false, FRAME + 0x40, 83},
        {0x06000170, false, FRAME + 0x40, 3},  /* counts from the frame's first */
        {0x0000013f, false, FRAME + 0x40, 51}, /* counts from the first SPI */
        {0x00000000, true, FRAME + 51 * 8, 0},
        {0x06000170, true, FRAME + 51 * 8, 0},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        frame.iidr = cases[i].iidr;
        cfg.address_only = cases[i].address_only;
        create();
        struct msi_message m = c->ops->message(c, 83);
        assert_int_equal(m.address.v, cases[i].address);
        assert_int_equal(m.data, cases[i].data);
        heap_free(c);
        c = NULL;
    }
}

static void refused(void **state)
{
    (void)state;
    cfg.regs.size = 0x100;
    assert_int_equal(gicv2m_create(&cfg, &c), -RF_EINVAL);
    cfg.regs.size = 0x1000;
    inject_after(1);
    assert_int_equal(gicv2m_create(&cfg, &c), -RF_ENOMEM);
    inject_after(0);
    irq_set_chip(NULL);
    assert_int_equal(gicv2m_create(&cfg, &c), -RF_ENODEV);
    assert_null(c);
}

/* --- allocation ---------------------------------------------------------------------------- */

static uint32_t alloc(unsigned count)
{
    uint32_t first = 0;

    assert_int_equal(c->ops->alloc(c, count, &first), 0);
    assert_in_range(first, c->irq_first, c->irq_first + c->irq_count - count);
    return first;
}

static void every_spi_once(void **state)
{
    bool seen[64] = {false};
    uint32_t first;

    (void)state;
    create();
    for (unsigned i = 0; i < 64; i++) {
        uint32_t irq = alloc(1) - 80;

        assert_false(seen[irq]);
        seen[irq] = true;
    }
    assert_int_equal(c->ops->alloc(c, 1, &first), -RF_ENOSPC);
    c->ops->free(c, 100, 1);
    assert_int_equal(alloc(1), 100);
}

static void one_interrupt(uint32_t id)
{
    (void)id;
}

static void trigger_of_one(uint32_t id, enum irq_trigger t)
{
    (void)id;
    (void)t;
}

static void listener(uint32_t id, void *arg)
{
    (void)id;
    (void)arg;
}

/* QEMU virt: SMMU event queue, number 106 of 80 to 143. */
static void what_is_wired_is_no_message(void **state)
{
    uint32_t first;

    (void)state;
    create();
    chip.configure = trigger_of_one;
    chip.disable = chip.clear = one_interrupt;
    assert_int_equal(irq_request(106, IRQ_EDGE, listener, NULL, "smmu"), 0);
    assert_int_equal(alloc(16), 80);
    assert_int_equal(alloc(16), 112);
    for (unsigned i = 0; i < 31; i++)
        assert_int_not_equal(alloc(1), 106);
    assert_int_equal(c->ops->alloc(c, 1, &first), -RF_ENOSPC);
    irq_free(106);
    assert_int_equal(alloc(1), 106);
}

static void blocks_are_aligned(void **state)
{
    uint32_t first = 0;

    (void)state;
    cfg.spi_base = 81;  /* nothing aligned at the start */
    cfg.spi_count = 30; /* 81 .. 110: 16 that are aligned do not fit */
    create();
    for (unsigned count = 1; count <= 8; count *= 2)
        assert_int_equal(alloc(count) % count, 0);
    assert_int_equal(c->ops->alloc(c, 16, &first), -RF_ENOSPC);
    assert_int_equal(first, 0);
    assert_int_equal(c->ops->alloc(c, 32, &first), -RF_EINVAL);
    assert_int_equal(c->ops->alloc(c, 0, &first), -RF_EINVAL);
    assert_int_equal(c->ops->alloc(c, 3, &first), -RF_EINVAL);
}

/* It is the data whose low bits the device replaces. */
static void the_data_is_aligned(void **state)
{
    (void)state;
    frame.iidr = 0x06000170;
    cfg.spi_base = 82;
    cfg.spi_count = 16;
    create();
    uint32_t first = alloc(8);
    assert_int_equal(c->ops->message(c, first).data % 8, 0);
    assert_int_equal(first, 82);
}

static void one_at_a_time_by_address(void **state)
{
    uint32_t first;

    (void)state;
    cfg.address_only = true;
    create();
    assert_int_equal(c->ops->alloc(c, 2, &first), -RF_EINVAL);
    assert_int_equal(alloc(1), 80);
}

/* Fill, free every second block, fill again: nothing is lost and nothing given out twice. */
static void freed_blocks_come_back(void **state)
{
    uint32_t first[16];

    (void)state;
    create();
    for (unsigned i = 0; i < 16; i++)
        first[i] = alloc(4);
    for (unsigned i = 0; i < 16; i += 2)
        c->ops->free(c, first[i], 4);
    assert_int_equal(c->ops->alloc(c, 8, &first[0]), -RF_ENOSPC);
    for (unsigned i = 0; i < 8; i++)
        alloc(4);
    assert_int_equal(c->ops->alloc(c, 1, &first[0]), -RF_ENOSPC);
}

static void frees_outside_change_nothing(void **state)
{
    uint32_t first;

    (void)state;
    create();
    for (unsigned i = 0; i < 64; i++)
        alloc(1);
    c->ops->free(c, 79, 1);
    c->ops->free(c, 144, 1);
    c->ops->free(c, 143, 2);
    c->ops->free(c, UINT32_MAX, 2);
    assert_int_equal(c->ops->alloc(c, 1, &first), -RF_ENOSPC);
}

static void frames_are_apart(void **state)
{
    struct msi_controller *other;
    uint32_t first = 0;

    (void)state;
    create();
    cfg.spi_base = 200;
    cfg.spi_count = 8;
    assert_int_equal(gicv2m_create(&cfg, &other), 0);
    for (unsigned i = 0; i < 64; i++)
        alloc(1);
    assert_int_equal(other->ops->alloc(other, 8, &first), 0);
    assert_int_equal(first, 200);
    heap_free(other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(as_the_frame_says),
        TEST(firmware_says_otherwise),
        TEST(ranges_of_spis),
        TEST(other_ways_to_ring),
        TEST(refused),
        TEST(every_spi_once),
        TEST(what_is_wired_is_no_message),
        TEST(blocks_are_aligned),
        TEST(the_data_is_aligned),
        TEST(one_at_a_time_by_address),
        TEST(freed_blocks_come_back),
        TEST(frees_outside_change_nothing),
        TEST(frames_are_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
