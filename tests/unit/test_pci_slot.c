/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/slot.h"
#include "tests/unit/pci_fixture.h"

#define PCIE    0x40u
#define MSI     0x80u
#define MSIX    0xa0u
#define SLTCAP  (PCIE + PCI_EXP_SLTCAP)
#define SLTCTL  (PCIE + PCI_EXP_SLTCTL)
#define SLTSTA  (PCIE + PCI_EXP_SLTSTA)
#define PDC     BIT(3) /* Presence Detect Changed, its enable and its status */
#define ADDRESS UINT64_C(0x48765528)
#define DATA    0x5246u
#define NEVER   UINT64_MAX

/* The port's slot: commands, events, and the message that the first of the enabled events sends. */
static struct {
    struct fake_fn *port;
    uint8_t found[PCI_CFG_SIZE]; /* what the port was like before */
    uint64_t slowness;           /* of a command, ns */
    uint64_t due;                /* the command in progress completes then */
    bool notified;
    uint32_t table[2 * 4];
    unsigned messages;
    uint64_t address;
    uint32_t data;
} slot;

static const struct mmio table = {0x10000000, sizeof(slot.table)};

static uint64_t get64(const struct fake_fn *f, unsigned off)
{
    return fake_get(f, off, 4) | (uint64_t)fake_get(f, off + 4, 4) << 32;
}

static void send_message(void)
{
    const struct fake_fn *f = slot.port;
    const uint32_t *entry = &slot.table[4];

    if (!fake_masters(f))
        return;
    if (f->found->msi.cap && (fake_get(f, MSI + PCI_MSI_CTRL, 2) & PCI_MSI_ENABLE)) {
        slot.address = get64(f, MSI + PCI_MSI_ADDR);
        slot.data = fake_get(f, MSI + PCI_MSI_DATA(true), 2);
    } else if (f->found->msix.cap && (fake_get(f, MSIX + PCI_MSIX_CTRL, 2) & PCI_MSIX_ENABLE)) {
        assert_int_equal(entry[3], 0);
        slot.address = entry[0] | (uint64_t)entry[1] << 32;
        slot.data = entry[2];
    } else {
        return;
    }
    slot.messages++;
}

/* 6.7.3.4: the interrupt is an edge of "some enabled event is there". */
static void notify(void)
{
    uint32_t control = fake_get(slot.port, SLTCTL, 2), status = fake_get(slot.port, SLTSTA, 2);
    bool now = (control & PCI_EXP_SLTCTL_HPIE) && (control & status & PCI_EXP_SLTCTL_EVENTS);

    if (now && !slot.notified)
        send_message();
    slot.notified = now;
}

static void step(void)
{
    if (clock_now_ns() < slot.due)
        return;
    slot.due = NEVER;
    slot.port->cfg[SLTSTA] |= PCI_EXP_SLTSTA_CC;
    notify();
}

static uint32_t slot_read(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width)
{
    step();
    return fake_read(h, rid, off, width);
}

static void slot_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width, uint32_t v)
{
    uint8_t *status = &slot.port->cfg[SLTSTA];

    step();
    fake_write(h, rid, off, width, v);
    if (off == SLTSTA)
        *status &= (uint8_t)~v;
    notify();
    if (off != SLTCTL)
        return;
    assert_int_equal(slot.due, NEVER); /* one command at a time */
    slot.due = slot.slowness == NEVER ? NEVER : clock_now_ns() + slot.slowness;
    step();
}

static uint64_t table_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx;
    assert_int_equal(width, 4);
    assert_true(fake_decodes(slot.port));
    return slot.table[off / 4];
}

static void table_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)table_read(ctx, off, width);
    slot.table[off / 4] = (uint32_t)v;
}

