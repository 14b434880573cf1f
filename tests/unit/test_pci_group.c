/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pci_fixture.h"

static struct pci_host *const hosts[] = {&fake.host};

static void groups_up(void)
{
    assert_int_equal(fake_scan(), 0);
    pci_assign_groups(hosts, 1);
}

static bool together(const struct fake_fn *a, const struct fake_fn *b)
{
    return a->found->group == b->found->group;
}

static struct fake_fn *acs_port(struct fake_fn *bridge, unsigned dev, unsigned fn,
                                enum pci_port_type type)
{
    struct fake_fn *f = fake_port(bridge, dev, fn, type);

    if (fn)
        fake_multi(f);
    fake_acs(f, FAKE_ACS_ALL);
    return f;
}

/* --- groups -------------------------------------------------------------------------------- */

/* As on QEMU's virt: edu beside root ports with ACS, a disk behind each. */
static void alone_on_the_root_bus(void **state)
{
    struct fake_fn *host = fake_add(NULL, 0, 0), *edu = fake_add(NULL, 1, 0);
    struct fake_fn *root0 = acs_port(NULL, 2, 0, PCI_PORT_ROOT);
    struct fake_fn *root1 = acs_port(NULL, 3, 0, PCI_PORT_ROOT);
    struct fake_fn *disk0 = fake_endpoint(root0, 0, 0), *disk1 = fake_endpoint(root1, 0, 0);
    const struct fake_fn *all[] = {host, edu, root0, root1, disk0, disk1};

    (void)state;
    groups_up();
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
        assert_int_equal(all[i]->found->group, i); /* numbered in walk order */
}

static void root_port_without_acs(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT), *disk = fake_endpoint(root, 0, 0);
    struct fake_fn *other = fake_endpoint(NULL, 2, 0);

    (void)state;
    groups_up();
    assert_true(together(root, disk));
    assert_false(together(root, other));
}

/* A sister with ACS is reached by those without it. */
static void functions_of_a_device(void **state)
{
    struct fake_fn *root = acs_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *a = fake_endpoint(root, 0, 0), *b = fake_endpoint(root, 0, 1);
    struct fake_fn *with_acs = fake_endpoint(root, 0, 2);

    (void)state;
    fake_multi(a);
    fake_acs(with_acs, FAKE_ACS_ALL);
    groups_up();
    assert_true(together(a, b));
    assert_false(together(a, root));
    assert_true(together(a, with_acs));
}

/* An endpoint that does no peer-to-peer has a capability without controls: none is missing. */
static void acs_without_controls(void **state)
{
    struct fake_fn *a = fake_endpoint(NULL, 1, 0), *b = fake_endpoint(NULL, 1, 1);

    (void)state;
    fake_multi(a);
    fake_acs(a, 0);
    fake_acs(b, 0);
    groups_up();
    assert_false(together(a, b));
}

/* The controls cannot be switched on: the capability is worth nothing. */
static void acs_that_does_not_take(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT), *disk = fake_endpoint(root, 0, 0);
    unsigned cap = fake_acs(root, FAKE_ACS_ALL);

    (void)state;
    fake_reg(root, cap + PCI_ACS_CTRL, 2, 0, PCI_ACS_SV | PCI_ACS_RR);
    groups_up();
    assert_true(together(root, disk));
}

/* Two devices of two root ports each: in the second device one port has no ACS. */
static void multi_function_root_ports(void **state)
{
    struct fake_fn *port[4], *disk[4];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        port[i] = i < 3 ? acs_port(NULL, 1 + i / 2, i % 2, PCI_PORT_ROOT)
                        : fake_port(NULL, 1 + i / 2, i % 2, PCI_PORT_ROOT);
        disk[i] = fake_endpoint(port[i], 0, 0);
        fake_multi(port[i]);
    }
    groups_up();
    assert_false(together(port[0], port[1]));
    assert_false(together(disk[0], disk[1]));
    assert_false(together(port[0], disk[0]));
    assert_true(together(port[2], port[3]));
    assert_true(together(disk[3], disk[2])); /* from port 3 down through port 2 */
    assert_false(together(disk[0], disk[2]));
}

struct a_switch {
    struct fake_fn *root, *up, *down[2], *disk[2];
};

static struct a_switch add_switch(bool root_acs, bool down_acs)
{
    struct a_switch s;

