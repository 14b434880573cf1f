/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sriov_fixture.h"

/* --- what they are ------------------------------------------------------------------------- */

static void they_have_names_ids_and_functions(void **state)
{
    (void)state;
    up_with_vfs();
    assert_int_equal(fake.host.dev_count, 4);
    assert_null(vf(2));
    for (unsigned n = 0; n < 2; n++) {
        const struct pci_dev *d = vf(n);

        assert_int_equal(d->rid, 0x180 + 2 * n);
        assert_string_equal(d->name, n ? "0000:01:10.2" : "0000:01:10.0");
        assert_int_equal(d->vendor, 0x8086);
        assert_int_equal(d->device, VF_ID);
        assert_ptr_equal(d->pf, net.pf->found);
        assert_ptr_equal(d->parent, net.port->found);
        assert_false(d->multifunction);
        assert_false(fake_masters(&net.vf[n]));
        assert_true(d->has_flr);
    }
}

static void their_bars_lie_one_behind_the_other(void **state)
{
    static const unsigned bars[] = {0, 3};

    (void)state;
    wish_for(VFS);
    up_with_vfs();
    for (unsigned i = 0; i < ARRAY_SIZE(bars); i++) {
        uint64_t base = fake_get(net.pf, SRIOV + PCI_SRIOV_BAR(bars[i]), 4) & ~0xfu;

        assert_true(is_reachable(net.pf, (struct range){base, base + VFS * KIB(16) - 1}));
        for (unsigned n = 0; n < VFS; n++) {
            const struct pci_bar *b = &vf(n)->bar[bars[i]];

            assert_int_equal(b->bus, base + n * KIB(16));
            assert_int_equal(b->cpu.v, b->bus);
            assert_int_equal(b->size, KIB(16));
        }
    }
    assert_int_equal(vf(7)->msix.count, 3);
}

static void large_bars_go_above_4_gib(void **state)
{
    (void)state;
    vf_bar(net.pf, 0, FAKE_PREF64, GIB(1));
    wish_for(VFS);
    up_with_vfs();
    assert_true(vf(0)->bar[0].bus >= GIB(4));
    assert_int_equal(vf(7)->bar[0].bus, vf(0)->bar[0].bus + 7 * GIB(1));
    assert_true(
        is_reachable(net.pf, (struct range){vf(0)->bar[0].bus, vf(7)->bar[0].bus + GIB(1) - 1}));
}

/* A table that is not inside its BAR is not used, as with any function. */
static void their_msix_table_is_checked(void **state)
{
    (void)state;
    fake_set(&net.vf[1], MSIX_AT + PCI_MSIX_TABLE, 4, 0x4000 | 3);
    up_with_vfs();
    assert_int_equal(vf(0)->msix.count, 3);
    assert_int_equal(vf(1)->msix.cap, 0);
}

static void nobody_asked_for_them(void **state)
{
    (void)state;
    fake.host.wish_count = 0;
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_assign(&fake.host), 0);
    assert_int_equal(fake.host.dev_count, 2);
    assert_int_equal(net.pf->found->sriov.count, 0);
    assert_int_equal(ctrl(), 0);
    assert_int_equal(fake_get(net.pf, SRIOV + PCI_SRIOV_NUM, 2), 0);
}

/* --- how they come ------------------------------------------------------------------------- */

/* Position in the trace of the first write of a register of the capability. */
static unsigned written(unsigned reg)
{
    for (unsigned i = 0; i < fake.traced; i++) {
        const struct fake_access *a = &fake.trace[i];

        if (a->f == net.pf && a->write && a->off == SRIOV + reg)
            return i;
    }
    fail();
    return 0;
}

static void in_the_order_of_the_specification(void **state)
{
    uint64_t begun;

    (void)state;
    assert_int_equal(fake_scan(), 0);
    assert_true(written(PCI_SRIOV_NUM) > written(PCI_SRIOV_CTRL)); /* ARI, VF Enable still off */
    assert_int_equal(ctrl(), PCI_SRIOV_ARI);
    assert_int_equal(fake_get(net.pf, SRIOV + PCI_SRIOV_NUM, 2), 2);
    assert_int_equal(fake_get(net.pf, SRIOV + PCI_SRIOV_PAGE_SIZE, 4), PCI_SRIOV_PAGE_4K);
    assert_int_equal(pci_assign(&fake.host), 0);
    begun = clock_now_ns();
    assert_int_equal(enable(), 0);
    assert_true(clock_now_ns() - begun >= READY_NS);
    assert_int_equal(ctrl(), PCI_SRIOV_ARI | PCI_SRIOV_VF_ENABLE | PCI_SRIOV_VF_MEMORY);
    assert_true(fake_decodes(net.pf) && fake_decodes(net.port));
}

static void nobody_is_asked_before_its_time(void **state)
{
    (void)state;
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_assign(&fake.host), 0);
    fake.traced = 0;
    assert_int_equal(enable(), 0);
    for (unsigned i = 0; i < fake.traced; i++) {
        if (fake.trace[i].f == &net.vf[0] || fake.trace[i].f == &net.vf[1])
            assert_true(i > written(PCI_SRIOV_CTRL));
    }
}

