/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/uefi_parts.h"

/* The firmware's lists as the kernel has them: memory, windows of host bridges. */

/* ---- the memory map ------------------------------------------------------------------------ */

static struct rammap ram, taken;

static void convert(EFI_MEMORY_DESCRIPTOR *d, unsigned n)
{
    struct loader l = {.map = d, .map_size = n * sizeof(*d), .map_step = sizeof(*d)};

    map_convert(&l, &ram, &taken);
}

static EFI_MEMORY_DESCRIPTOR region(UINT32 type, UINT64 page, UINT64 pages, UINT64 attributes)
{
    return (EFI_MEMORY_DESCRIPTOR){.Type = type,
                                   .PhysicalStart = page * PAGE_SIZE,
                                   .NumberOfPages = pages,
                                   .Attribute = attributes};
}

static void types_of_memory(void **state)
{
    static const struct {
        UINT32 type;
        UINT64 attributes;
        bool is_ram;
    } rows[] = {
        {EfiReservedMemoryType, EFI_MEMORY_WB, false},
        {EfiLoaderCode, EFI_MEMORY_WB, true},
        {EfiLoaderData, EFI_MEMORY_WB, true},
        {EfiBootServicesCode, EFI_MEMORY_WB, true},
        {EfiBootServicesData, EFI_MEMORY_WB | EFI_MEMORY_XP, true},
        {EfiRuntimeServicesCode, EFI_MEMORY_WB | EFI_MEMORY_RUNTIME, false},
        {EfiRuntimeServicesData, EFI_MEMORY_WB | EFI_MEMORY_RUNTIME, false},
        {EfiConventionalMemory, EFI_MEMORY_WB | EFI_MEMORY_UC, true},
        {EfiConventionalMemory, EFI_MEMORY_UC, false},
        {EfiConventionalMemory, EFI_MEMORY_WB | EFI_MEMORY_RUNTIME, false},
        {EfiConventionalMemory, EFI_MEMORY_WB | 0x40000, false},
        {EfiUnusableMemory, EFI_MEMORY_WB, false},
        {EfiACPIReclaimMemory, EFI_MEMORY_WB, false},
        {EfiACPIMemoryNVS, EFI_MEMORY_WB, false},
        {EfiMemoryMappedIO, EFI_MEMORY_UC, false},
        {14, EFI_MEMORY_WB, false}, /* persistent */
        {15, EFI_MEMORY_WB, false}, /* not accepted */
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        EFI_MEMORY_DESCRIPTOR d = region(rows[i].type, 16, 4, rows[i].attributes);

        convert(&d, 1);
        assert_int_equal(taken.count, 1);
        assert_int_equal(taken.r[0].start, 16 * PAGE_SIZE);
        assert_int_equal(taken.r[0].last, 20 * PAGE_SIZE - 1);
        assert_int_equal(ram.count, rows[i].is_ram);
    }
}

static void regions_that_are_none(void **state)
{
    EFI_MEMORY_DESCRIPTOR d[] = {
        region(EfiConventionalMemory, 1, 0, EFI_MEMORY_WB),
        region(EfiConventionalMemory, 1, UINT64_MAX / PAGE_SIZE + 2, EFI_MEMORY_WB),
        region(EfiConventionalMemory, UINT64_MAX / PAGE_SIZE, 2, EFI_MEMORY_WB),
    };

    (void)state;
    convert(d, ARRAY_SIZE(d));
    assert_int_equal(ram.count, 0);
    assert_int_equal(taken.count, 0);
}

/* The small pieces go, in whatever order they come, and no address that is taken looks free. */
static void more_pieces_than_fit(bool from_the_end)
{
    EFI_MEMORY_DESCRIPTOR d[RAMMAP_MAX + 4];
    const unsigned n = ARRAY_SIZE(d);

    for (unsigned i = 0; i < n; i++)
        d[from_the_end ? n - 1 - i : i] =
            region(EfiConventionalMemory, 100 * i + 1, i % 2 ? 50 : 1 + i, EFI_MEMORY_WB);
    convert(d, n);
    assert_int_equal(ram.count, RAM_PIECES);
    assert_int_equal(taken.count, RAMMAP_MAX);
    for (unsigned i = 0; i < n; i++) {
        struct range r = {d[i].PhysicalStart,
                          d[i].PhysicalStart + d[i].NumberOfPages * PAGE_SIZE - 1};

        assert_true(rammap_contains(&taken, r));
        assert_int_equal(rammap_contains(&ram, r), d[i].NumberOfPages > 23);
    }
}

