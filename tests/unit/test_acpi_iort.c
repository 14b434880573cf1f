/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/iort_bytes.h"

/* IORT (DEN 0049E.e): SMMUs, and where requesters go through them. */

static const uint8_t mcfg[] = {
    U64(0), U64(0x4010000000), U16(0), 0, 255, U32(0), U64(0x4020000000), U16(1), 0, 31, U32(0),
};

static const uint8_t madt[] = {
    U32(0),
    U32(0),
    12,
    24,
    0,
    0,
    U32(0),
    U64(0x8000000),
    U32(0),
    3,
    0,
    0,
    0,
    14,
    16,
    0,
    0,
    U64(0x80a0000),
    U32(0xf60000),
    15,
    20,
    0,
    0,
    U32(0),
    U64(0x8080000),
    U32(0),
    15,
    20,
    0,
    0,
    U32(5),
    U64(0x7000000),
    U32(0),
};

#define AT_ITS0  IORT_FIRST
#define AT_ITS5  (AT_ITS0 + ITS_GROUP_SIZE)
#define AT_RC0   (AT_ITS5 + ITS_GROUP_SIZE)
#define AT_SMMU3 (AT_RC0 + RC_SIZE(3))
#define AT_SMMU2 (AT_SMMU3 + SMMUV3_SIZE(2))
#define AT_RC1   (AT_SMMU2 + SMMUV2_SIZE(1))
#define AT_RMR   (AT_RC1 + RC_SIZE(1))

/* Segment 0: buses 0 to 0x7f through the SMMUv3, 0x80 to 0xbf through the SMMUv2, the rest around
 * both. Segment 1: all through the SMMUv3, as one stream. */
static const uint8_t machine[] = {
    IORT_FIXED(7),
    ITS_GROUP(0),
    ITS_GROUP(5),
    ROOT_COMPLEX(3, 0, 1, 40),
    MAP(0x0000, 0x7fff, 0x10000, AT_SMMU3, 0),
    MAP(0x8000, 0x3fff, 0x0000, AT_SMMU2, 0),
    MAP(0xc000, 0x3fff, 0xc000, AT_ITS0, 0),
    SMMUV3(2, 0x9050000, 1, 0),
    MAP(0x10000, 0xffff, 0x20000, AT_ITS0, 0),
    MAP(0, 0, 0x77, AT_ITS0, 1), /* its own interrupts */
    SMMUV2(1, 0xe0a00000, 0x10000, 4),
    MAP(0, 0xffff, 0x8000, AT_ITS5, 0),
    ROOT_COMPLEX(1, 1, 0, 0),
    MAP(0, 0, 0x1ffff, AT_SMMU3, 1),
    RMR(2, 1, 1),
    MAP(0, 0, 0x10100, AT_SMMU3, 0),
    MAP(0, 15, 0x10200, AT_SMMU3, 0),
    RMR_RANGE(0x80000000, 0x10000),
};

static struct acpi_blob iort;

static int setup(void **state)
{
    acpi_setup(state);
    acpi_add("APIC", madt, sizeof(madt));
    acpi_add("MCFG", mcfg, sizeof(mcfg));
    iort = acpi_add("IORT", machine, sizeof(machine));
    return 0;
}

static void patch(uint32_t at, uint8_t value)
{
    ((uint8_t *)iort.data)[at] = value;
    acpi_seal(iort);
}

static void smmus(void **state)
{
    (void)state;
    acpi_accept();
    assert_int_equal(hw.iommu_count, 2);
    const struct hw_iommu *v3 = &hw.iommu[0], *v2 = &hw.iommu[1];
    assert_int_equal(v3->kind, HW_SMMUV3);
    assert_string_equal(v3->name, "smmuv3@9050000");
    assert_int_equal(v3->regs.last, 0x906ffff);
    assert_true(v3->coherent && !v3->page0_only && !v3->broken_prefetch);
    assert_int_equal(v3->eventq.id, 106);
    assert_int_equal(v3->priq.id, 107);
    assert_int_equal(v3->cmdq_sync.id, 108);
    assert_int_equal(v3->gerror.id, 109);
    assert_true(v3->eventq.edge && v3->gerror.edge);
    assert_int_equal(v2->kind, HW_SMMUV2);
    assert_int_equal(v2->regs.start, 0xe0a00000);
    assert_int_equal(v2->regs.last, 0xe0a0ffff);
    assert_int_equal(v2->combined.id, 333);
    assert_true(v2->combined.edge && v2->coherent);
}

