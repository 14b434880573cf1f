/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/acpi_fixture.h"

/* DMAR (VT-d 8): units, scopes and reserved regions; which unit covers a function. */

#define DRHD(len, flags, segment, base) U16(0), U16(len), U8(flags), U8(0), U16(segment), U64(base)
#define RMRR(len, segment, base, limit) \
    U16(1), U16(len), U16(0), U16(segment), U64(base), U64(limit)
#define ENDPOINT(bus, dev, fn)          1, 8, 0, 0, 0, bus, dev, fn
#define BRIDGE(bus, dev, fn)            2, 8, 0, 0, 0, bus, dev, fn
#define BEHIND(bus, dev, fn, dev2, fn2) 1, 10, 0, 0, 0, bus, dev, fn, dev2, fn2
#define IOAPIC(id, bus, dev, fn)        3, 8, 0, 0, id, bus, dev, fn
#define HPET(id, bus, dev, fn)          4, 8, 0, 0, id, bus, dev, fn

/* Offsets of the structures below, as lies name them. */
#define AT_GFX  48
#define AT_SUB  (AT_GFX + 24)
#define AT_ALL  (AT_SUB + 34)
#define AT_RMRR (AT_ALL + 32)
#define AT_ATSR (AT_RMRR + 32)
#define AT_RHSA (AT_ATSR + 16)
#define AT_ANDD (AT_RHSA + 20)
#define AT_SATC (AT_ANDD + 16)

static const uint8_t machine[] = {
    38,
    0x1 | 0x4,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    DRHD(24, 0, 0, 0xfed90000),
    ENDPOINT(0, 2, 0),
    DRHD(34, 0, 0, 0xfed91000),
    BRIDGE(0, 0x1c, 0),
    BEHIND(0, 0x1d, 0, 3, 1),
    DRHD(32, 1, 0, 0xfed92000),
    IOAPIC(2, 0xf0, 0x1f, 0),
    HPET(0, 0xf0, 0xf, 0),
    RMRR(32, 0, 0x7b800000, 0x7fffffff),
    ENDPOINT(0, 2, 0),
    U16(2),
    U16(16),
    0,
    0,
    U16(0),
    BRIDGE(0, 1, 0),
    U16(3),
    U16(20),
    U32(0),
    U64(0xfed90000),
    U32(1),
    U16(4),
    U16(16),
    0,
    0,
    0,
    1,
    '\\',
    '_',
    'S',
    'B',
    '.',
    'D',
    'E',
    0,
    U16(5),
    U16(16),
    1,
    0,
    U16(0),
    ENDPOINT(0, 9, 0),
    U16(6),
    U16(16),
    0,
    0,
    U16(0),
    ENDPOINT(0, 10, 0),
    U16(77),
    U16(8),
    1,
    2,
    3,
    4, /* a type of the future */
};
static const uint8_t mcfg[] = {U64(0), U64(0xc0000000), U16(0), 0, 63, U32(0)};

static struct acpi_blob dmar;

static int setup(void **state)
{
    acpi_setup(state);
    acpi_add("MCFG", mcfg, sizeof(mcfg));
    dmar = acpi_add("DMAR", machine, sizeof(machine));
    return 0;
}

/* A root port 00:1c.0 with buses 1 to 3, and another 00:1d.0 with bus 4. */
static bool buses(void *ctx, uint16_t segment, uint16_t rid, uint8_t *first, uint8_t *last)
{
    *first = rid == 0x00e0 ? 1 : 4;
    *last = rid == 0x00e0 ? 3 : 4;
    (*(unsigned *)ctx)++;
    return segment == 0 && (rid == 0x00e0 || rid == 0x00e8);
}

static bool no_bridges(void *ctx, uint16_t segment, uint16_t rid, uint8_t *first, uint8_t *last)
{
    (void)ctx;
    (void)segment;
    (void)rid;
    (void)first;
    (void)last;
    return false;
}

static void units(void **state)
{
    (void)state;
    acpi_accept();
    assert_true(hw.dmar.present && hw.dmar.intr_remap && hw.dmar.dma_opt_in);
    assert_false(hw.dmar.x2apic_opt_out);
    assert_int_equal(hw.dmar.address_bits, 39);
    assert_int_equal(hw.iommu_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(hw.iommu[i].kind, HW_VTD);
        assert_int_equal(hw.iommu[i].regs.start, 0xfed90000 + 0x1000 * i);
        assert_int_equal(hw.iommu[i].regs.last, 0xfed90fff + 0x1000 * i);
        assert_int_equal(hw.iommu[i].include_all, i == 2);
    }
    assert_string_equal(hw.iommu[1].name, "vtd@fed91000");
    assert_int_equal(hw.scope_count, 6); /* those of ATSR, SATC and SIDP are not kept */
}

