/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/mem/inject.h"
#include "tests/unit/pci_fixture.h"

static int teardown(void **state)
{
    (void)state;
    inject_after(0);
    fake_fini();
    return 0;
}

static void expect_buses(const struct fake_fn *f, unsigned primary, unsigned secondary,
                         unsigned subordinate)
{
    assert_int_equal(f->cfg[PCI_BUS_PRIMARY], primary);
    assert_int_equal(f->cfg[PCI_BUS_SECONDARY], secondary);
    assert_int_equal(f->cfg[PCI_BUS_SUBORDINATE], subordinate);
}

static void set_buses(struct fake_fn *f, unsigned primary, unsigned secondary, unsigned subordinate)
{
    fake_set(f, PCI_BUS_PRIMARY, 4, primary | secondary << 8 | subordinate << 16);
}

/* --- what is found ------------------------------------------------------------------------- */

static void an_empty_bus(void **state)
{
    (void)state;
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(fake.host.dev_count, 0);
}

static void identity_is_read(void **state)
{
    struct fake_fn *f = fake_add(NULL, 3, 0);

    (void)state;
    fake.host.segment = 0x12;
    fake_set(f, PCI_SUBVENDOR, 4, 0x11001af4);
    assert_int_equal(fake_scan(), 0);
    assert_string_equal(f->found->name, "0012:00:03.0");
    assert_int_equal(f->found->vendor, 0x1234);
    assert_int_equal(f->found->device, 0x11e8);
    assert_int_equal(f->found->class_code, 0x010802);
    assert_int_equal(f->found->revision, 0x10);
    assert_int_equal(f->found->subvendor, 0x1af4);
    assert_int_equal(f->found->subdevice, 0x1100);
    assert_false(f->found->multifunction);
    assert_ptr_equal(pci_find((struct pci_host *[]){&fake.host}, 1, "0012:00:03.0"), f->found);
    assert_null(pci_find((struct pci_host *[]){&fake.host}, 1, "0012:00:04.0"));
}

static void functions_with_a_hole(void **state)
{
    struct fake_fn *f0 = fake_add(NULL, 2, 0), *f5 = fake_add(NULL, 2, 5);
    struct fake_fn *single = fake_add(NULL, 4, 0), *hidden = fake_add(NULL, 4, 1);

    (void)state;
    fake_multi(f0);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(fake.host.dev_count, 3);
    assert_true(f0->found->multifunction && f5->found->multifunction);
    assert_non_null(single->found);
    assert_null(hidden->found); /* function 0 does not say that there are more */
}

static void vendors_that_stand_for_nothing(void **state)
{
    (void)state;
    fake_set(fake_add(NULL, 1, 0), PCI_VENDOR_ID, 4, 0);
    fake_set(fake_add(NULL, 2, 0), PCI_VENDOR_ID, 4, UINT32_MAX);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(fake.host.dev_count, 0);
}

static void all_ones_but_the_vendor(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    memset(f->cfg, 0xff, sizeof(f->cfg));
    fake_set(f, PCI_VENDOR_ID, 2, 0x1234);
    assert_int_equal(fake_scan(), 0);
    assert_non_null(f->found);
    assert_false(f->found->is_bridge);
    assert_int_equal(f->found->msix.cap, 0);
}

static void header_types_that_do_not_exist(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    (void)state;
    f->cfg[PCI_HEADER_TYPE] = 0x02;
    fake_cap(f, 0x40, PCI_CAP_ID_MSIX);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_assign(&fake.host), 0);
    assert_false(f->found->is_bridge);
    assert_int_equal(f->found->msix.cap, 0);
    assert_false(fake_masters(f));
}

static void one_device_behind_a_link(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *e = fake_endpoint(root, 0, 0);

    (void)state;
    e->any_dev = true;
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(fake.host.dev_count, 2);
    assert_ptr_equal(e->found->parent, root->found);
}

static void devices_behind_a_conventional_bridge(void **state)
{
    struct fake_fn *b = fake_port(NULL, 1, 0, PCI_PORT_PCIE_TO_PCI);
    struct fake_fn *last = fake_add(b, 31, 0);

    (void)state;
    fake_add(b, 0, 0);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(fake.host.dev_count, 3);
    assert_int_equal(last->found->rid, PCI_RID(1, 31, 0));
}

/* --- what is off at first sight ------------------------------------------------------------ */

/* For each function: the vendor is read, then the command register, and the next access switches
 * bus mastering off. */
static void mastering_goes_off_first(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *f[] = {root, fake_endpoint(root, 0, 0), fake_add(NULL, 2, 0)};

    (void)state;
    assert_int_equal(fake_scan(), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(f); i++) {
        const struct fake_access *a = fake.trace;

        for (; a->f != f[i]; a++)
            assert_true(a < fake.trace + fake.traced);
        assert_true(!a[0].write && a[0].off == PCI_VENDOR_ID);
        assert_true(!a[1].write && a[1].off == PCI_COMMAND && a[1].f == f[i]);
        assert_true(a[2].write && a[2].off == PCI_COMMAND && a[2].f == f[i]);
        assert_false(a[2].v & PCI_COMMAND_MASTER);
        assert_true(a[2].v & PCI_COMMAND_INTX);
        assert_false(fake_masters(f[i]));
    }
}