/* DEN 0049E.e table 13. */
static void parts_of_smmuv2(void **state)
{
    static const enum hw_smmu_part parts[] = {
        HW_SMMU_V1, HW_SMMU_V2, HW_SMMU_V1, HW_SMMU_MMU500, HW_SMMU_MMU401, HW_SMMU_CAVIUM,
    };
    const struct hw_iommu *u = &hw.iommu[1];

    (void)state;
    for (uint32_t model = 0; model < ARRAY_SIZE(parts); model++) {
        patch(AT_SMMU2 + 32, model);
        acpi_accept();
        assert_int_equal(u->part, parts[model]);
        assert_int_equal(u->context[0].id, 0);
    }
    patch(AT_SMMU2 + 44, 2);
    patch(AT_SMMU2 + 48, 60);
    acpi_accept();
    assert_int_equal(u->context[0].id, 333);
    assert_true(u->context[0].edge);
    assert_int_equal(u->context[1].id, 0);
}

static void models_with_errata(void **state)
{
    (void)state;
    patch(AT_SMMU3 + 40, 1);
    acpi_accept();
    assert_true(hw.iommu[0].broken_prefetch);
    patch(AT_SMMU3 + 40, 2);
    acpi_accept();
    assert_true(hw.iommu[0].page0_only);
    assert_int_equal(hw.iommu[0].regs.last, 0x905ffff);
}

static void requesters(void **state)
{
    static const struct {
        unsigned host;
        uint16_t rid;
        int unit; /* negative: the error */
        uint32_t stream;
        int frame;
        uint32_t device_id;
    } cases[] = {
        {0, 0x0000, 0, 0x10000, 0, 0x20000},   {0, 0x7fff, 0, 0x17fff, 0, 0x27fff},
        {0, 0x8000, 1, 0x0000, 1, 0x8000},     {0, 0xbfff, 1, 0x3fff, 1, 0xbfff},
        {0, 0xc000, -RF_ENODEV, 0, 0, 0xc000}, {1, 0x0000, 0, 0x1ffff, 0, 0x2ffff},
        {1, 0x1234, 0, 0x1ffff, 0, 0x2ffff},
    };

    (void)state;
    acpi_accept();
    assert_int_equal(hw.oddity_count, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct hw_pci_host *h = &hw.host[cases[i].host];
        unsigned unit = 9, frame = 9;
        uint32_t stream = 0, id = 0;
        int err = hwdesc_stream_of(&hw, h, cases[i].rid, &unit, &stream);

        if (cases[i].unit < 0) {
            assert_int_equal(err, cases[i].unit);
        } else {
            assert_int_equal(err, 0);
            assert_int_equal(unit, cases[i].unit);
            assert_int_equal(stream, cases[i].stream);
        }
        assert_int_equal(hwdesc_msi_of(&hw, h, cases[i].rid, &frame, &id), 0);
        assert_int_equal(frame, cases[i].frame);
        assert_int_equal(id, cases[i].device_id);
    }
}

static void attributes_of_root_complexes(void **state)
{
    (void)state;
    acpi_accept();
    assert_true(hw.host[0].coherent);
    assert_int_equal(hw.host[0].dma_count, 1);
    assert_int_equal(hw.host[0].dma[0].bus.last, 0xffffffffff);
    assert_false(hw.host[1].coherent);
    assert_int_equal(hw.host[1].dma_count, 0);
}

