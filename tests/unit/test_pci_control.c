/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmio.h"
#include "tests/unit/pci_fixture.h"

/* --- command register ---------------------------------------------------------------------- */

struct tree {
    struct fake_fn *root, *up, *down[2], *disk[2], *edu;
};

static struct tree add_tree(void)
{
    struct tree t;

    t.root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    t.up = fake_port(t.root, 0, 0, PCI_PORT_UPSTREAM);
    for (unsigned i = 0; i < 2; i++) {
        t.down[i] = fake_port(t.up, i, 0, PCI_PORT_DOWNSTREAM);
        t.disk[i] = fake_endpoint(t.down[i], 0, 0);
        fake_bar(t.disk[i], 0, FAKE_MEM64, KIB(16));
    }
    t.edu = fake_add(NULL, 2, 0);
    fake_up();
    fake.traced = 0;
    return t;
}

static void bus_mastering_opens_the_way_up(void **state)
{
    (void)state;
    struct tree t = add_tree();
    pci_set_bus_master(t.disk[0]->found, true);
    assert_true(fake_masters(t.disk[0]) && fake_masters(t.down[0]));
    assert_true(fake_masters(t.up) && fake_masters(t.root));
    assert_false(fake_masters(t.disk[1]) || fake_masters(t.down[1]) || fake_masters(t.edu));
    assert_true(pci_bus_master(t.disk[0]->found));
    assert_false(pci_bus_master(t.disk[1]->found));
}

static void bridges_stay_on_while_one_needs_them(void **state)
{
    (void)state;
    struct tree t = add_tree();
    pci_set_bus_master(t.disk[0]->found, true);
    pci_set_bus_master(t.disk[1]->found, true);
    pci_set_bus_master(t.disk[0]->found, false);
    assert_false(fake_masters(t.disk[0]) || fake_masters(t.down[0]));
    assert_true(fake_masters(t.up) && fake_masters(t.root));
    pci_set_bus_master(t.disk[1]->found, false);
    assert_false(fake_masters(t.disk[1]) || fake_masters(t.down[1]));
    assert_false(fake_masters(t.up) || fake_masters(t.root));
}

static void off_starts_at_the_function(void **state)
{
    const struct fake_fn *first = NULL;

    (void)state;
    struct tree t = add_tree();
    pci_set_bus_master(t.disk[0]->found, true);
    fake.traced = 0;
    pci_set_bus_master(t.disk[0]->found, false);
    for (unsigned i = 0; i < fake.traced && !first; i++)
        first = fake.trace[i].write ? fake.trace[i].f : NULL;
    assert_ptr_equal(first, t.disk[0]);
}

static void memory_is_the_same_and_apart(void **state)
{
    (void)state;
    struct tree t = add_tree();
    pci_set_memory(t.disk[0]->found, true);
    assert_true(fake_decodes(t.disk[0]) && fake_decodes(t.up) && fake_decodes(t.root));
    assert_false(fake_masters(t.disk[0]) || fake_masters(t.root));
    pci_set_bus_master(t.disk[0]->found, true);
    pci_set_memory(t.disk[0]->found, false);
    assert_false(fake_decodes(t.disk[0]) || fake_decodes(t.root));
    assert_true(fake_masters(t.disk[0]) && fake_masters(t.root));
}

/* A function that is gone reads all ones, and needs no bridge. */
static void one_that_is_gone_needs_nothing(void **state)
{
    (void)state;
    struct tree t = add_tree();
    pci_set_bus_master(t.disk[0]->found, true);
    t.disk[0]->silent_until = UINT64_MAX;
    assert_false(pci_bus_master(t.disk[0]->found));
    pci_set_bus_master(t.disk[0]->found, false);
    assert_false(fake_masters(t.root));
}

/* It comes back between the read and the write. */
static void one_that_was_gone_has_nothing_else_on(void **state)
{
    (void)state;
    struct tree t = add_tree();
    for (unsigned on = 0; on < 2; on++) {
        fake_set(t.disk[0], PCI_COMMAND, 2, 0xffff);
        pci_set_memory(t.disk[0]->found, on);
        assert_int_equal(fake_decodes(t.disk[0]), on);
        assert_false(fake_masters(t.disk[0]));
    }
}

/* --- MSI ----------------------------------------------------------------------------------- */

#define DOORBELL UINT64_C(0x1208000040)

static struct fake_fn *add_msi(uint32_t ctrl)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);
    unsigned cap = fake_cap(f, 0x50, PCI_CAP_ID_MSI);

    fake_reg(f, cap + PCI_MSI_CTRL, 2, ctrl, PCI_MSI_ENABLE | PCI_MSI_MME);
    for (unsigned off = 4; off < 20; off += 4)
        fake_reg(f, cap + off, 4, 0, UINT32_MAX);
    fake_up();
    fake.traced = 0;
    return f;
}

