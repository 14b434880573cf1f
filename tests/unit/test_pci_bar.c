/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pci_fixture.h"
#include "tests/unit/pci_layout.h"

/* What BARs want, and what must lie inside them. */

static void bars_are_sized(void **state)
{
    static const struct {
        uint32_t value, mask, high_mask;
        bool present, io, is_64, pref;
        uint64_t size;
    } cases[] = {
        {0x0, 0xfffff000, 0, true, false, false, false, K(4)},
        {0x8, 0xfff00000, 0, true, false, false, true, M(1)},
        {0x0, 0xfffffff0, 0, true, false, false, false, 16},
        {0x0, 0x80000000, 0, true, false, false, false, M(2048)},
        {0x4, 0xffffc000, 0xffffffff, true, false, true, false, K(16)},
        {0xc, 0x00000000, 0xfffffffe, true, false, true, true, GIB(8)},
        {0xc, 0x00000000, 0xffffffff, true, false, true, true, GIB(4)},
        {0x1, 0xffffffe0, 0, true, true, false, false, 32},
        {0x1, 0x0000ff00, 0, true, true, false, false, 256}, /* a 16-bit decoder */
        {0x0, 0x00000000, 0, false, false, false, false, 0}, /* no such BAR */
        {0x0, 0x0fff0000, 0, false, false, false, false, 0}, /* bits missing above */
        {0x0, 0xff0f0000, 0, false, false, false, false, 0}, /* a hole */
        {0x6, 0xfffff000, 0, false, false, false, false, 0}, /* a type that does not exist */
        {0x4, 0xfffff000, 0, false, false, true, false, 0},  /* upper half cannot be set */
        {0x4, 0x00000000, 0x80000000, false, false, true, false, 0}, /* 2^63 bytes */
        {0x4, 0x00000000, 0, false, false, true, false, 0},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        fake_init();
        struct fake_fn *f = fake_add(NULL, 1, 0);

        fake_reg(f, PCI_BAR(2), 4, cases[i].value, cases[i].mask);
        fake_reg(f, PCI_BAR(3), 4, 0, cases[i].high_mask);
        assert_int_equal(fake_scan(), 0);
        assert_int_equal(pci_assign(&fake.host), 0);
        const struct pci_bar *b = &f->found->bar[2];
        assert_int_equal(b->present, cases[i].present);
        assert_int_equal(b->size, cases[i].size);
        assert_int_equal(b->io, cases[i].io);
        assert_int_equal(b->is_64, cases[i].is_64);
        assert_int_equal(b->prefetchable, cases[i].pref);
        assert_false(paddr_valid(b->cpu)); /* this host has no windows */
        assert_false(f->found->bar[3].present && cases[i].is_64);
        fake_fini();
    }
}

static void the_last_bar_has_no_upper_half(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0), *b = fake_bridge(NULL, 2, 0);

    (void)state;
    fake_reg(f, PCI_BAR(5), 4, FAKE_MEM64, 0xfffff000);
    fake_reg(b, PCI_BAR(1), 4, FAKE_MEM64, 0xfffff000);
    up();
    assert_false(f->found->bar[5].present);
    assert_false(b->found->bar[1].present);
    assert_int_equal(fake_get(f, 0x28, 4), 0); /* what follows was not touched */
}

/* While a BAR holds all ones it must decode nothing. */
static void decode_is_off_while_sizing(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);
    bool decodes = true;

    (void)state;
    fake_bar(f, 0, FAKE_MEM32, K(4));
    up();
    for (const struct fake_access *a = fake.trace; a < fake.trace + fake.traced; a++) {
        if (a->f == f && a->write && a->off == PCI_COMMAND)
            decodes = a->v & (PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
        if (a->f == f && a->write && a->off >= PCI_BAR(0) && a->off < PCI_SUBVENDOR)
            assert_false(decodes);
    }
    assert_false(decodes);
    assert_false(fake_get(f, PCI_ROM, 4) & PCI_ROM_ENABLE);
}

static void msix_must_lie_in_its_bar(void **state)
{
    static const struct {
        uint16_t ctrl;
        uint32_t table, pba;
        bool good;
    } cases[] = {
        {3, 0x0000, 0x0800, true},     {255, 0x0000, 0x1000, false}, /* 4 KiB of 4 KiB + PBA */
        {3, 0x0fd0, 0x0800, false},    {3, 0x0fc0, 0x0ff8, true},    {3, 0x0000, 0x1000, false},
        {3, 0xfffffff8, 0, false},     {3, 0x0001, 0x0000, false}, /* an I/O BAR */
        {3, 0x0003, 0x0000, false},                                /* the upper half of a BAR */
        {3, 0x0005, 0x0000, false},                                /* no BAR */
        {2047, 0x0000, 0x0000, false},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        fake_init();
        fake_usual_windows();
        struct fake_fn *f = fake_add(NULL, 1, 0);
        unsigned cap = fake_cap(f, 0x40, PCI_CAP_ID_MSIX);

        fake_bar(f, 0, FAKE_MEM32, K(4));
        fake_bar(f, 1, FAKE_IO, 256);
        fake_bar(f, 2, FAKE_MEM64, K(4));
        fake_set(f, cap + 2, 2, cases[i].ctrl);
        fake_set(f, cap + 4, 4, cases[i].table);
        fake_set(f, cap + 8, 4, cases[i].pba);
        up();
        assert_int_equal(f->found->msix.cap != 0, cases[i].good);
        fake_fini();
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup_windows, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bars_are_sized),
        TEST(the_last_bar_has_no_upper_half),
        TEST(decode_is_off_while_sizing),
        TEST(msix_must_lie_in_its_bar),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