static void the_workloads_piece_is_never_left_out(void **state)
{
    EFI_MEMORY_DESCRIPTOR d[RAMMAP_MAX + 4];
    struct loader l = {.map = d, .map_size = sizeof(d), .map_step = sizeof(d[0])};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(d); i++)
        d[i] = region(EfiLoaderData, 100 * i + 1, 1 + i, EFI_MEMORY_WB);
    l.workload = (struct pages){d[0].PhysicalStart, 1};
    map_convert(&l, &ram, &taken);
    assert_int_equal(ram.count, RAM_PIECES + 1);
    assert_int_equal(ram.r[0].start, d[0].PhysicalStart);
    assert_int_equal(ram.r[1].start, d[ARRAY_SIZE(d) - RAM_PIECES].PhysicalStart);
}

static void more_pieces_than_fit_upwards(void **state)
{
    (void)state;
    more_pieces_than_fit(false);
}

static void more_pieces_than_fit_downwards(void **state)
{
    (void)state;
    more_pieces_than_fit(true);
}

/* ---- windows of host bridges --------------------------------------------------------------- */

static unsigned descriptor(uint8_t *to, uint8_t type, uint8_t flags, uint64_t min, uint64_t offset,
                           uint64_t length)
{
    memset(to, 0, 46);
    to[0] = 0x8a;
    to[1] = 43;
    to[3] = type;
    to[5] = flags;
    memcpy(to + 14, &min, 8);
    memcpy(to + 30, &offset, 8);
    memcpy(to + 38, &length, 8);
    return 46;
}

static void windows_of_a_bridge(void **state)
{
    struct boot_windows w = {0};
    uint8_t d[46 * 5 + 2] = {0};
    unsigned n = 0;

    (void)state;
    n += descriptor(d + n, 1, 0, 0x1000, 0, 0x2000);
    n += descriptor(d + n, 0, 0, 0x10000000, (uint64_t)-0x8000000, 0x100000);
    n += descriptor(d + n, 0, 6, 0x8000000000, 0, 0x200000);
    n += descriptor(d + n, 0, 0, 0, 0, 0); /* nothing was needed */
    n += descriptor(d + n, 2, 0, 0x40, 0, 0x20);
    d[n] = 0x79;
    assert_true(windows_add(d, 3, &w));
    assert_int_equal(w.count, 3);
    for (unsigned i = 0; i < w.count; i++) {
        assert_int_equal(w.w[i].segment, 3);
        assert_int_equal(w.w[i].bus_first, 0x40);
    }
    assert_true(w.w[0].io);
    assert_int_equal(w.w[1].cpu.start, 0x10000000);
    assert_int_equal(w.w[1].cpu.last, 0x100fffff);
    assert_int_equal(w.w[1].bus, 0x8000000);
    assert_false(w.w[1].prefetchable);
    assert_true(w.w[2].prefetchable);
    w.count = BOOT_WINDOWS - 2;
    assert_false(windows_add(d, 3, &w));
}

static void resources_without_an_end(void **state)
{
    static uint8_t d[46 * (BOOT_WINDOWS + 2)];
    struct boot_windows w = {0};

    (void)state;
    for (unsigned i = 0; i < BOOT_WINDOWS + 2; i++)
        descriptor(d + 46 * i, 2, 0, 0, 0, 1);
    assert_false(windows_add(d, 0, &w));
    d[46 * BOOT_WINDOWS] = 0x79;
    assert_true(windows_add(d, 0, &w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_of_memory),
        cmocka_unit_test(regions_that_are_none),
        cmocka_unit_test(more_pieces_than_fit_upwards),
        cmocka_unit_test(the_workloads_piece_is_never_left_out),
        cmocka_unit_test(more_pieces_than_fit_downwards),
        cmocka_unit_test(windows_of_a_bridge),
        cmocka_unit_test(resources_without_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