static void they_go_again(void **state)
{
    (void)state;
    up_with_vfs();
    pci_set_bus_master(vf(1), true);
    pci_sriov_disable(net.pf->found);
    assert_null(vf(0));
    assert_int_equal(fake.host.dev_count, 2);
    assert_int_equal(ctrl(), PCI_SRIOV_ARI);
    assert_false(fake_masters(net.port) || fake_decodes(net.pf) || fake_decodes(net.port));
}

/* Its vendor id is all ones although it is there, and its BARs are nowhere. */
static void one_is_reset(void **state)
{
    struct pci_dev *d;

    (void)state;
    up_with_vfs();
    net.vf[0].found = d = vf(0);
    assert_int_equal(pci_reset(d), 0);
    assert_int_equal(net.vf[0].resets, 1);
    pci_restore(d);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(fake_get(&net.vf[0], PCI_BAR(i), 4), 0);
    assert_int_equal(net.vf[1].resets, 0);
    net.vf[1].silent_until = UINT64_MAX;
    assert_int_equal(pci_reset(vf(1)), -RF_ENXIO);
}

/* --- ways to them -------------------------------------------------------------------------- */

static void ari_where_both_have_it(void **state)
{
    (void)state;
    up_with_vfs();
    assert_true(fake_get(net.port, 0x40 + PCI_EXP_DEVCTL2, 2) & PCI_EXP_DEVCTL2_ARI);
    assert_true(ctrl() & PCI_SRIOV_ARI);
}

/* The bit of the second one reads as 0. */
static void the_first_of_two_ports_is_told_of_ari(void **state)
{
    struct fake_fn *second = fake_endpoint(net.port, 0, 1);

    (void)state;
    add_sriov(second, OFFSET);
    fake_reg(second, SRIOV + PCI_SRIOV_CTRL, 2, 0, PCI_SRIOV_VF_ENABLE | PCI_SRIOV_VF_MEMORY);
    add_vf(net.port, 0, OFFSET + 1);
    fake.fn[fake.count - 1].silent_until = 0;
    wish_for(1);
    net.wish.pf = PCI_RID(1, 0, 1);
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_assign(&fake.host), 0);
    assert_int_equal(pci_sriov_enable(second->found, &net.wish), 0);
    assert_int_equal(vf(0)->rid, 0x181);
    assert_int_equal(ctrl(), PCI_SRIOV_ARI);
}

static void a_bus_is_kept_free_for_them(void **state)
{
    struct fake_fn *next, *behind;

    (void)state;
    fake_fini();
    fake_init();
    fake_usual_windows();
    add_net_at(0x180);
    next = fake_port(NULL, 2, 0, PCI_PORT_ROOT);
    behind = fake_endpoint(next, 0, 0);
    wish_for(2);
    up_with_vfs();
    assert_int_equal(net.port->found->bus_subordinate, 2);
    assert_int_equal(next->found->bus_secondary, 3);
    assert_int_equal(behind->found->rid, 0x300);
    assert_int_equal(vf(0)->rid, 0x280);
}

/* --- groups -------------------------------------------------------------------------------- */

static struct pci_host *const hosts[] = {&fake.host};

static void each_is_a_group(void **state)
{
    (void)state;
    up_with_vfs();
    pci_assign_groups(hosts, 1);
    assert_int_not_equal(vf(0)->group, vf(1)->group);
    assert_int_not_equal(vf(0)->group, net.pf->found->group);
    assert_int_not_equal(vf(1)->group, net.pf->found->group);
}

/* Who says that it can send from one function to another has to be stopped from that. */
static void acs_of_a_function_that_does_not_take(void **state)
{
    (void)state;
    fake_acs(&net.vf[1], FAKE_ACS_ALL);
    fake_reg(&net.vf[1], 0x100 + PCI_ACS_CTRL, 2, 0, 0);
    up_with_vfs();
    pci_assign_groups(hosts, 1);
    assert_int_equal(vf(0)->group, vf(1)->group);
    assert_int_equal(vf(0)->group, net.pf->found->group);
}

static void a_port_without_acs(void **state)
{
    (void)state;
    fake_reg(net.port, 0x100 + PCI_ACS_CTRL, 2, 0, 0);
    up_with_vfs();
    pci_assign_groups(hosts, 1);
    assert_int_equal(vf(0)->group, vf(1)->group);
    assert_int_equal(vf(0)->group, net.pf->found->group);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(they_have_names_ids_and_functions),
        T(their_bars_lie_one_behind_the_other),
        T(large_bars_go_above_4_gib),
        T(their_msix_table_is_checked),
        T(nobody_asked_for_them),
        T(in_the_order_of_the_specification),
        T(nobody_is_asked_before_its_time),
        T(they_go_again),
        T(one_is_reset),
        T(ari_where_both_have_it),
        T(the_first_of_two_ports_is_told_of_ari),
        T(a_bus_is_kept_free_for_them),
        T(each_is_a_group),
        T(acs_of_a_function_that_does_not_take),
        T(a_port_without_acs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
