/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pci_fixture.h"
#include "tests/unit/pci_layout.h"

/* Addresses that firmware, or an earlier pass, left. */

static struct fake_fn *firmware_port(unsigned dev, unsigned bus, uint32_t mem, uint32_t bar)
{
    struct fake_fn *root = fake_port(NULL, dev, 0, PCI_PORT_ROOT);
    struct fake_fn *f = fake_endpoint(root, 0, 0);

    fake_set(root, PCI_BUS_PRIMARY, 4, bus << 8 | bus << 16);
    fake_set(root, PCI_MEM_BASE, 4, mem >> 16 | mem);
    fake_set(root, PCI_PREF_BASE, 4, 0x0001fff1);
    fake_bar(f, 0, FAKE_MEM32, K(64));
    fake_set(f, PCI_BAR(0), 4, bar);
    return f;
}

static void sound_addresses_are_kept(void **state)
{
    struct fake_fn *kept = firmware_port(1, 1, 0x20000000, 0x20040000);
    struct fake_fn *fresh = fake_add(NULL, 2, 0);

    (void)state;
    fake_bar(fresh, 0, FAKE_MEM32, M(256));
    fake_bar(fresh, 1, FAKE_MEM32, M(64));
    up();
    assert_int_equal(kept->found->bar[0].bus, 0x20040000);
    assert_true(kept->found->kept && kept->bridge->found->kept);
    assert_int_equal(reg_window(kept->bridge, false).start, 0x20000000);
    assert_int_equal(fresh->found->bar[0].bus, 0x10000000);
    assert_int_equal(fresh->found->bar[1].bus, 0x24000000); /* not 0x20000000 */
}

static void unsound_addresses_are_redone(void **state)
{
    static const struct {
        uint32_t window, bar;
    } bad[] = {
        {0x20000000, 0x20100000}, /* behind the window's end */
        {0x20000000, 0x00000000}, /* never set */
        {0x40000000, 0x40000000}, /* outside the host's windows */
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        fake_init();
        fake_usual_windows();
        struct fake_fn *good = firmware_port(1, 1, 0x30000000, 0x300f0000);
        struct fake_fn *f = firmware_port(2, 2, bad[i].window, bad[i].bar);

        up();
        assert_false(f->found->kept);
        assert_true(f->found->bar[0].bus);
        assert_true(good->found->kept);
        assert_int_equal(good->found->bar[0].bus, 0x300f0000);
        fake_fini();
    }
}

static void one_of_two_that_overlap_moves(void **state)
{
    struct fake_fn *a = firmware_port(1, 1, 0x30000000, 0x30000000);
    struct fake_fn *b = firmware_port(2, 2, 0x30000000, 0x30010000);

    (void)state;
    up();
    assert_true(a->found->kept != b->found->kept);
}

/* A second pass over the same hardware finds all as it should be. */
static void what_was_assigned_is_kept(void **state)
{
    static struct fake_fn before[FAKE_FNS];
    struct fake_fn *e0, *e1;

    (void)state;
    add_switch(&e0, &e1);
    fake_bar(fake_add(NULL, 2, 0), 0, FAKE_MEM32, M(1));
    up();
    memcpy(before, fake.fn, sizeof(before));
    fake_fini();
    for (unsigned i = 0; i < fake.count; i++)
        fake.fn[i].found = NULL;
    up();
    for (unsigned i = 0; i < fake.count; i++) {
        assert_memory_equal(before[i].cfg, fake.fn[i].cfg, PCI_CFG_SIZE);
        assert_true(fake.fn[i].found->kept);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup_windows, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sound_addresses_are_kept),
        TEST(unsound_addresses_are_redone),
        TEST(one_of_two_that_overlap_moves),
        TEST(what_was_assigned_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