static void everything_that_sends_is_off(void **state)
{
    static const struct {
        uint16_t id, ctrl, bits;
    } caps[] = {{PCI_CAP_ID_MSI, 2, 1}, {PCI_CAP_ID_MSIX, 2, 0x8000}},
      exts[] = {{PCI_EXT_CAP_ID_ATS, 6, 0x8000},
                {PCI_EXT_CAP_ID_PASID, 6, 1},
                {PCI_EXT_CAP_ID_PRI, 4, 1},
                {PCI_EXT_CAP_ID_SRIOV, 8, 9},
                {PCI_EXT_CAP_ID_ATS, 6, 0x8000}}; /* twice */
    struct fake_fn *f = fake_endpoint(NULL, 1, 0);

    (void)state;
    fake_set(f, 0x40 + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_PHANTOM);
    for (unsigned i = 0; i < ARRAY_SIZE(caps); i++)
        fake_reg(f, fake_cap(f, 0x80 + 0x20 * i, (uint8_t)caps[i].id) + caps[i].ctrl, 2, 0xffff,
                 caps[i].bits);
    for (unsigned i = 0; i < ARRAY_SIZE(exts); i++)
        fake_reg(f, fake_ext_cap(f, 0x100 + 0x40 * i, exts[i].id) + exts[i].ctrl, 2, 0xffff,
                 exts[i].bits);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(fake_get(f, 0x40 + PCI_EXP_DEVCTL, 2), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(caps); i++)
        assert_false(fake_get(f, 0x80 + 0x20 * i + caps[i].ctrl, 2) & caps[i].bits);
    for (unsigned i = 0; i < ARRAY_SIZE(exts); i++)
        assert_false(fake_get(f, 0x100 + 0x40 * i + exts[i].ctrl, 2) & exts[i].bits);
    assert_int_equal(f->found->cap_ats, 0x100);
    assert_int_equal(f->found->cap_sriov, 0x1c0);
}

static void ports_do_not_forward_ari(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);

    (void)state;
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(fake_get(root, 0x40 + PCI_EXP_DEVCTL2, 2), 0);
}

static void asleep_is_woken(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);
    uint64_t start = clock_now_ns();

    (void)state;
    fake_reg(f, fake_cap(f, 0x40, PCI_CAP_ID_PM) + PCI_PM_CTRL, 2, PCI_PM_D3HOT, 3);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(fake_get(f, 0x44, 2), 0);
    assert_true(clock_now_ns() - start >= 10000000);
}

/* --- bus numbers --------------------------------------------------------------------------- */

/* Root port, switch with two ports, an endpoint at each; another root port with nothing. */
static void numbers_through_a_switch(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *up = fake_port(root, 0, 0, PCI_PORT_UPSTREAM);
    struct fake_fn *down0 = fake_port(up, 0, 0, PCI_PORT_DOWNSTREAM);
    struct fake_fn *down1 = fake_port(up, 1, 0, PCI_PORT_DOWNSTREAM);
    struct fake_fn *e0 = fake_endpoint(down0, 0, 0), *e1 = fake_endpoint(down1, 0, 0);
    struct fake_fn *empty = fake_port(NULL, 2, 0, PCI_PORT_ROOT);

    (void)state;
    assert_int_equal(fake_scan(), 0);
    expect_buses(root, 0, 1, 4);
    expect_buses(up, 1, 2, 4);
    expect_buses(down0, 2, 3, 3);
    expect_buses(down1, 2, 4, 4);
    expect_buses(empty, 0, 5, 5);
    assert_int_equal(e0->found->rid, 0x300);
    assert_int_equal(e1->found->rid, 0x400);
    assert_ptr_equal(e1->found->parent, down1->found);
}

static void firmware_numbers_are_kept(void **state)
{
    struct fake_fn *a = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *b = fake_port(NULL, 2, 0, PCI_PORT_ROOT);
    struct fake_fn *inner = fake_port(b, 0, 0, PCI_PORT_PCIE_TO_PCI);
    struct fake_fn *fresh = fake_port(NULL, 3, 0, PCI_PORT_ROOT);

    (void)state;
    set_buses(a, 0, 0x10, 0x1f);
    set_buses(b, 0, 0x20, 0x2f);
    assert_int_equal(fake_scan(), 0);
    expect_buses(a, 0, 0x10, 0x1f);
    expect_buses(b, 0, 0x20, 0x2f);
    expect_buses(inner, 0x20, 0x21, 0x21); /* new, inside what b has */
    expect_buses(fresh, 0, 0x30, 0x30);    /* new, above all that is kept */
}