static int setup(void **state)
{
    static const struct host_mmio_ops ops = {table_read, table_write};
    struct fake_fn *f;

    (void)state;
    fake_init();
    fake_usual_windows();
    memset(&slot, 0, sizeof(slot));
    slot.due = NEVER;
    slot.table[7] = 1; /* masked, as after reset */
    host_mmio_register(table.base, table.size, &ops, NULL);
    f = slot.port = fake_port(NULL, 1, 0, PCI_PORT_ROOT);
    fake_set(f, PCIE + PCI_EXP_FLAGS, 2, 1u << 9 | PCI_EXP_FLAGS_SLOT | PCI_PORT_ROOT << 4 | 2);
    fake_set(f, SLTCAP, 4, PCI_EXP_SLTCAP_HPC);
    fake_reg(f, SLTCTL, 2, 0x07c0, 0x1fff);
    fake_bar(f, 0, FAKE_MEM32, KIB(4));
    return 0;
}

static void add_msi(void)
{
    fake_cap(slot.port, MSI, PCI_CAP_ID_MSI);
    fake_reg(slot.port, MSI + PCI_MSI_CTRL, 2, PCI_MSI_64, PCI_MSI_MME | PCI_MSI_ENABLE);
    fake_reg(slot.port, MSI + PCI_MSI_ADDR, 4, 0, UINT32_MAX - 3);
    fake_reg(slot.port, MSI + PCI_MSI_ADDR_UPPER, 4, 0, UINT32_MAX);
    fake_reg(slot.port, MSI + PCI_MSI_DATA(true), 2, 0, 0xffff);
}

static void add_msix(void)
{
    fake_cap(slot.port, MSIX, PCI_CAP_ID_MSIX);
    fake_reg(slot.port, MSIX + PCI_MSIX_CTRL, 2, 1, PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL);
    fake_set(slot.port, MSIX + PCI_MSIX_PBA, 4, 0x800);
}

static struct pci_slot start(void)
{
    static const struct pci_host_ops ops = {slot_read, slot_write};

    fake_up();
    fake.host.ops = &ops;
    memcpy(slot.found, slot.port->cfg, sizeof(slot.found));
    return (struct pci_slot){.port = slot.port->found, .table = &table};
}

static void expect_as_found(void)
{
    assert_memory_equal(slot.port->cfg, slot.found, sizeof(slot.found));
    assert_int_equal(slot.table[4] | slot.table[5] | slot.table[6], 0);
    assert_int_equal(slot.table[7], 1);
}

static void send(struct pci_slot *s)
{
    assert_true(pci_slot_can_send(s->port));
    assert_int_equal(pci_slot_send(s, ADDRESS, DATA), 0);
}

static void expect_one_message(void)
{
    assert_int_equal(slot.messages, 1);
    assert_int_equal(slot.address, ADDRESS);
    assert_int_equal(slot.data, DATA);
}

static void sends_once_and_restores(void)
{
    struct pci_slot s = start();

    send(&s);
    expect_one_message();
    pci_slot_restore(&s);
    expect_one_message();
    expect_as_found();
}

/* --- the message --------------------------------------------------------------------------- */

static void by_msi(void **state)
{
    (void)state;
    add_msi();
    sends_once_and_restores();
}

static void by_msix(void **state)
{
    (void)state;
    add_msix();
    sends_once_and_restores();
}

static void by_msi_when_there_are_both(void **state)
{
    (void)state;
    add_msi();
    add_msix();
    sends_once_and_restores();
}

static void an_address_that_does_not_fit(void **state)
{
    (void)state;
    add_msi();
    fake_set(slot.port, MSI + PCI_MSI_CTRL, 2, 0);
    struct pci_slot s = start();
    assert_int_equal(pci_slot_send(&s, UINT64_C(0x148765528), DATA), -RF_EINVAL);
    expect_as_found();
}

static void an_entry_that_is_not_in_the_table(void **state)
{
    (void)state;
    add_msix();
    fake_set(slot.port, PCIE + PCI_EXP_FLAGS, 2, 2u << 9 | PCI_EXP_FLAGS_SLOT | 4 << 4 | 2);
    struct pci_slot s = start();
    assert_int_equal(pci_slot_send(&s, ADDRESS, DATA), -RF_EINVAL);
    expect_as_found();
}

/* --- what firmware may have left ----------------------------------------------------------- */