/* The writes in order: off, masked, address, data, on, unmasked. */
static void msi_order(void **state)
{
    static const struct {
        unsigned off;
        uint32_t v;
    } writes[] = {
        {0x52, 0x018a}, {0x60, UINT32_MAX}, {0x54, 0x08000040}, {0x58, 0x12},
        {0x5c, 0x50},   {0x52, 0x01ab},     {0x60, 0},
    };
    unsigned n = 0;

    (void)state;
    struct fake_fn *f = add_msi(0x018a);
    assert_int_equal(pci_msi_enable(f->found, 4, DOORBELL, 0x50), 0);
    for (unsigned i = 0; i < fake.traced; i++) {
        if (!fake.trace[i].write)
            continue;
        assert_true(n < ARRAY_SIZE(writes));
        assert_int_equal(fake.trace[i].off, writes[n].off);
        assert_int_equal(fake.trace[i].v, writes[n].v);
        n++;
    }
    assert_int_equal(n, ARRAY_SIZE(writes));
    pci_msi_disable(f->found);
    assert_int_equal(fake_get(f, 0x52, 2), 0x018a);
}

static void msi_of_32_bits(void **state)
{
    (void)state;
    struct fake_fn *f = add_msi(0x0000);
    assert_int_equal(pci_msi_enable(f->found, 1, DOORBELL, 0x50), -RF_EINVAL);
    assert_int_equal(pci_msi_enable(f->found, 1, 0x08020040, 0x51), 0);
    assert_int_equal(fake_get(f, 0x54, 4), 0x08020040);
    assert_int_equal(fake_get(f, 0x58, 2), 0x51);
    assert_int_equal(fake_get(f, 0x52, 2), 1);
}

static void msi_that_cannot_be(void **state)
{
    static const struct {
        unsigned vectors;
        uint64_t address;
        uint32_t data;
    } bad[] = {
        {0, DOORBELL, 0x50},     {3, DOORBELL, 0x50},    {8, DOORBELL, 0x50},
        {1, DOORBELL + 2, 0x50}, {1, DOORBELL, 0x10000}, {4, DOORBELL, 0x52},
    };

    (void)state;
    struct fake_fn *f = add_msi(0x0184); /* 4 vectors */
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(pci_msi_enable(f->found, bad[i].vectors, bad[i].address, bad[i].data),
                         -RF_EINVAL);
    assert_int_equal(fake_get(f, 0x52, 2), 0x0184);
    f->found->msi.cap = 0;
    assert_int_equal(pci_msi_enable(f->found, 1, DOORBELL, 0x50), -RF_ENXIO);
}

static void msix_control(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);
    unsigned cap = fake_cap(f, 0x50, PCI_CAP_ID_MSIX);

    (void)state;
    fake_bar(f, 0, FAKE_MEM32, KIB(16));
    fake_set(f, cap + 8, 4, 0x2000);
    fake_reg(f, cap + PCI_MSIX_CTRL, 2, 0xc003, 0xc000);
    fake_up();
    pci_msix_enable(f->found);
    assert_int_equal(fake_get(f, cap + 2, 2), 0x8003);
    pci_msix_disable(f->found);
    assert_int_equal(fake_get(f, cap + 2, 2), 0x0003);
}

/* The table as the device sees it: an entry must be masked whenever its address or data changes. */
struct table {
    uint32_t word[4 * 4];
    unsigned writes;
};

static uint64_t table_read(void *ctx, uint64_t off, unsigned width)
{
    assert_int_equal(width, 4);
    return ((struct table *)ctx)->word[off / 4];
}

static void table_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    struct table *t = ctx;

    assert_int_equal(width, 4);
    if (off % 16 != 12)
        assert_true(t->word[off / 16 * 4 + 3] & 1);
    t->word[off / 4] = (uint32_t)v;
    t->writes++;
}

static bool refuse_all(uint64_t addr, unsigned width)
{
    return addr && width;
}

static void msix_entries(void **state)
{
    static const struct host_mmio_ops ops = {table_read, table_write};
    struct table t = {{0}, 0};
    struct mmio m = {0x10000000, sizeof(t.word)};

    (void)state;
    host_mmio_register(m.base, m.size, &ops, &t);
    pci_msix_set(&m, 2, DOORBELL, 81);
    assert_int_equal(t.word[8], (uint32_t)DOORBELL);
    assert_int_equal(t.word[9], 0x12);
    assert_int_equal(t.word[10], 81);
    assert_int_equal(t.word[11], 1);
    pci_msix_mask(&m, 2, false);
    assert_int_equal(t.word[11], 0);
    pci_msix_mask(&m, 2, true);
    assert_int_equal(t.word[11], 1);
    assert_int_equal(t.writes, 6);
    assert_int_equal(t.word[3] | t.word[7] | t.word[15], 0);
    host_mmio_refuse(refuse_all); /* a device without a table where it says: its own loss */
    pci_msix_set(&m, 3, DOORBELL, 82);
    assert_int_equal(t.writes, 6);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup_windows, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bus_mastering_opens_the_way_up),
        TEST(bridges_stay_on_while_one_needs_them),
        TEST(off_starts_at_the_function),
        TEST(memory_is_the_same_and_apart),
        TEST(one_that_is_gone_needs_nothing),
        TEST(one_that_was_gone_has_nothing_else_on),
        TEST(msi_order),
        TEST(msi_of_32_bits),
        TEST(msi_that_cannot_be),
        TEST(msix_control),
        TEST(msix_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