/* The fake fails the test when two bridges answer for one bus at any moment. */
static void numbers_out_of_order_are_redone(void **state)
{
    static const struct {
        uint8_t primary, secondary, subordinate;
    } bad[] = {
        {0, 0, 0}, /* never set */
        {5, 1, 1}, /* another primary */
        {0, 9, 8}, /* ends before it starts */
        {0, 3, 3}, /* the same as the first bridge's */
        {0, 2, 2}, /* below what is in use */
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        fake_init();
        struct fake_fn *a = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
        struct fake_fn *b = fake_port(NULL, 2, 0, PCI_PORT_ROOT);
        struct fake_fn *e = fake_endpoint(b, 0, 0);

        set_buses(a, 0, 3, 3);
        set_buses(b, bad[i].primary, bad[i].secondary, bad[i].subordinate);
        assert_int_equal(fake_scan(), 0);
        expect_buses(a, 0, 3, 3);
        expect_buses(b, 0, 4, 4);
        assert_non_null(e->found);
        fake_fini();
    }
}

static void a_bridge_without_a_number(void **state)
{
    struct fake_fn *first = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *second = fake_port(NULL, 2, 0, PCI_PORT_ROOT);
    struct fake_fn *lost = fake_endpoint(second, 0, 0);

    (void)state;
    fake.host.bus_first = 8;
    fake.host.bus_last = 9;
    assert_int_equal(fake_scan(), -RF_ENOSPC);
    expect_buses(first, 8, 9, 9);
    expect_buses(second, 8, 0, 0);
    assert_non_null(second->found);
    assert_null(lost->found);
    assert_false(fake_masters(second));
}

/* Bus `bus` of another host bridge. */
static struct fake_fn *add_elsewhere(unsigned bus, unsigned dev, unsigned fn)
{
    struct fake_fn *f = fake_add(NULL, dev, fn);

    f->bus_above = (uint8_t)bus;
    return f;
}

static void what_is_behind_another_root_is_stopped(void **state)
{
    struct fake_fn *kept = fake_port(NULL, 1, 0, PCI_PORT_ROOT), *e = fake_endpoint(kept, 0, 0);
    struct fake_fn *fresh = fake_port(NULL, 2, 0, PCI_PORT_ROOT);
    struct fake_fn *f[] = {add_elsewhere(0x80, 5, 0), add_elsewhere(0x80, 5, 2),
                           add_elsewhere(0x81, 31, 0), add_elsewhere(0xff, 0, 0)};

    (void)state;
    fake.host.other_roots = true;
    set_buses(kept, 0, 0x90, 0x9f);
    assert_int_equal(fake_scan(), 0);
    for (unsigned i = 0; i < ARRAY_SIZE(f); i++) {
        assert_null(f[i]->found);
        assert_false(fake_masters(f[i]));
    }
    assert_int_equal(e->found->rid, 0x9000);
    expect_buses(fresh, 0, 0xa0, 0xa0);
}

/* What answers as bus 2 would look like what is behind the second port. */
static void no_bridge_gets_the_number_of_another_root(void **state)
{
    struct fake_fn *first = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *second = fake_port(NULL, 2, 0, PCI_PORT_ROOT);
    struct fake_fn *elsewhere = add_elsewhere(2, 0, 0);

    (void)state;
    fake.host.other_roots = true;
    assert_int_equal(fake_scan(), -RF_ENOSPC);
    expect_buses(first, 0, 1, 1);
    expect_buses(second, 0, 0, 0);
    assert_false(fake_masters(elsewhere));
}

static void the_only_root_has_all_numbers(void **state)
{
    struct fake_fn *elsewhere = add_elsewhere(2, 0, 0);

    (void)state;
    assert_int_equal(fake_scan(), 0);
    assert_true(fake_masters(elsewhere)); /* nothing was asked */
}

static void a_tower_of_bridges(void **state)
{
    struct fake_fn *b = NULL;

    (void)state;
    for (unsigned i = 0; i < 200; i++)
        b = fake_port(b, 0, 0, PCI_PORT_PCIE_TO_PCI);
    assert_int_equal(fake_scan(), -RF_ENOSPC);
    assert_in_range(fake.host.dev_count, 8, 32);
}

static void no_memory(void **state)
{
    struct fake_fn *first = fake_add(NULL, 1, 0), *second = fake_add(NULL, 2, 0);

    (void)state;
    inject_after(2);
    assert_int_equal(pci_scan(&fake.host), -RF_ENOMEM);
    assert_int_equal(fake.host.dev_count, 1);
    assert_false(fake_masters(first));
    assert_false(fake_masters(second)); /* off, although it could not be listed */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_bus),
        TEST(identity_is_read),
        TEST(functions_with_a_hole),
        TEST(vendors_that_stand_for_nothing),
        TEST(all_ones_but_the_vendor),
        TEST(header_types_that_do_not_exist),
        TEST(one_device_behind_a_link),
        TEST(devices_behind_a_conventional_bridge),
        TEST(mastering_goes_off_first),
        TEST(everything_that_sends_is_off),
        TEST(ports_do_not_forward_ari),
        TEST(asleep_is_woken),
        TEST(numbers_through_a_switch),
        TEST(firmware_numbers_are_kept),
        TEST(numbers_out_of_order_are_redone),
        TEST(a_bridge_without_a_number),
        TEST(what_is_behind_another_root_is_stopped),
        TEST(no_bridge_gets_the_number_of_another_root),
        TEST(the_only_root_has_all_numbers),
        TEST(a_tower_of_bridges),
        TEST(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
