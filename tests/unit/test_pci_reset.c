/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pci_fixture.h"

static struct fake_fn *add_flr(void)
{
    struct fake_fn *f = fake_endpoint(NULL, 1, 0);

    fake_bar(f, 0, FAKE_MEM64, KIB(16));
    fake_bar(f, 2, FAKE_PREF64, MIB(1));
    fake_set(f, 0x40 + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_FLR);
    fake_reg(f, 0x40 + PCI_EXP_DEVSTA, 2, 0, 0);
    return f;
}

static void flr(void **state)
{
    struct fake_fn *f = add_flr();

    (void)state;
    fake_up();
    assert_true(f->found->has_flr);
    uint64_t start = clock_now_ns();
    assert_int_equal(pci_reset(f->found), 0);
    assert_int_equal(f->resets, 1);
    assert_in_range(clock_now_ns() - start, 100000000, 110000000);
}

static void restore_after_reset(void **state)
{
    struct fake_fn *f = add_flr();

    (void)state;
    fake_up();
    assert_int_equal(pci_reset(f->found), 0);
    assert_int_equal(fake_get(f, PCI_BAR(0), 4), FAKE_MEM64);
    pci_restore(f->found);
    assert_int_equal(fake_get(f, PCI_BAR(0), 4) & ~0xfu, f->found->bar[0].bus);
    assert_int_equal(fake_get(f, PCI_BAR(3), 4), f->found->bar[2].bus >> 32);
    assert_int_equal(fake_get(f, PCI_COMMAND, 2), PCI_COMMAND_MEMORY | PCI_COMMAND_INTX);
}

/* What keeps it from its sisters is on again before it may send. */
static void acs_comes_back_after_reset(void **state)
{
    struct fake_fn *f = add_flr();
    struct pci_host *const hosts[] = {&fake.host};
    unsigned cap = fake_acs(f, FAKE_ACS_ALL);

    (void)state;
    fake_up();
    pci_assign_groups(hosts, 1);
    assert_int_equal(fake_get(f, cap + PCI_ACS_CTRL, 2), FAKE_ACS_ALL);
    assert_int_equal(pci_reset(f->found), 0);
    assert_int_equal(fake_get(f, cap + PCI_ACS_CTRL, 2), 0);
    pci_restore(f->found);
    assert_int_equal(fake_get(f, cap + PCI_ACS_CTRL, 2), FAKE_ACS_ALL);
}

static void a_slow_one_is_waited_for(void **state)
{
    struct fake_fn *f = add_flr();

    (void)state;
    f->silence = 900000000;
    fake_up();
    assert_int_equal(pci_reset(f->found), 0);
}

static void one_that_never_answers(void **state)
{
    struct fake_fn *f = add_flr();

    (void)state;
    f->silence = UINT64_MAX / 2;
    fake_up();
    uint64_t start = clock_now_ns();
    assert_int_equal(pci_reset(f->found), -RF_ETIMEDOUT);
    assert_in_range(clock_now_ns() - start, 1100000000, 1200000000);
    assert_int_equal(pci_reset(f->found), -RF_ENXIO); /* now it is gone from the start */
}

static void pending_for_ever(void **state)
{
    struct fake_fn *f = add_flr();

    (void)state;
    fake_up();
    fake_set(f, 0x40 + PCI_EXP_DEVSTA, 2, PCI_EXP_DEVSTA_PENDING);
    uint64_t start = clock_now_ns();
    assert_int_equal(pci_reset(f->found), 0);
    assert_in_range(clock_now_ns() - start, 200000000, 210000000);
}

static void af_flr(void **state)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);
    unsigned cap = fake_cap(f, 0x40, PCI_CAP_ID_AF);

    (void)state;
    fake_set(f, cap + PCI_AF_CAP, 1, PCI_AF_CAP_TP | PCI_AF_CAP_FLR);
    fake_reg(f, cap + PCI_AF_CTRL, 1, 0, 1);
    fake_up();
    assert_true(f->found->has_flr);
    assert_int_equal(pci_reset(f->found), 0);
    assert_int_equal(f->resets, 1);
}

static struct fake_fn *add_pm(uint32_t ctrl)
{
    struct fake_fn *f = fake_add(NULL, 1, 0);

    fake_reg(f, fake_cap(f, 0x40, PCI_CAP_ID_PM) + PCI_PM_CTRL, 2, ctrl, PCI_PM_STATE);
    fake_up();
    return f;
}

static void power_state_reset(void **state)
{
    (void)state;
    struct fake_fn *f = add_pm(0);
    assert_false(f->found->has_flr);
    assert_int_equal(pci_reset(f->found), 0);
    assert_int_equal(f->resets, 1);
}

static void no_reset_of_its_own(void **state)
{
    (void)state;
    struct fake_fn *f = add_pm(PCI_PM_NO_SOFT_RESET);
    assert_int_equal(pci_reset(f->found), -RF_EOPNOTSUPP);
    assert_int_equal(f->resets, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup_windows, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flr),
        TEST(restore_after_reset),
        TEST(acs_comes_back_after_reset),
        TEST(a_slow_one_is_waited_for),
        TEST(one_that_never_answers),
        TEST(pending_for_ever),
        TEST(af_flr),
        TEST(power_state_reset),
        TEST(no_reset_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
