/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pci_fixture.h"
#include "tests/unit/pci_layout.h"

static void on_the_root_bus(void **state)
{
    struct fake_fn *edu = fake_add(NULL, 1, 0), *nvme = fake_add(NULL, 2, 0);

    (void)state;
    fake.host.window[1].offset = GIB(16);
    fake_bar(edu, 0, FAKE_MEM32, M(1));
    fake_bar(edu, 1, FAKE_IO, 32);
    fake_bar(nvme, 0, FAKE_MEM64, K(16));
    fake_bar(nvme, 4, FAKE_PREF64, K(4));
    up();
    assert_int_equal(edu->found->bar[0].bus, 0x10000000);
    assert_int_equal(edu->found->bar[0].cpu.v, 0x10000000 + GIB(16));
    assert_true(edu->found->bar[1].io && edu->found->bar[1].bus == 0);
    assert_false(edu->found->bar[1].no_room);
    assert_int_equal(nvme->found->bar[0].bus, 0x10100000);
    assert_int_equal(nvme->found->bar[4].bus, UINT64_C(0x8000000000));
}

static void through_a_switch(void **state)
{
    struct fake_fn *e0, *e1;

    (void)state;
    add_switch(&e0, &e1);
    up();
    assert_true(e0->found->bar[0].bus < GIB(4));
    assert_true(e0->found->bar[2].bus >= GIB(512));
    assert_true(e1->found->bar[2].bus >= GIB(512));
}

static void an_empty_port_forwards_nothing(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);

    (void)state;
    up();
    for (unsigned pref = 0; pref < 2; pref++) {
        struct range r = reg_window(root, pref);

        assert_true(r.start > r.last);
    }
    assert_int_equal(fake_get(root, PCI_IO_BASE, 2), 0x00f0);
}

static void behind_a_bridge_with_32_bits(void **state)
{
    struct fake_fn *b = fake_bridge(NULL, 1, 0), *f = fake_add(b, 3, 0);

    (void)state;
    fake_bar(f, 0, FAKE_PREF64, M(4));
    up();
    assert_true(f->found->bar[0].bus && f->found->bar[0].bus < GIB(4));
}

static void without_a_64_bit_window(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *f = fake_endpoint(root, 0, 0);

    (void)state;
    fake.host.window_count = 2;
    fake_bar(f, 0, FAKE_PREF64, M(4));
    up();
    assert_true(f->found->bar[0].bus && f->found->bar[0].bus < GIB(4));
}

static void only_prefetchable_bars_in_a_prefetchable_window(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    fake.host.window_count = 0;
    fake_window(PCI_MEM32, true, 0x20000000, M(16));
    fake_bar(f, 0, FAKE_MEM32, M(1));
    fake_bar(f, 1, FAKE_PREF64, M(1));
    up();
    assert_true(f->found->bar[0].no_room);
    assert_int_equal(f->found->bar[1].bus, 0x20000000);
}

/* A window that starts at bus address 0 never gives that away: it would read as not assigned. */
static void bus_address_zero(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    fake.host.window_count = 0;
    fake_window(PCI_MEM32, false, 0, M(2));
    fake_bar(f, 0, FAKE_MEM32, M(1));
    fake_bar(f, 1, FAKE_MEM32, K(4));
    up();
    assert_int_equal(f->found->bar[0].bus, M(1));
    assert_int_equal(f->found->bar[1].bus, K(4));
}

static void a_window_that_ends_the_address_space(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    fake.host.window_count = 0;
    fake.host.window[fake.host.window_count++] =
        (struct pci_window){PCI_MEM64, false, {UINT64_MAX - (M(2) - 1), UINT64_MAX}, 0};
    for (unsigned n = 0; n < 6; n += 2)
        fake_bar(f, n, FAKE_PREF64, M(1));
    up();
    assert_int_equal(f->found->bar[0].bus, UINT64_MAX - (M(2) - 1));
    assert_int_equal(f->found->bar[2].bus, UINT64_MAX - (M(1) - 1));
    assert_true(f->found->bar[4].no_room);
}

