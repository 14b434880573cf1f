/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/acpi_fixture.h"

/* The heads of tables, MCFG, and MADT of an x86 machine. */

static const uint8_t mcfg[] = {
    U64(0),
    U64(0xe0000000),
    U16(0),
    0,
    0x7f,
    U32(0), /* segment 0 in two pieces */
    U64(0xe0000000),
    U16(0),
    0x80,
    0xff,
    U32(0),
    U64(0x10000000000),
    U16(7),
    0,
    15,
    U32(0),
};
#define AT_MCFG 44

static const uint8_t madt[] = {
    U32(0xfee00000),
    U32(1),
    0,
    8,
    0,
    0,
    U32(1),
    0,
    8,
    1,
    1,
    U32(1),
    0,
    8,
    2,
    2,
    U32(0), /* not enabled */
    9,
    16,
    0,
    0,
    U32(0x100),
    U32(1),
    U32(3),
    1,
    12,
    2,
    0,
    U32(0xfec00000),
    U32(0),
    1,
    12,
    3,
    0,
    U32(0xfec01000),
    U32(24),
    2,
    10,
    0,
    0,
    U32(2),
    U16(0),
    2,
    10,
    0,
    9,
    U32(9),
    U16(0xf),
    4,
    6,
    0xff,
    U16(5),
    1,
    0x7f,
    4,
    1,
    2,
};
#define AT_MADT   44
#define AT_IOAPIC (AT_MADT + 24 + 16)
#define AT_ISO    (AT_IOAPIC + 24)

static int setup(void **state)
{
    acpi_setup(state);
    acpi_add("MCFG", mcfg, sizeof(mcfg));
    acpi_add("APIC", madt, sizeof(madt));
    return 0;
}

static void hosts(void **state)
{
    static const struct {
        uint16_t segment;
        uint8_t first, last;
        uint64_t ecam, ecam_last;
        const char *name;
    } expected[] = {
        {0, 0, 0x7f, 0xe0000000, 0xe7ffffff, "pci@0000:00"},
        {0, 0x80, 0xff, 0xe8000000, 0xefffffff, "pci@0000:80"},
        {7, 0, 15, 0x10000000000, 0x10000ffffff, "pci@0007:00"},
    };
    unsigned frame = 9;
    uint32_t id = 9;

    (void)state;
    acpi_accept();
    assert_int_equal(hw.host_count, ARRAY_SIZE(expected));
    for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
        const struct hw_pci_host *h = &hw.host[i];

        assert_int_equal(h->segment, expected[i].segment);
        assert_int_equal(h->bus_first, expected[i].first);
        assert_int_equal(h->bus_last, expected[i].last);
        assert_int_equal(h->ecam.start, expected[i].ecam);
        assert_int_equal(h->ecam.last, expected[i].ecam_last);
        assert_string_equal(h->name, expected[i].name);
        assert_true(h->coherent);
        assert_int_equal(hwdesc_msi_of(&hw, h, 0x100, &frame, &id), 0);
        assert_int_equal(frame, 0);
    }
}

static void interrupts(void **state)
{
    (void)state;
    acpi_accept();
    assert_string_equal(hw.model, "TEST MACHINE");
    assert_int_equal(hw.cpu_count, 3);
    assert_int_equal(hw.lapic.start, 0xfee00000);
    assert_true(hw.has_8259);
    assert_int_equal(hw.ioapic_count, 2);
    assert_int_equal(hw.ioapic[1].id, 3);
    assert_int_equal(hw.ioapic[1].gsi_base, 24);
    assert_int_equal(hw.ioapic[1].regs.start, 0xfec01000);
    assert_int_equal(hw.override_count, 2);
    assert_int_equal(hw.override[0].gsi, 2);
    assert_false(hw.override[0].level || hw.override[0].active_low);
    assert_true(hw.override[1].level && hw.override[1].active_low);
    assert_int_equal(hw.msi_count, 1);
    assert_int_equal(hw.msi[0].kind, HW_MSI_LAPIC);
    assert_int_equal(hw.msi[0].regs.start, 0xfee00000);
    assert_int_equal(hw.msi[0].regs.last, 0xfeefffff);
    assert_int_equal(hw.oddity_count, 0);
}