static void reserved_ranges(void **state)
{
    (void)state;
    acpi_accept();
    assert_int_equal(hw.iova_count, 2);
    assert_int_equal(hw.iova[0].iova.start, 0x80000000);
    assert_int_equal(hw.iova[0].iova.last, 0x8000ffff);
    assert_true(hw.iova[0].direct && hw.iova[0].relaxable);
    assert_string_equal(hw.iova[0].name, "rmr");
    assert_true(hwdesc_iova_is_of(&hw, &hw.iova[0], &hw.host[0], 0x0100));
    assert_false(hwdesc_iova_is_of(&hw, &hw.iova[0], &hw.host[0], 0x0101));
    assert_true(hwdesc_iova_is_of(&hw, &hw.iova[1], &hw.host[0], 0x020f));
    assert_false(hwdesc_iova_is_of(&hw, &hw.iova[1], &hw.host[0], 0x0210));
    assert_false(hwdesc_iova_is_of(&hw, &hw.iova[1], &hw.host[0], 0x8200));
    assert_false(hwdesc_firmware_uses(&hw, &hw.host[0], 0x0100));
    patch(AT_RMR + 16, 0);
    acpi_accept();
    assert_false(hw.iova[0].relaxable);
    assert_true(hwdesc_firmware_uses(&hw, &hw.host[0], 0x0100));
}

static void a_reserved_range_in_other_units(void **state)
{
    (void)state;
    patch(AT_RMR + 28 + 40 + 1, 0x10); /* 0x80001000 */
    acpi_accept();
    assert_int_equal(hw.iova[0].iova.start, 0x80000000);
    assert_int_equal(hw.iova[0].iova.last, 0x8001ffff);
    assert_int_equal(hw.oddity_count, 1);
    assert_non_null(strstr(hw.oddity[0].what, "it is widened"));
}

static void maps_that_overlap_by_one(void **state)
{
    unsigned unit = 9;
    uint32_t stream = 0;

    (void)state;
    patch(AT_RC0 + 40 + 4, 0x00); /* 0x8000 ids more than the first ... */
    patch(AT_RC0 + 40 + 5, 0x80);
    acpi_accept();
    assert_int_equal(hw.oddity_count, 1);
    assert_int_equal(hw.oddity[0].offset, AT_RC0);
    assert_non_null(strstr(hw.oddity[0].what, "overlap by one id"));
    assert_int_equal(hwdesc_stream_of(&hw, &hw.host[0], 0x8000, &unit, &stream), 0);
    assert_int_equal(unit, 1);
    assert_int_equal(stream, 0);
    patch(AT_RC0 + 40 + 4, 0x01);
    assert_int_equal(acpi_parse(), -RF_EINVAL);
    assert_non_null(strstr(why, "IORT+0x60: maps 0 and 1 overlap at id 0x8000"));
}

static void an_its_that_is_nowhere(void **state)
{
    unsigned frame;
    uint32_t id;

    (void)state;
    patch(AT_ITS5 + 20, 6);
    acpi_accept();
    assert_int_equal(hw.oddity_count, 1);
    assert_non_null(strstr(hw.oddity[0].what, "ITS 6 is not in the MADT"));
    assert_int_equal(hwdesc_msi_of(&hw, &hw.host[0], 0x8000, &frame, &id), -RF_EINVAL);
}

/* QEMU's virt machine with a GICv2 is described so. */
static void an_its_where_there_is_only_an_msi_frame(void **state)
{
    static const uint8_t v2m[] = {
        13, 24, 0, 0, U32(0), U64(0x8020000), U32(1), U16(64), U16(80),
    };
    uint8_t with_v2m[sizeof(madt) - 2 * 20 + sizeof(v2m)]; /* in the place of the ITSs */
    unsigned frame = 9;
    uint32_t id;

    (void)state;
    memcpy(with_v2m, madt, sizeof(madt) - 2 * 20);
    memcpy(with_v2m + sizeof(madt) - 2 * 20, v2m, sizeof(v2m));
    acpi_free();
    acpi_add("APIC", with_v2m, sizeof(with_v2m));
    acpi_add("MCFG", mcfg, sizeof(mcfg));
    iort = acpi_add("IORT", machine, sizeof(machine));
    acpi_accept();
    assert_non_null(
        strstr(hw.oddity[0].what, "ITS 0 is not in the MADT: devices that ring it ring"));
    assert_int_equal(hwdesc_msi_of(&hw, &hw.host[0], 0x100, &frame, &id), 0);
    assert_int_equal(hw.msi[frame].kind, HW_MSI_V2M);
}