/* The BAR for which there is no room does not take its neighbours with it. */
static void too_large_a_bar(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *big = fake_endpoint(root, 0, 0), *beside = fake_endpoint(NULL, 2, 0);

    (void)state;
    fake_bar(big, 0, FAKE_MEM32, M(2048));
    fake_bar(big, 1, FAKE_MEM32, K(64));
    fake_bar(big, 2, FAKE_PREF64, UINT64_C(1) << 62);
    fake_bar(big, 4, FAKE_PREF64, K(8));
    fake_bar(beside, 0, FAKE_MEM32, M(2048));
    fake_bar(beside, 1, FAKE_MEM32, K(4));
    up();
    assert_true(big->found->bar[0].no_room && big->found->bar[2].no_room);
    assert_true(big->found->bar[1].bus && big->found->bar[4].bus);
    assert_true(beside->found->bar[0].no_room && beside->found->bar[1].bus);
}

/* Sizes that a device makes up add up to more than 2^64. */
static void sizes_that_would_wrap(void **state)
{
    struct fake_fn *b = fake_port(NULL, 1, 0, PCI_PORT_PCIE_TO_PCI);

    (void)state;
    for (unsigned dev = 0; dev < 8; dev++) {
        struct fake_fn *f = fake_add(b, dev, 0);

        for (unsigned n = 0; n < 6; n += 2)
            fake_bar(f, n, FAKE_PREF64, n == 4 ? K(4) : UINT64_C(1) << 62);
    }
    up();
    for (unsigned i = 1; i < fake.count; i++) {
        assert_true(fake.fn[i].found->bar[0].no_room);
        assert_true(fake.fn[i].found->bar[4].bus);
    }
}

/* --- any hierarchy ------------------------------------------------------------------------- */

static uint64_t random_state;

static unsigned pick(unsigned below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % below;
}

static void random_bars(struct fake_fn *f, unsigned count)
{
    static const unsigned kinds[] = {FAKE_MEM32, FAKE_IO, FAKE_MEM64, FAKE_PREF64};

    for (unsigned n = 0; n < count;) {
        unsigned kind = kinds[pick(4)];
        unsigned wide = (kind & FAKE_MEM64) ? 2 : 1;

        if (pick(3) && n + wide <= count)
            fake_bar(f, n, kind, kind == FAKE_IO ? 32 : UINT64_C(16) << pick(24));
        n += wide;
    }
    if (pick(4) == 0) /* firmware was here */
        fake_store(f, PCI_BAR(0), 4, pick(0x40000000));
}

static void random_hierarchy(void)
{
    struct fake_fn *bridges[24] = {NULL};
    unsigned used[24] = {0}, bridge_count = 1, count = 4 + pick(40);

    for (unsigned i = 0; i < count; i++) {
        unsigned at = pick(bridge_count);
        unsigned dev = used[at]++;

        if (dev > 31)
            continue;
        if (pick(3) == 0 && bridge_count < ARRAY_SIZE(bridges)) {
            struct fake_fn *b = pick(4) ? fake_port(bridges[at], dev, 0, PCI_PORT_PCIE_TO_PCI)
                                        : fake_bridge(bridges[at], dev, 0);

            random_bars(b, 2);
            bridges[bridge_count++] = b;
        } else {
            random_bars(fake_add(bridges[at], dev, 0), 6);
        }
    }
}

static void any_hierarchy_is_laid_out_soundly(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 150; seed++) {
        random_state = seed;
        fake_init();
        if (pick(4))
            fake_usual_windows();
        else
            fake_window(PCI_MEM32, false, 0x10000000, M(16));
        random_hierarchy();
        print_message("seed %u\n", seed);
        up();
        fake_fini();
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup_windows, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(on_the_root_bus),
        TEST(through_a_switch),
        TEST(an_empty_port_forwards_nothing),
        TEST(behind_a_bridge_with_32_bits),
        TEST(without_a_64_bit_window),
        TEST(only_prefetchable_bars_in_a_prefetchable_window),
        TEST(bus_address_zero),
        TEST(a_window_that_ends_the_address_space),
        TEST(too_large_a_bar),
        TEST(sizes_that_would_wrap),
        TEST(any_hierarchy_is_laid_out_soundly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
