/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "arch/mmu.h"
#include "drivers/irq/ioapic.h"
#include "lib/base/err.h"
#include "lib/base/mask.h"

#define BASE   0xfec00000
#define WINDOW 0x1000

/* Fields of a redirection entry as 82093AA 3.2.4 has them, and VT-d 5.1.5.1 for the format. */
#define VECTOR(v)      ((uint64_t)(v))
#define EXTINT         (UINT64_C(7) << 8)
#define PENDING        BIT(12) /* delivery status, read only */
#define REMOTE_IRR     BIT(14) /* read only; only while the entry is level triggered */
#define LEVEL          BIT(15)
#define MASKED         BIT(16)
#define REMAPPABLE     BIT(48)
#define HANDLE(h)      ((uint64_t)(h) << 49)
#define DESTINATION(d) ((uint64_t)(d) << 56)
#define READ_ONLY      (PENDING | REMOTE_IRR)

/* An I/O APIC that says when an open pin is given another vector or destination. */
static struct {
    uint32_t version, select;
    uint64_t entry[256];
    unsigned accesses;
    int stuck; /* a pin whose mask cannot be set; -1: none */
    bool changed_open;
} apic;

static uint64_t *entry_at(uint32_t index)
{
    assert_in_range(index, 0x10, 0xff);
    return &apic.entry[(index - 0x10) / 2];
}

static uint64_t model_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    apic.accesses++;
    assert_int_equal(width, 4);
    assert_int_equal(off, 0x10);
    if (apic.select == 1)
        return apic.version;
    return *entry_at(apic.select) >> (apic.select & 1 ? 32 : 0) & UINT32_MAX;
}

static void store(unsigned pin, uint64_t value)
{
    uint64_t *e = &apic.entry[pin];

    value = (value & ~READ_ONLY) | (*e & READ_ONLY);
    if (!(value & LEVEL))
        value &= ~REMOTE_IRR;
    if ((int)pin == apic.stuck)
        value &= ~MASKED;
    apic.changed_open |= !(value & MASKED) && value != *e;
    *e = value;
}

static void model_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    uint64_t old;

    (void)ctx;
    apic.accesses++;
    assert_int_equal(width, 4);
    if (off == 0) {
        apic.select = (uint32_t)v;
        return;
    }
    assert_int_equal(off, 0x10);
    old = *entry_at(apic.select);
    store((apic.select - 0x10) / 2,
          apic.select & 1 ? (old & UINT32_MAX) | v << 32 : (old & ~(uint64_t)UINT32_MAX) | v);
}

static int setup(void **state)
{
    static const struct host_mmio_ops ops = {model_read, model_write};

    (void)state;
    host_reset();
    memset(&apic, 0, sizeof(apic));
    apic.version = 0x170020; /* 24 pins */
    apic.stuck = -1;
    for (unsigned i = 0; i < ARRAY_SIZE(apic.entry); i++)
        apic.entry[i] = MASKED;
    host_mmio_register(BASE, WINDOW, &ops, NULL);
    return 0;
}

static int mask(struct ioapic_pins *pins)
{
    struct mmio regs;

    assert_int_equal(mmu_map_device(PADDR(BASE), WINDOW, &regs), 0);
    return ioapic_mask(&regs, pins);
}

static void every_kind_of_open_pin_is_masked(void **state)
{
    static const uint64_t left[] = {
        EXTINT,
        VECTOR(0x31) | DESTINATION(1),
        VECTOR(0x32) | LEVEL | REMOTE_IRR | DESTINATION(2),
        VECTOR(0x33) | PENDING,
        VECTOR(0x34) | REMAPPABLE | HANDLE(0x34),
        VECTOR(0x35) | LEVEL | REMAPPABLE | HANDLE(0x7fff) | BIT(11),
    };
    struct ioapic_pins pins;

    (void)state;
    memcpy(apic.entry, left, sizeof(left));
    apic.entry[23] = VECTOR(0xfe);
    assert_int_equal(mask(&pins), 0);
    assert_int_equal(pins.count, 24);
    assert_int_equal(pins.were_open, ARRAY_SIZE(left) + 1);
    assert_false(apic.changed_open);
    for (unsigned i = 0; i < pins.count; i++)
        assert_int_equal(apic.entry[i] & ~PENDING, MASKED);
}

static void masked_pins_forget_what_they_were_to_raise(void **state)
{
    struct ioapic_pins pins;

    (void)state;
    apic.entry[9] = VECTOR(0x39) | LEVEL | REMOTE_IRR | MASKED | DESTINATION(3);
    assert_int_equal(mask(&pins), 0);
    assert_int_equal(pins.were_open, 0);
    assert_int_equal(apic.entry[9], MASKED);
}

static void only_pins_that_are_there_are_touched(void **state)
{
    static const unsigned counts[] = {1, 24, 120};
    struct ioapic_pins pins;

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(counts); i++) {
        apic.version = 0x11u | (counts[i] - 1) << 16;
        apic.accesses = 0;
        assert_int_equal(mask(&pins), 0);
        assert_int_equal(pins.count, counts[i]);
        assert_in_range(apic.accesses, counts[i], 2 + 8 * counts[i]);
    }
}

static void what_is_no_io_apic_is_refused(void **state)
{
    static const uint32_t versions[] = {0, UINT32_MAX, 0x170000, 0x780020};
    struct ioapic_pins pins = {7, 7};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(versions); i++) {
        apic.version = versions[i];
        assert_int_equal(mask(&pins), -RF_ENODEV);
        assert_int_equal(pins.count, 7);
    }
}

static void a_pin_that_stays_open_is_an_error(void **state)
{
    struct ioapic_pins pins;

    (void)state;
    apic.entry[3] = apic.entry[4] = VECTOR(0x33);
    apic.stuck = 3;
    assert_int_equal(mask(&pins), -RF_EIO);
    assert_int_equal(apic.entry[4], MASKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_kind_of_open_pin_is_masked, setup),
        cmocka_unit_test_setup(masked_pins_forget_what_they_were_to_raise, setup),
        cmocka_unit_test_setup(only_pins_that_are_there_are_touched, setup),
        cmocka_unit_test_setup(what_is_no_io_apic_is_refused, setup),
        cmocka_unit_test_setup(a_pin_that_stays_open_is_an_error, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