static void a_local_apic_elsewhere(void **state)
{
    static const uint8_t moved[] = {U32(0xfee00000), U32(0), 0,  8, 0, 0,
                                    U32(1),          5,      12, 0, 0, U64(0x123456000)};

    (void)state;
    acpi_free();
    acpi_add("APIC", moved, sizeof(moved));
    acpi_accept();
    assert_int_equal(hw.lapic.start, 0x123456000);
    assert_false(hw.has_8259);
}

static void no_tables_at_all(void **state)
{
    (void)state;
    acpi_free();
    acpi_accept();
    assert_int_equal(hw.host_count + hw.iommu_count + hw.msi_count, 0);
}

static void no_configuration_space(void **state)
{
    (void)state;
    acpi_free();
    acpi_add("MCFG", mcfg, 8);
    acpi_accept();
    assert_int_equal(hw.oddity_count, 1);
    assert_non_null(strstr(hw.oddity[0].what, "no PCI device can be found"));
}

static void lies_of_the_mcfg(void **state)
{
    static const struct acpi_lie all[] = {
        {4, 1, {93}, "MCFG+0x4: the header says 93 bytes, there are 92"},
        {4, 1, {35}, "MCFG+0x4: the header says 35 bytes, there are 92"},
        {4, 1, {91}, "MCFG+0x2c: 47 bytes are no whole number of entries"},
        {AT_MCFG, 1, {1}, "MCFG+0x2c: configuration space at 0xe0000001"},
        {AT_MCFG + 2, 2, {0, 0}, "MCFG+0x2c: configuration space at 0"},
        {AT_MCFG + 6, 2, {1, 0}, "ends beyond 48 bits"},
        {AT_MCFG + 11, 1, {0x80}, "buses 0x80..0xff of segment 0 overlap those of pci@0000:00"},
        {AT_MCFG + 16 + 10, 2, {2, 1}, "buses 0x2..0x1 are in the wrong order"},
        {AT_MCFG + 32, 8, {U64(0xe0100000)}, "overlaps configuration space"},
    };

    (void)state;
    acpi_accept();
    acpi_expect_lies(blob[0], all, ARRAY_SIZE(all));
}

static void lies_of_the_madt(void **state)
{
    static const struct acpi_lie all[] = {
        {AT_MADT + 1, 1, {0}, "APIC+0x2c: a structure of type 0 has length 0"},
        {AT_MADT + 1, 1, {1}, "APIC+0x2c: a structure of type 0 has length 1"},
        {AT_MADT + 1, 1, {4}, "APIC+0x2c: Local APIC of 4 bytes; it has at least 8"},
        {AT_MADT + 1, 1, {255}, "has length 255"},
        {AT_IOAPIC + 4, 4, {0}, "I/O APIC at 0"},
        {AT_IOAPIC + 4, 4, {U32(0xe0000000)}, "overlaps I/O APIC 0xe0000000"},
        {AT_IOAPIC + 8, 4, {24}, "I/O APICs 2 and 3 both begin with GSI 24"},
        {AT_ISO + 1, 1, {9}, "Interrupt Source Override of 9 bytes"},
        {36, 4, {0}, "local APIC at 0"},
        {36, 4, {U32(0xfec00000)}, "overlaps I/O APIC"},
    };

    (void)state;
    acpi_accept();
    acpi_expect_lies(blob[1], all, ARRAY_SIZE(all));
}

static void two_of_a_kind(void **state)
{
    (void)state;
    acpi_add("MCFG", mcfg, sizeof(mcfg));
    assert_int_equal(acpi_parse(), -RF_EINVAL);
    assert_non_null(strstr(why, "MCFG+0: there are two of these tables"));
}

static void a_wrong_checksum(void **state)
{
    (void)state;
    ((uint8_t *)blob[1].data)[9]++;
    assert_int_equal(acpi_parse(), -RF_EINVAL);
    assert_string_equal(why, "APIC+0x9: the checksum is wrong: the bytes add up to 0x1, not 0");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, acpi_teardown)
    const struct CMUnitTest tests[] = {
        TEST(hosts),
        TEST(interrupts),
        TEST(a_local_apic_elsewhere),
        TEST(no_tables_at_all),
        TEST(no_configuration_space),
        TEST(lies_of_the_mcfg),
        TEST(lies_of_the_madt),
        TEST(two_of_a_kind),
        TEST(a_wrong_checksum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
