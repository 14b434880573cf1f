/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/acpi_fixture.h"

/* What is neither PCI nor IOMMU: the GIC of a MADT, FADT and the DSDT's \_S5, SPCR, GTDT. */

static void at(uint8_t *body, uint32_t offset, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        body[offset - ACPI_HEADER_SIZE + i] = (uint8_t)(value >> 8 * i);
}

static void gas(uint8_t *body, uint32_t offset, uint8_t space, uint8_t bits, uint64_t address)
{
    at(body, offset, space, 1);
    at(body, offset + 1, bits, 1);
    at(body, offset + 4, address, 8);
}

/* --- GIC ----------------------------------------------------------------------------------- */

#define GICC(flags, base, gicr)                                                                   \
    11, 80, 0, 0, U32(0), U32(0), U32(flags), U32(0), U32(23), U64(0), U64(base), U64(0), U64(0), \
        U32(0), U64(gicr), U64(0), U32(0)
#define GICD(base, version) 12, 24, 0, 0, U32(0), U64(base), U32(0), version, 0, 0, 0
#define ITS(id, base)       15, 20, 0, 0, U32(id), U64(base), U32(0)
#define GICR(base, size)    14, 16, 0, 0, U64(base), U32(size)
#define V2M(base, flags, count, first) \
    13, 24, 0, 0, U32(0), U64(base), U32(flags), U16(count), U16(first)

static void a_gicv2_with_a_frame(void **state)
{
    static const uint8_t madt[] = {
        U32(0),
        U32(0),
        GICC(1, 0x8010000, 0),
        GICC(1, 0x8010000, 0),
        GICC(0, 0x8010000, 0),
        GICD(0x8000000, 2),
        V2M(0x8020000, 1, 64, 80),
        V2M(0x8021000, 0, 1, 1),
    };

    (void)state;
    acpi_add("APIC", madt, sizeof(madt));
    acpi_accept();
    assert_int_equal(hw.cpu_count, 2);
    assert_int_equal(hw.gic.version, 2);
    assert_int_equal(hw.gic.dist.start, 0x8000000);
    assert_int_equal(hw.gic.dist.last, 0x8000fff);
    assert_int_equal(hw.gic.cpu.start, 0x8010000);
    assert_int_equal(hw.gic.cpu.last, 0x8011fff);
    assert_int_equal(hw.msi_count, 2);
    assert_int_equal(hw.msi[0].kind, HW_MSI_V2M);
    assert_string_equal(hw.msi[0].name, "v2m@8020000");
    assert_int_equal(hw.msi[0].spi_base, 80);
    assert_int_equal(hw.msi[0].spi_count, 64);
    assert_int_equal(hw.msi[0].alone_lg2, 12);
    assert_int_equal(hw.msi[1].spi_count, 0); /* no override: MSI_TYPER tells */
    assert_int_equal(hw.lapic.last, 0);
}

static void a_gicv3(void **state)
{
    static const uint8_t madt[] = {U32(0), U32(0), GICC(1, 0, 0x80a0000), GICD(0x8000000, 0)};

    (void)state;
    acpi_add("APIC", madt, sizeof(madt));
    acpi_accept();
    assert_int_equal(hw.gic.version, 3); /* the table leaves it out, redistributors tell */
    assert_int_equal(hw.gic.dist.last, 0x800ffff);
    assert_int_equal(hw.gic.redist_count, 1);
    assert_int_equal(hw.gic.redist[0].start, 0x80a0000);
    assert_int_equal(hw.gic.redist[0].last, 0x80bffff);
}