static void reserved_regions(void **state)
{
    static const struct hw_pci_host elsewhere = {.segment = 1};

    (void)state;
    acpi_accept();
    assert_int_equal(hw.iova_count, 1);
    const struct hw_iova *win = &hw.iova[0];
    assert_int_equal(win->iova.start, 0x7b800000);
    assert_int_equal(win->iova.last, 0x7fffffff);
    assert_true(win->direct);
    assert_string_equal(win->name, "rmrr");
    assert_true(hwdesc_iova_is_of(&hw, win, &hw.host[0], 0x0010));
    assert_false(hwdesc_iova_is_of(&hw, win, &hw.host[0], 0x0011));
    assert_false(hwdesc_iova_is_of(&hw, win, &elsewhere, 0x0010));
    assert_true(hwdesc_firmware_uses(&hw, &hw.host[0], 0x0010));
    assert_false(hwdesc_firmware_uses(&hw, &hw.host[0], 0x0011));
}

static void expect_unit(uint16_t rid, int expected)
{
    unsigned unit = 9;
    uint32_t stream = 0;
    int err = hwdesc_stream_of(&hw, &hw.host[0], rid, &unit, &stream);

    if (expected < 0) {
        assert_int_equal(err, expected);
        return;
    }
    assert_int_equal(err, 0);
    assert_int_equal(unit, expected);
    assert_int_equal(stream, rid);
}

static void paths_wait_for_bus_numbers(void **state)
{
    unsigned reads = 0;

    (void)state;
    acpi_accept();
    expect_unit(0x0010, 0);          /* a unit of its own */
    expect_unit(0x00e0, 1);          /* the root port itself */
    expect_unit(0x00f8, 2);          /* everything else */
    expect_unit(0x0100, -RF_EAGAIN); /* behind which root port? */

    hwdesc_resolve_scopes(&hw, buses, &reads);
    assert_int_equal(reads, 2);
    expect_unit(0x0100, 1);
    expect_unit(0x0300, 1);
    expect_unit(0x0419, 1); /* 1d.0 -> 3.1 */
    expect_unit(0x0418, 2);
    expect_unit(0x0500, 2);
}

/* The display device's unit has its virtual functions too, wherever their numbers lead. */
static void virtual_functions_are_with_their_physical_one(void **state)
{
    static const uint16_t rids[] = {0x0011, 0x0090, 0x0510};

    (void)state;
    acpi_accept();
    hwdesc_resolve_scopes(&hw, no_bridges, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(rids); i++) {
        unsigned unit = 9;
        uint32_t stream = 0;

        expect_unit(rids[i], 2);
        assert_int_equal(hwdesc_stream_of_vf(&hw, &hw.host[0], rids[i], 0x0010, &unit, &stream), 0);
        assert_int_equal(unit, 0);
        assert_int_equal(stream, rids[i]);
    }
}

static void a_path_through_no_bridge_names_nothing(void **state)
{
    (void)state;
    acpi_accept();
    hwdesc_resolve_scopes(&hw, no_bridges, NULL);
    expect_unit(0x0100, 2);
    expect_unit(0x00e0, 1);
}

static void without_include_all_a_function_may_have_no_unit(void **state)
{
    uint8_t *p = (uint8_t *)dmar.data;

    (void)state;
    p[AT_ALL + 4] = 0;
    acpi_seal(dmar);
    acpi_accept();
    expect_unit(0x00f8, -RF_ENODEV);
}

static void sources_of_interrupts(void **state)
{
    unsigned unit = 9;
    uint16_t rid = 0;

    (void)state;
    acpi_accept();
    assert_int_equal(hwdesc_source_of(&hw, HW_SCOPE_IOAPIC, 2, &unit, &rid), 0);
    assert_int_equal(unit, 2);
    assert_int_equal(rid, 0xf0f8);
    assert_int_equal(hwdesc_source_of(&hw, HW_SCOPE_HPET, 0, &unit, &rid), 0);
    assert_int_equal(rid, 0xf078);
    assert_int_equal(hwdesc_source_of(&hw, HW_SCOPE_IOAPIC, 3, &unit, &rid), -RF_ENODEV);
}

static void a_unit_without_registers_keeps_its_devices(void **state)
{
    uint8_t *p = (uint8_t *)dmar.data;

    (void)state;
    memset(p + AT_GFX + 8, 0, 8);
    acpi_seal(dmar);
    acpi_accept();
    assert_true(hw.iommu[0].disabled);
    assert_int_equal(hw.oddity_count, 2); /* and the SATC */
    assert_string_equal(hw.oddity[0].table, "DMAR");
    assert_int_equal(hw.oddity[0].offset, AT_GFX);
    expect_unit(0x0010, 0); /* and not the one that has INCLUDE_PCI_ALL */
}