static void lies(void **state)
{
    static const struct acpi_lie all[] = {
        {40, 4, {U32(47)}, "IORT+0x28: the nodes begin at 0x2f"},
        {40, 4, {U32(0x10000)}, "the nodes begin at 0x10000"},
        {40, 4, {U32(49)}, "IORT+0x131: a structure of type 96 has length 768"},
        {AT_ITS0 + 1, 2, {0, 0}, "IORT+0x30: a structure of type 0 has length 0"},
        {AT_ITS0 + 1, 2, {16, 0}, "ITS group of 16 bytes; it has at least 20"},
        {AT_ITS0 + 16, 4, {U32(0)}, "a group of 0 ITSs"},
        {AT_ITS0 + 16, 4, {U32(0x40000001)}, "a group of 1073741825 ITSs"},
        {AT_RC0 + 8, 4, {U32(4)}, "IORT+0x60: 4 maps in 60 bytes"},
        {AT_RC0 + 8, 4, {U32(0xffffffff)}, "4294967295 maps in 60 bytes"},
        {AT_RC0 + 12, 4, {U32(0x1000)}, "3 maps in 0 bytes"},
        {AT_RC0 + 40, 4, {U32(0xffffffff)}, "are beyond 32 bits"},
        {AT_RC0 + 48, 4, {U32(0xffff9000)}, "are beyond 32 bits"},
        {AT_RC0 + 52, 4, {U32(0)}, "a map to offset 0, where no node begins"},
        {AT_RC0 + 52, 4, {U32(AT_SMMU3 + 1)}, "where no node begins"},
        {AT_RC0 + 52, 4, {U32(AT_RC1)}, "which is neither SMMU nor ITS"},
        {AT_RC0 + 52, 4, {U32(AT_RC0)}, "which is neither SMMU nor ITS"},
        {AT_SMMU3 + 68 + 12, 4, {U32(AT_SMMU2)}, "a map from an SMMU to what is no ITS group"},
        {AT_SMMU3 + 16, 4, {U32(0)}, "IOMMU registers at 0"},
        {AT_SMMU3 + 16, 4, {U32(0x8000000)}, "overlaps GIC registers"},
        {AT_SMMU2 + 40, 4, {U32(0x1000)}, "the global interrupts at 0x1000"},
        {AT_SMMU2 + 24, 8, {U64(0)}, "ends beyond 48 bits"},
        {AT_SMMU2 + 32, 4, {U32(6)}, "SMMU model 6 is not known"},
        {AT_SMMU2 + 44, 4, {U32(0x1000)}, "4096 context interrupts at 0"},
        {AT_SMMU2 + 48, 4, {U32(0x1000)}, "0 context interrupts at 0x1000"},
        {AT_RMR + 20, 4, {U32(2)}, "2 descriptors in 20 bytes"},
        {AT_RMR + 28 + 12, 4, {U32(AT_ITS0)}, "a reserved range for the node at 0x30, no SMMU"},
        {AT_RMR + 28 + 48, 8, {U64(0)}, "is empty or wraps"},
        {AT_RMR + 28 + 48, 8, {U64(UINT64_MAX)}, "is empty or wraps"},
    };

    (void)state;
    acpi_accept();
    acpi_expect_lies(iort, all, ARRAY_SIZE(all));
}

static void damaged_anywhere(void **state)
{
    static const uint8_t values[] = {0, 1, 7, 0x7f, 0xff};
    uint8_t *p = (uint8_t *)iort.data;

    (void)state;
    for (uint32_t i = ACPI_HEADER_SIZE; i < iort.size; i++) {
        const uint8_t truth = p[i];

        for (unsigned n = 0; n < ARRAY_SIZE(values); n++) {
            patch(i, values[n]);
            acpi_parse();
        }
        p[i] = truth;
    }
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, acpi_teardown)
    const struct CMUnitTest tests[] = {
        TEST(smmus),
        TEST(parts_of_smmuv2),
        TEST(models_with_errata),
        TEST(requesters),
        TEST(attributes_of_root_complexes),
        TEST(reserved_ranges),
        TEST(a_reserved_range_in_other_units),
        TEST(maps_that_overlap_by_one),
        TEST(an_its_that_is_nowhere),
        TEST(an_its_where_there_is_only_an_msi_frame),
        TEST(lies),
        TEST(damaged_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