/* One by one, but for CPUs that are off, or in regions, which count then. */
static void redistributors(void **state)
{
    static const uint8_t one_by_one[] = {
        U32(0),
        U32(0),
        GICC(1, 0, 0x80a0000),
        GICC(0, 0, 0x80e0000),
        GICC(1, 0, 0x80a0000),
        GICC(1, 0, 0x80c0000),
        GICD(0x8000000, 4),
    };
    static const uint8_t regions[] = {
        U32(0),
        U32(0),
        GICC(1, 0, 0x80a0000),
        GICR(0x80a0000, 0x80000),
        GICR(0x9000000, 0x40000),
        GICC(1, 0, 0x80c0000),
        GICD(0x8000000, 3),
    };

    (void)state;
    acpi_add("APIC", one_by_one, sizeof(one_by_one));
    acpi_accept();
    assert_int_equal(hw.gic.version, 3);
    assert_int_equal(hw.gic.redist_count, 2);
    assert_int_equal(hw.gic.redist[1].start, 0x80c0000);
    assert_int_equal(hw.gic.redist[1].last, 0x80dffff);
    acpi_free();
    acpi_add("APIC", regions, sizeof(regions));
    acpi_accept();
    assert_int_equal(hw.gic.redist_count, 2);
    assert_int_equal(hw.gic.redist[0].last, 0x811ffff);
    assert_int_equal(hw.gic.redist[1].start, 0x9000000);
}

/* Said at any of them, it is so of all. */
static void caches_that_are_not_snooped(void **state)
{
    static const uint8_t madt[] = {
        U32(0),
        U32(0),
        GICC(1, 0, 0),
        GICR(0x80a0000, 0x80000),
        GICD(0x8000000, 3),
        ITS(0, 0x9000000),
    };
    const unsigned gicc_flags = 44 + 12, gicr_flags = 44 + 80 + 2,
                   its_flags = 44 + 80 + 16 + 24 + 2;
    static const struct {
        bool gicc, gicr, its;
    } cases[] = {
        {false, false, false}, {true, false, false}, {false, true, false}, {false, false, true}};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        struct acpi_blob b = acpi_add("APIC", madt, sizeof(madt));
        uint8_t *raw = (uint8_t *)(uintptr_t)b.data;

        raw[gicc_flags] |= cases[i].gicc ? 16 : 0;
        raw[gicr_flags] |= cases[i].gicr;
        raw[its_flags] |= cases[i].its;
        acpi_seal(b);
        acpi_accept();
        assert_int_equal(hw.gic.noncoherent, cases[i].gicc || cases[i].gicr);
        assert_int_equal(hw.msi[0].noncoherent, cases[i].its);
        acpi_free();
    }
}

static void lies_of_a_gicv3(void **state)
{
    static const uint8_t madt[] = {
        U32(0), U32(0), GICR(0x80a0000, 0x80000), GICR(0x9000000, 0x40000), GICD(0x8000000, 3),
    };
    static const struct acpi_lie all[] = {
        {44 + 16 + 4, 4, {U32(0x8100000)}, "GIC redistributors"},
        {44 + 4, 4, {U32(0)}, "GIC redistributors at 0"},
        {44 + 12, 4, {U32(0)}, "GIC redistributors"},
        {44 + 32 + 8, 4, {U32(0x80a0000)}, "overlaps GIC redistributors"},
    };

    (void)state;
    acpi_add("APIC", madt, sizeof(madt));
    acpi_accept();
    acpi_expect_lies(blob[0], all, ARRAY_SIZE(all));
}

static void lies_of_the_gic(void **state)
{
    static const uint8_t madt[] = {U32(0),
                                   U32(0),
                                   GICC(1, 0x8010000, 0),
                                   GICD(0x8000000, 2),
                                   V2M(0x8020000, 1, 64, 80),
                                   V2M(0x8021000, 0, 0, 0)};
    static const struct acpi_lie all[] = {
        {44 + 1, 1, {39}, "GIC CPU Interface of 39 bytes"},
        {44 + 32, 4, {U32(0)}, "GIC CPU interface at 0"},
        {44 + 80 + 8, 4, {U32(0x8020000)}, "overlaps MSI frame"},
        {44 + 104 + 8, 4, {U32(0x8020001)}, "MSI frame at 0x8020001"},
        {44 + 104 + 20, 1, {0}, "an MSI frame with 0 interrupts from 80 on"},
        {44 + 128 + 8, 4, {U32(0x8020000)}, "overlaps MSI frame"},
        {44 + 104, 1, {12}, "a second GIC distributor"},
    };

    (void)state;
    acpi_add("APIC", madt, sizeof(madt));
    acpi_accept();
    acpi_expect_lies(blob[0], all, ARRAY_SIZE(all));
}