static void lies(void **state)
{
    static const struct acpi_lie all[] = {
        {AT_GFX + 2, 2, {0, 0}, "DMAR+0x30: a structure of type 0 has length 0"},
        {AT_GFX + 2, 2, {3, 0}, "DMAR+0x30: a structure of type 0 has length 3"},
        {AT_GFX + 2, 2, {8, 0}, "DMAR+0x30: DRHD of 8 bytes; it has at least 16"},
        {AT_GFX + 2, 2, {0xff, 0xff}, "has length 65535"},
        {AT_GFX + 8, 2, {1, 0}, "DMAR+0x30: IOMMU registers at 0xfed90001"},
        {AT_GFX + 14, 2, {1, 0}, "ends beyond 48 bits"},
        {AT_SUB + 8, 8, {U64(0xfed90000)}, "overlaps IOMMU registers 0xfed90000..0xfed90fff"},
        {AT_SUB + 8, 8, {U64(0xc0100000)}, "overlaps configuration space"},
        {AT_SUB + 4, 1, {1}, "vtd@fed91000 has INCLUDE_PCI_ALL of segment 0 too"},
        {AT_GFX + 17, 1, {0}, "DMAR+0x40: a structure of type 1 has length 0"},
        {AT_GFX + 17, 1, {9}, "DMAR+0x40: a structure of type 1 has length 9, and 8 bytes"},
        {AT_GFX + 17, 1, {6}, "DMAR+0x40: a scope with a path of 0 bytes"},
        {AT_GFX + 17, 1, {7}, "a scope with a path of 1 bytes"},
        {AT_GFX + 22, 1, {32}, "device 0x20, function 0"},
        {AT_GFX + 23, 1, {8}, "device 0x2, function 8"},
        {AT_RMRR + 8, 1, {1}, "which is no whole pages"},
        {AT_RMRR + 16, 1, {0}, "which is no whole pages"},
        {AT_RMRR + 16, 8, {U64(0x7b7fffff)}, "which is no whole pages"},
        {AT_RMRR + 16, 8, {U64(0xcfffffff)}, "overlaps configuration space"},
        {AT_RMRR + 16, 8, {U64(0x8000000fff)}, "and addresses have 39 bits"},
        {AT_RMRR + 8, 16, {U64(0xfee00000), U64(0xfee00fff)}, "in the interrupt address range"},
        {AT_RMRR + 8, 16, {U64(0xfed90000), U64(0xfed90fff)}, "overlaps IOMMU registers"},
        {AT_ATSR + 9, 1, {20}, "DMAR+0xb2: a structure of type 2 has length 20"},
        {AT_RHSA + 2, 1, {16}, "RHSA of 16 bytes; it has at least 20"},
        {AT_ANDD + 15, 1, {'X'}, "is not terminated"},
        {AT_SATC + 14, 1, {99}, "device 0x63"},
    };

    (void)state;
    acpi_accept();
    acpi_expect_lies(dmar, all, ARRAY_SIZE(all));
}

static void a_region_of_no_device_is_left_out(void **state)
{
    uint8_t *p = (uint8_t *)dmar.data;

    (void)state;
    p[AT_RMRR + 24] = 99; /* its only scope is of an unknown type */
    acpi_seal(dmar);
    acpi_accept();
    assert_int_equal(hw.iova_count, 0);
    assert_int_equal(hw.oddity_count, 2);
}

static void more_scopes_than_fit(void **state)
{
    static const uint8_t scope[] = {ENDPOINT(0, 1, 0)};
    static uint8_t body[12 + 16 + 8 * (HW_SCOPES + 1)];
    const uint8_t drhd[] = {DRHD(sizeof(body) - 12, 0, 0, 0xfed90000)};

    (void)state;
    acpi_free();
    memcpy(body + 12, drhd, sizeof(drhd));
    for (unsigned i = 0; i <= HW_SCOPES; i++)
        memcpy(body + 28 + sizeof(scope) * i, scope, sizeof(scope));
    acpi_add("DMAR", body, sizeof(body));
    assert_int_equal(acpi_parse(), -RF_ENOSPC);
    assert_non_null(strstr(why, "more than 512 scopes"));
}

/* Every table that ends early is refused or understood, and never read beyond its end. */
static void cut_short(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < dmar.size; n++) {
        acpi_free();
        acpi_add("DMAR", machine, n > ACPI_HEADER_SIZE ? n - ACPI_HEADER_SIZE : 0);
        acpi_parse();
    }
}

/* Whatever a byte says, no read outside the table and nothing undefined. */
static void damaged_anywhere(void **state)
{
    static const uint8_t values[] = {0, 1, 7, 0x7f, 0xff};
    uint8_t *p = (uint8_t *)dmar.data;

    (void)state;
    for (uint32_t i = ACPI_HEADER_SIZE; i < dmar.size; i++) {
        const uint8_t truth = p[i];

        for (unsigned n = 0; n < ARRAY_SIZE(values); n++) {
            p[i] = values[n];
            acpi_seal(dmar);
            if (acpi_parse() == 0)
                hwdesc_resolve_scopes(&hw, no_bridges, NULL);
        }
        p[i] = truth;
    }
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, acpi_teardown)
    const struct CMUnitTest tests[] = {
        TEST(units),
        TEST(reserved_regions),
        TEST(paths_wait_for_bus_numbers),
        TEST(virtual_functions_are_with_their_physical_one),
        TEST(a_path_through_no_bridge_names_nothing),
        TEST(without_include_all_a_function_may_have_no_unit),
        TEST(sources_of_interrupts),
        TEST(a_unit_without_registers_keeps_its_devices),
        TEST(lies),
        TEST(a_region_of_no_device_is_left_out),
        TEST(more_scopes_than_fit),
        TEST(cut_short),
        TEST(damaged_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