    s.root = root_acs ? acs_port(NULL, 1, 0, PCI_PORT_ROOT) : fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    s.up = fake_port(s.root, 0, 0, PCI_PORT_UPSTREAM);
    for (unsigned i = 0; i < 2; i++) {
        s.down[i] = down_acs ? acs_port(s.up, i, 0, PCI_PORT_DOWNSTREAM)
                             : fake_port(s.up, i, 0, PCI_PORT_DOWNSTREAM);
        s.disk[i] = fake_endpoint(s.down[i], 0, 0);
    }
    return s;
}

static void behind_a_switch(void **state)
{
    (void)state;
    struct a_switch s = add_switch(true, true);
    groups_up();
    assert_false(together(s.disk[0], s.disk[1]));
    assert_false(together(s.disk[0], s.down[0]));
    assert_false(together(s.down[0], s.up));
}

static void behind_a_switch_without_acs(void **state)
{
    (void)state;
    struct a_switch s = add_switch(true, false);
    struct fake_fn *edu = fake_add(NULL, 5, 0);
    groups_up();
    assert_true(together(s.disk[0], s.down[0]));
    assert_true(together(s.disk[0], s.disk[1]));
    assert_false(together(s.disk[0], s.up)); /* which itself sends up all that it gets */
    assert_false(together(s.root, s.up));
    assert_false(together(s.root, edu));
}

static void one_switch_port_without_acs(void **state)
{
    (void)state;
    struct a_switch s = add_switch(true, true);
    fake_set(s.down[0], s.down[0]->ext_end, 4, 0); /* its capability is gone */
    groups_up();
    assert_true(together(s.disk[0], s.disk[1]));
    assert_true(together(s.disk[0], s.down[1]));
}

/* What an endpoint may lack, a switch port may not. */
static void a_switch_port_with_half_of_acs(void **state)
{
    (void)state;
    struct a_switch s = add_switch(true, true);
    fake_set(s.down[1], s.down[1]->ext_end + PCI_ACS_CAP, 2, PCI_ACS_SV | PCI_ACS_UF);
    groups_up();
    assert_true(together(s.disk[0], s.disk[1]));
}

static void acs_below_is_worth_nothing_without_acs_above(void **state)
{
    (void)state;
    struct a_switch s = add_switch(false, true);
    groups_up();
    assert_true(together(s.disk[0], s.disk[1]));
    assert_true(together(s.disk[0], s.root));
}

static void behind_a_pcie_to_pci_bridge(void **state)
{
    struct fake_fn *root = acs_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *bridge = fake_port(root, 0, 0, PCI_PORT_PCIE_TO_PCI);
    struct fake_fn *a = fake_add(bridge, 1, 0), *b = fake_add(bridge, 2, 0);

    (void)state;
    groups_up();
    assert_true(together(a, b));
    assert_true(together(a, bridge));
    assert_false(together(a, root));
}

/* A bridge on the root bus: a bus that is shared, behind a function that is not. */
static void behind_a_conventional_bridge(void **state)
{
    struct fake_fn *bridge = fake_bridge(NULL, 1, 0), *inner = fake_bridge(bridge, 0, 0);
    struct fake_fn *a = fake_add(bridge, 1, 0), *b = fake_add(inner, 2, 0),
                   *edu = fake_add(NULL, 2, 0);

    (void)state;
    groups_up();
    assert_true(together(a, b));
    assert_true(together(a, bridge));
    assert_false(together(a, edu));
}

static void conventional_functions_of_a_device(void **state)
{
    struct fake_fn *a = fake_add(NULL, 1, 0), *b = fake_add(NULL, 1, 7), *c = fake_add(NULL, 2, 0);

    (void)state;
    fake_multi(a);
    groups_up();
    assert_true(together(a, b));
    assert_false(together(a, c));
}

static void acs_is_switched_on(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT),
                   *other = acs_port(NULL, 2, 0, PCI_PORT_ROOT);
    unsigned cap = fake_acs(root, 0x7f); /* all that there is */

    (void)state;
    fake_set(root, cap + PCI_ACS_CTRL, 2, 0x60); /* egress control and direct translated: off */
    groups_up();
    assert_int_equal(fake_get(root, cap + PCI_ACS_CTRL, 2), 0x1f);
    assert_int_equal(fake_get(other, cap + PCI_ACS_CTRL, 2), 0x1d);
}