/* --- power --------------------------------------------------------------------------------- */

#define FADT_BODY (276 - ACPI_HEADER_SIZE)

static void power_of_a_pc(void **state)
{
    static const uint8_t dsdt[] = {
        0x10, 0x20, 0x08, '_', 'S', '5',  'X',  0x12, /* not it */
        0x08, '_',  'S',  '5', '_', 0x12, 0x08, 0x04, 0x0a, 0x05, 0x01, 0x00, 0x00,
    };
    uint8_t fadt[FADT_BODY] = {0};

    (void)state;
    at(fadt, 48, 0xb2, 4);
    at(fadt, 52, 0xf1, 1);
    at(fadt, 64, 0x604, 4);
    at(fadt, 112, 1u << 10, 4);
    gas(fadt, 116, 1, 8, 0xcf9);
    at(fadt, 128, 0x0f, 1);
    acpi_add("FACP", fadt, sizeof(fadt));
    acpi_add("DSDT", dsdt, sizeof(dsdt));
    acpi_accept();
    assert_int_equal(hw.power.pm1a.space, HW_REG_PORT);
    assert_int_equal(hw.power.pm1a.address, 0x604);
    assert_int_equal(hw.power.pm1b.space, HW_REG_NONE);
    assert_int_equal(hw.power.smi_port, 0xb2);
    assert_int_equal(hw.power.acpi_enable, 0xf1);
    assert_int_equal(hw.power.reset.space, HW_REG_PORT);
    assert_int_equal(hw.power.reset.address, 0xcf9);
    assert_int_equal(hw.power.reset_value, 0x0f);
    assert_true(hw.power.has_s5);
    assert_int_equal(hw.power.slp_typ_a, 5);
    assert_int_equal(hw.power.slp_typ_b, 1);
    assert_int_equal(hw.psci, HW_PSCI_NONE);
}

/* The extended address wins; a reset register without its flag is none. */
static void extended_registers(void **state)
{
    uint8_t fadt[FADT_BODY] = {0};

    (void)state;
    at(fadt, 64, 0x604, 4);
    gas(fadt, 116, 1, 8, 0xcf9);
    gas(fadt, 172, 0, 16, 0xfed40000);
    acpi_add("FACP", fadt, sizeof(fadt));
    acpi_accept();
    assert_int_equal(hw.power.pm1a.space, HW_REG_MEMORY);
    assert_int_equal(hw.power.pm1a.address, 0xfed40000);
    assert_int_equal(hw.power.reset.space, HW_REG_NONE);
}

static void psci(void **state)
{
    static const struct {
        uint8_t flags;
        int psci;
    } cases[] = {{0, HW_PSCI_NONE}, {1, HW_PSCI_SMC}, {3, HW_PSCI_HVC}, {2, HW_PSCI_NONE}};
    uint8_t fadt[FADT_BODY] = {0};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        at(fadt, 129, cases[i].flags, 1);
        acpi_add("FACP", fadt, sizeof(fadt));
        acpi_accept();
        assert_int_equal(hw.psci, cases[i].psci);
        acpi_free();
    }
}

/* Whatever stands where \_S5 should, nothing is guessed. */
static void no_soft_off(void **state)
{
    static const uint8_t tables[][12] = {
        {0x08, '_', 'S', '5', '_'},                                  /* cut */
        {0x08, '_', 'S', '5', '_', 0x0a, 5},                         /* no package */
        {0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x01, 0x0a, 5, 0, 0}, /* of one element */
        {0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x02, 0x0a, 8, 0, 0}, /* SLP_TYP has 3 bits */
        {0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x02, 0x0c, 5, 0, 0}, /* neither byte nor 0 nor 1 */
        {0, 0, 0, 0, 0, 0x08, '_', 'S', '5', '_', 0x12, 0xc8},       /* ends in the length */
        {0, 0, 0, 0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x02, 0x0a}, /* ends in a number */
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(tables); i++) {
        acpi_add("DSDT", tables[i], sizeof(tables[i]));
        acpi_accept();
        assert_false(hw.power.has_s5);
        acpi_free();
    }
}