static void a_completed_command_is_pending(void **state)
{
    (void)state;
    add_msi();
    struct pci_slot s = start();
    slot.port->cfg[SLTSTA] = PCI_EXP_SLTSTA_CC | PDC;
    send(&s);
    expect_one_message();
    pci_slot_restore(&s);
    slot.found[SLTSTA] = PDC; /* not ours to clear */
    expect_as_found();
}

static void interrupts_are_on_and_an_event_waits(void **state)
{
    (void)state;
    add_msi();
    fake_set(slot.port, SLTCTL, 2, PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_CCIE | PDC);
    slot.port->cfg[SLTSTA] = PDC;
    slot.notified = true;
    sends_once_and_restores();
}

static void the_same_interrupt_waits(void **state)
{
    (void)state;
    add_msi();
    fake_set(slot.port, SLTCTL, 2, PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_CCIE);
    struct pci_slot s = start();
    slot.port->cfg[SLTSTA] = PCI_EXP_SLTSTA_CC;
    slot.notified = true;
    send(&s);
    expect_one_message();
    pci_slot_restore(&s);
    expect_one_message();
    expect_as_found();
}

/* --- time ---------------------------------------------------------------------------------- */

static void a_slow_command(void **state)
{
    (void)state;
    add_msix();
    slot.slowness = 300000000;
    struct pci_slot s = start();
    send(&s);
    assert_int_equal(slot.messages, 0);
    pci_slot_restore(&s);
    expect_one_message();
    expect_as_found();
}

static void a_command_that_never_completes(void **state)
{
    (void)state;
    add_msi();
    slot.slowness = NEVER;
    struct pci_slot s = start();
    uint64_t begun = clock_now_ns();
    send(&s);
    pci_slot_restore(&s);
    assert_in_range(clock_now_ns() - begun, UINT64_C(2000000000), UINT64_C(2100000000));
    assert_int_equal(slot.messages, 0);
    expect_as_found();
}

/* --- who cannot ---------------------------------------------------------------------------- */

static void cannot(unsigned off, unsigned width, uint32_t v)
{
    add_msi();
    fake_set(slot.port, off, width, v);
    start();
    assert_false(pci_slot_can_send(slot.port->found));
}

static void a_port_that_is_no_root_port(void **state)
{
    (void)state;
    cannot(PCIE + PCI_EXP_FLAGS, 2, PCI_EXP_FLAGS_SLOT | PCI_PORT_DOWNSTREAM << 4 | 2);
}

static void a_port_without_a_slot(void **state)
{
    (void)state;
    cannot(PCIE + PCI_EXP_FLAGS, 2, PCI_PORT_ROOT << 4 | 2);
}

static void a_slot_without_hot_plug(void **state)
{
    (void)state;
    cannot(SLTCAP, 4, 0);
}

static void a_slot_that_does_not_tell(void **state)
{
    (void)state;
    cannot(SLTCAP, 4, PCI_EXP_SLTCAP_HPC | PCI_EXP_SLTCAP_NCCS);
}

static void a_port_without_messages(void **state)
{
    (void)state;
    start();
    assert_false(pci_slot_can_send(slot.port->found));
}

static void a_table_without_an_address(void **state)
{
    (void)state;
    add_msix();
    fake.host.window_count = 0;
    start();
    assert_false(pci_slot_can_send(slot.port->found));
}

static void a_port_that_is_gone(void **state)
{
    (void)state;
    add_msi();
    start();
    memset(slot.port->cfg, 0xff, sizeof(slot.port->cfg));
    assert_false(pci_slot_can_send(slot.port->found));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(by_msi),
        TEST(by_msix),
        TEST(by_msi_when_there_are_both),
        TEST(an_address_that_does_not_fit),
        TEST(an_entry_that_is_not_in_the_table),
        TEST(a_completed_command_is_pending),
        TEST(interrupts_are_on_and_an_event_waits),
        TEST(the_same_interrupt_waits),
        TEST(a_slow_command),
        TEST(a_command_that_never_completes),
        TEST(a_port_that_is_no_root_port),
        TEST(a_port_without_a_slot),
        TEST(a_slot_without_hot_plug),
        TEST(a_slot_that_does_not_tell),
        TEST(a_port_without_messages),
        TEST(a_table_without_an_address),
        TEST(a_port_that_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