static void numbers_run_over_all_hosts(void **state)
{
    static struct pci_host empty;
    struct pci_host *const both[] = {&empty, &fake.host};
    struct fake_fn *a = fake_add(NULL, 1, 0), *b = fake_add(NULL, 1, 1), *c = fake_add(NULL, 2, 0);

    (void)state;
    TAILQ_INIT(&empty.devs);
    fake_multi(a);
    assert_int_equal(fake_scan(), 0);
    pci_assign_groups(both, 2);
    assert_int_equal(a->found->group, 0);
    assert_int_equal(b->found->group, 0);
    assert_int_equal(c->found->group, 1);
}

/* --- aliases ------------------------------------------------------------------------------- */

static void aliases(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *plain = fake_endpoint(NULL, 3, 0);
    struct fake_fn *bridge = fake_port(root, 0, 0, PCI_PORT_PCIE_TO_PCI);
    struct fake_fn *first = fake_add(bridge, 0, 0), *second = fake_add(bridge, 1, 0);
    struct fake_fn *inner = fake_bridge(bridge, 2, 0), *deep = fake_add(inner, 4, 0);
    pci_rid_t rid[4];

    (void)state;
    groups_up();
    assert_int_equal(pci_aliases(plain->found, rid, 4), 1);
    assert_int_equal(rid[0], PCI_RID(0, 3, 0));
    assert_int_equal(pci_aliases(second->found, rid, 4), 2);
    assert_int_equal(rid[0], PCI_RID(2, 1, 0));
    assert_int_equal(rid[1], PCI_RID(2, 0, 0));
    assert_int_equal(pci_aliases(first->found, rid, 4), 1); /* its own is the bridge's */
    assert_int_equal(pci_aliases(deep->found, rid, 4), 3);
    assert_int_equal(rid[0], PCI_RID(3, 4, 0));
    assert_int_equal(rid[1], PCI_RID(2, 2, 0));
    assert_int_equal(rid[2], PCI_RID(2, 0, 0));
    assert_int_equal(pci_aliases(deep->found, rid, 2), 2);
}

static void messages_come_from(const struct fake_fn *f, pci_rid_t first, pci_rid_t last)
{
    pci_rid_t from, to;

    pci_msi_ids(f->found, &from, &to);
    assert_int_equal(from, first);
    assert_int_equal(to, last);
}

/* A conventional bridge has one id, and its bus is also that of others. */
static void ids_of_messages(void **state)
{
    struct fake_fn *root = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    struct fake_fn *disk = fake_endpoint(root, 0, 0);
    struct fake_fn *legacy = fake_bridge(NULL, 2, 0), *edu = fake_add(legacy, 1, 0);
    struct fake_fn *bridge = fake_port(NULL, 3, 0, PCI_PORT_PCIE_TO_PCI);
    struct fake_fn *first = fake_add(bridge, 1, 0), *inner = fake_bridge(bridge, 2, 0);
    struct fake_fn *deep = fake_add(inner, 4, 0);

    (void)state;
    groups_up();
    messages_come_from(disk, PCI_RID(1, 0, 0), PCI_RID(1, 0, 0));
    messages_come_from(edu, PCI_RID(0, 2, 0), PCI_RID(0, 2, 0));
    messages_come_from(first, PCI_RID(3, 0, 0), PCI_RID(3, 31, 7));
    messages_come_from(deep, PCI_RID(3, 0, 0), PCI_RID(3, 31, 7));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(alone_on_the_root_bus),
        TEST(root_port_without_acs),
        TEST(functions_of_a_device),
        TEST(acs_without_controls),
        TEST(acs_that_does_not_take),
        TEST(multi_function_root_ports),
        TEST(behind_a_switch),
        TEST(behind_a_switch_without_acs),
        TEST(one_switch_port_without_acs),
        TEST(a_switch_port_with_half_of_acs),
        TEST(acs_below_is_worth_nothing_without_acs_above),
        TEST(behind_a_pcie_to_pci_bridge),
        TEST(behind_a_conventional_bridge),
        TEST(conventional_functions_of_a_device),
        TEST(acs_is_switched_on),
        TEST(numbers_run_over_all_hosts),
        TEST(aliases),
        TEST(ids_of_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
