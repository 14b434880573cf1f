/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "drivers/pci/ecam.h"
#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/mem/inject.h"

#define ECAM UINT64_C(0x4010000000)

/* Notes the last access; the host aborts on one outside the registered window. */
static struct {
    uint64_t off, v;
    unsigned width, reads, writes;
} last;

static uint64_t note_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    last.off = off;
    last.width = width;
    last.reads++;
    return UINT64_C(0x8877665544332211);
}

static void note_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    last.off = off;
    last.width = width;
    last.v = v;
    last.writes++;
}

static struct pci_host *h;

static int setup(void **state)
{
    static const struct host_mmio_ops ops = {note_read, note_write};
    struct ecam_config cfg = {
        .name = "pcie@10000000",
        .segment = 3,
        .bus_first = 0x10,
        .bus_last = 0x13,
        .ecam = {ECAM, MIB(3)}, /* bus 0x13 is beyond the mapping */
        .window_count = 1,
        .window = {{PCI_MEM32, false, {0x10000000, 0x1fffffff}, 0}},
    };

    (void)state;
    host_reset();
    memset(&last, 0, sizeof(last));
    host_mmio_register(ECAM, MIB(3), &ops, NULL);
    assert_int_equal(ecam_create(&cfg, &h), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    heap_free(h); /* the host is the first member of what was allocated */
    return 0;
}

static void the_host_is_as_told(void **state)
{
    (void)state;
    assert_string_equal(h->name, "pcie@10000000");
    assert_int_equal(h->segment, 3);
    assert_int_equal(h->bus_first, 0x10);
    assert_int_equal(h->bus_last, 0x13);
    assert_int_equal(h->window_count, 1);
    assert_int_equal(h->window[0].bus.last, 0x1fffffff);
    assert_true(TAILQ_EMPTY(&h->devs));
}

static void widths_are_exact(void **state)
{
    static const struct {
        unsigned off, width;
        uint32_t value;
    } cases[] = {{0x3d, 1, 0x11}, {0x06, 2, 0x2211}, {0x10, 4, 0x44332211}};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        pci_rid_t rid = PCI_RID(0x11, 31, 7);
        uint64_t at = MIB(1) + (UINT64_C(0xff) << 12) + cases[i].off;

        assert_int_equal(h->ops->read(h, rid, cases[i].off, cases[i].width), cases[i].value);
        assert_int_equal(last.off, at);
        assert_int_equal(last.width, cases[i].width);
        last.off = 0;
        h->ops->write(h, rid, cases[i].off, cases[i].width, 0x12345678);
        assert_int_equal(last.off, at);
        assert_int_equal(last.width, cases[i].width);
        assert_int_equal(last.v, 0x12345678 & (UINT32_MAX >> (32 - 8 * cases[i].width)));
    }
}

static void first_and_last_byte(void **state)
{
    (void)state;
    h->ops->read(h, PCI_RID(0x10, 0, 0), 0, 4);
    assert_int_equal(last.off, 0);
    h->ops->read(h, PCI_RID(0x12, 31, 7), 0xfff, 1);
    assert_int_equal(last.off, MIB(3) - 1);
}

static void outside_reads_all_ones_and_touches_nothing(void **state)
{
    static const struct {
        pci_rid_t rid;
        unsigned off, width;
    } cases[] = {
        {PCI_RID(0x0f, 31, 7), 0xffc, 4}, {PCI_RID(0x13, 0, 0), 0, 4}, {PCI_RID(0x14, 0, 0), 0, 4},
        {PCI_RID(0x10, 0, 0), 0x1000, 4}, {PCI_RID(0x10, 0, 0), 2, 4}, {PCI_RID(0x10, 0, 0), 1, 2},
        {PCI_RID(0, 0, 0), 0, 2},         {PCI_RID(0xff, 0, 0), 0, 1},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint32_t ones = UINT32_MAX >> (32 - 8 * cases[i].width);

        assert_int_equal(h->ops->read(h, cases[i].rid, cases[i].off, cases[i].width), ones);
        h->ops->write(h, cases[i].rid, cases[i].off, cases[i].width, 0);
    }
    assert_int_equal(last.reads + last.writes, 0);
}

static void refused(void **state)
{
    struct ecam_config cfg = {.name = "x", .bus_first = 2, .bus_last = 1};
    struct pci_host *none = NULL;

    (void)state;
    assert_int_equal(ecam_create(&cfg, &none), -RF_EINVAL);
    cfg.bus_last = 2;
    cfg.window_count = PCI_WINDOWS + 1;
    assert_int_equal(ecam_create(&cfg, &none), -RF_EINVAL);
    cfg.window_count = 0;
    inject_after(1);
    assert_int_equal(ecam_create(&cfg, &none), -RF_ENOMEM);
    inject_after(0);
    assert_null(none);
}

static bool refuse_all(uint64_t addr, unsigned width)
{
    return addr && width;
}

/* Some host bridges make an error on the bus of a function that does not answer. */
static void an_error_on_the_bus_reads_all_ones(void **state)
{
    (void)state;
    host_mmio_refuse(refuse_all);
    assert_int_equal(h->ops->read(h, PCI_RID(0x10, 0, 0), 0, 1), 0xff);
    assert_int_equal(h->ops->read(h, PCI_RID(0x10, 0, 0), 0, 2), 0xffff);
    assert_int_equal(h->ops->read(h, PCI_RID(0x10, 0, 0), 0, 4), UINT32_MAX);
    h->ops->write(h, PCI_RID(0x10, 0, 0), 4, 2, 0);
    assert_int_equal(last.writes, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_host_is_as_told),
        TEST(widths_are_exact),
        TEST(first_and_last_byte),
        TEST(outside_reads_all_ones_and_touches_nothing),
        TEST(an_error_on_the_bus_reads_all_ones),
        TEST(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
