/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sriov_fixture.h"

/* Virtual functions that cannot be: each reason, and nothing left of the attempt. */

static void change_count(void)
{
    wish_for(9);
}

static void change_capability(void)
{
    net.pf->cfg[0x100] = 0; /* the chain ends */
    fake_set(net.pf, 0x100, 4, 0);
}

static void change_initial(void)
{
    fake_set(net.pf, SRIOV + PCI_SRIOV_INITIAL, 2, VFS + 1);
}

static void change_pages(void)
{
    fake_set(net.pf, SRIOV + PCI_SRIOV_PAGES, 4, 0x552);
}

static void change_offset(void)
{
    fake_set(net.pf, SRIOV + PCI_SRIOV_OFFSET, 2, 0);
}

static void change_stride(void)
{
    fake_set(net.pf, SRIOV + PCI_SRIOV_STRIDE, 2, 0);
}

static void change_stride_far(void)
{
    fake_set(net.pf, SRIOV + PCI_SRIOV_STRIDE, 2, 0xfff0);
}

static void change_end(void)
{
    fake_set(net.pf, 0x102, 2, 0xfc0 << 4 | 1);
    fake_set(net.pf, 0xfc4, 4, 0x00010010);
    fake_set(net.pf, 0x102, 2, 0xfc4 << 4 | 1);
}

static void change_port(void)
{
    fake_set(net.port, 0x40 + PCI_EXP_DEVCAP2, 4, 0);
}

/* Firmware's bus numbers stay, and have no room. */
static void change_bus(void)
{
    fake_set(net.pf, SRIOV + PCI_SRIOV_OFFSET, 2, 0x180);
    fake_set(net.port, PCI_BUS_PRIMARY, 4, 0x00010100);
}

static void change_neighbour(void)
{
    fake_multi(fake_endpoint(net.port, 0, 2));
    fake_set(net.pf, SRIOV + PCI_SRIOV_OFFSET, 2, 2);
}

static void change_bar_kind(void)
{
    fake_reg(net.pf, SRIOV + PCI_SRIOV_BAR(1), 4, 0, 0);
    vf_bar(net.pf, 0, FAKE_IO, 256);
}

static void change_bar_size(void)
{
    vf_bar(net.pf, 0, FAKE_MEM32, KIB(2));
    fake_reg(net.pf, SRIOV + PCI_SRIOV_BAR(1), 4, 0, 0);
}

static void change_bar_room(void)
{
    vf_bar(net.pf, 3, FAKE_PREF64, GIB(512));
}

static void change_bar_huge(void)
{
    vf_bar(net.pf, 3, FAKE_PREF64, UINT64_C(1) << 62);
}

static void change_answer(void)
{
    net.vf[1].cfg[PCI_COMMAND] = net.vf[1].cfg[PCI_COMMAND + 1] = 0xff;
    memset(net.vf[1].writable, 0, sizeof(net.vf[1].writable));
}

static const struct {
    void (*change)(void);
    const char *why;
} refusals[] = {
    {change_capability, "it has no SR-IOV capability"},
    {change_end, "its SR-IOV capability does not fit into configuration space"},
    {change_initial, "it says that 9 of its 8 virtual functions are there"},
    {change_count, "it has 8 virtual functions"},
    {change_pages, "its virtual functions cannot lie in pages of 4 KiB"},
    {change_offset, "First VF Offset 0x0 and VF Stride 0x2 lead nowhere"},
    {change_stride, "First VF Offset 0x80 and VF Stride 0x0 lead nowhere"},
    {change_stride_far, "First VF Offset 0x80 and VF Stride 0xfff0 lead nowhere"},
    {change_port, "the port above does not forward ARI, which virtual function 0 needs"},
    {change_bus, "no bus number 0x02 leads to its virtual function 0"},
    {change_neighbour, "the bus address 01:00.2 of its virtual function 0 is taken"},
    {change_bar_kind, "VF BAR 0 is not memory in pages of its own"},
    {change_bar_size, "VF BAR 0 is not memory in pages of its own"},
    {change_bar_room, "no window has room for VF BAR 3 (2 times 0x8000000000 bytes)"},
    {change_bar_huge, "no window has room for VF BAR 3 (2 times 0x4000000000000000 bytes)"},
    {change_answer, "its virtual function 1 does not answer"},
};

static void each_refusal_names_its_reason(void **state)
{
    for (unsigned i = 0; i < ARRAY_SIZE(refusals); i++) {
        struct pci_dev *d;

        teardown(state);
        setup(state);
        refusals[i].change();
        assert_int_equal(fake_scan(), 0);
        assert_int_equal(pci_assign(&fake.host), 0);
        if (net.wish.why[0] == '\0')
            assert_int_equal(enable(), -RF_ENODEV);
        assert_string_equal(net.wish.why, refusals[i].why);
        if (net.pf->found->cap_sriov == SRIOV)
            assert_false(ctrl() & (PCI_SRIOV_VF_ENABLE | PCI_SRIOV_VF_MEMORY));
        TAILQ_FOREACH (d, &fake.host.devs, link)
            assert_null(d->pf);
    }
}

static void no_memory(void **state)
{
    (void)state;
    assert_int_equal(fake_scan(), 0);
    assert_int_equal(pci_assign(&fake.host), 0);
    inject_after(2);
    assert_int_equal(enable(), -RF_ENODEV);
    assert_string_equal(net.wish.why, "there is no memory for virtual function 1");
    assert_null(vf(0));
    assert_false(ctrl() & PCI_SRIOV_VF_ENABLE);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_refusal_names_its_reason),
        T(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