static void the_name_with_a_backslash(void **state)
{
    static const uint8_t dsdt[] = {0x08, '\\', '_', 'S',  '5', '_', 0x12,
                                   0x44, 0x00, 4,   0x0a, 7,   0,   0};

    (void)state;
    acpi_add("DSDT", dsdt, sizeof(dsdt));
    acpi_accept();
    assert_true(hw.power.has_s5);
    assert_int_equal(hw.power.slp_typ_a, 7);
}

/* --- console and timer --------------------------------------------------------------------- */

static void consoles(void **state)
{
    static const struct {
        uint8_t type, space, bits;
        uint64_t base;
        enum hw_uart_kind kind;
        bool ports;
        unsigned odd;
    } cases[] = {
        {3, 0, 32, 0x9000000, HW_UART_PL011, false, 0},
        {0x0e, 0, 32, 0x9000000, HW_UART_PL011, false, 0},
        {0, 1, 8, 0x3f8, HW_UART_16550, true, 0},
        {0x12, 0, 8, 0xfe030000, HW_UART_16550, false, 0},
        {0x12, 0, 32, 0xfe030000, HW_UART_NONE, false, 1}, /* registers of 32 bits */
        {0x42, 0, 32, 0xfe030000, HW_UART_NONE, false, 1},
        {3, 0, 32, 0, HW_UART_NONE, false, 0}, /* no console */
        {0, 2, 8, 0x10, HW_UART_NONE, false, 0},
    };
    uint8_t spcr[80 - ACPI_HEADER_SIZE] = {0};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        at(spcr, 36, cases[i].type, 1);
        gas(spcr, 40, cases[i].space, cases[i].bits, cases[i].base);
        acpi_add("SPCR", spcr, sizeof(spcr));
        acpi_accept();
        assert_int_equal(hw.uart.kind, cases[i].kind);
        assert_int_equal(hw.oddity_count, cases[i].odd);
        if (cases[i].kind != HW_UART_NONE) {
            assert_int_equal(hw.uart.regs.start, cases[i].base);
            assert_int_equal(hw.uart.ports, cases[i].ports);
        }
        acpi_free();
    }
}

static void timer(void **state)
{
    static const struct acpi_lie all[] = {
        {64, 4, {U32(32)}, "GTDT+0x40: the virtual timer has interrupt 32, which is no PPI"},
        {64, 4, {U32(15)}, "which is no PPI"},
    };
    uint8_t gtdt[96 - ACPI_HEADER_SIZE] = {0};

    (void)state;
    at(gtdt, 64, 27, 4);
    acpi_add("GTDT", gtdt, sizeof(gtdt));
    acpi_accept();
    assert_int_equal(hw.timer_irq, 27);
    acpi_expect_lies(blob[0], all, ARRAY_SIZE(all));
}

static void tables_that_are_too_short(void **state)
{
    static const struct {
        const char *signature;
        const char *why;
    } cases[] = {
        {"SPCR", "SPCR+0: 40 bytes; it has at least 52"},
        {"GTDT", "GTDT+0: 40 bytes; it has at least 80"},
        {"DMAR", "DMAR+0: 40 bytes, the fixed part alone has 48"},
        {"IORT", "the nodes begin at 0 of 0x28"},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        acpi_add(cases[i].signature, (const uint8_t[4]){0}, 4);
        assert_int_equal(acpi_parse(), -RF_EINVAL);
        assert_non_null(strstr(why, cases[i].why));
        acpi_free();
    }
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, acpi_setup, acpi_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_gicv2_with_a_frame),
        TEST(a_gicv3),
        TEST(redistributors),
        TEST(caches_that_are_not_snooped),
        TEST(lies_of_a_gicv3),
        TEST(lies_of_the_gic),
        TEST(power_of_a_pc),
        TEST(extended_registers),
        TEST(psci),
        TEST(no_soft_off),
        TEST(the_name_with_a_backslash),
        TEST(consoles),
        TEST(timer),
        TEST(tables_that_are_too_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
