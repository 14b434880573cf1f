/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boards/uefi/loader.h"

/* What ringfence.efi reads: text, paths, the firmware's lists. */

const uint8_t loader_kernel[1];
const UINT64 loader_kernel_size, cpu_kernel_last;
const uint16_t cpu_elf_machine;
const char cpu_workload[1];

void cpu_sync_code(const void *code, UINTN size)
{
    (void)code;
    (void)size;
}

void cpu_enter(EFI_PHYSICAL_ADDRESS entry, EFI_PHYSICAL_ADDRESS handover)
{
    (void)entry;
    (void)handover;
    abort();
}

/* ---- ringfence.cfg ------------------------------------------------------------------------- */

static void config_files(void **state)
{
    static const struct {
        const char *bytes, *text; /* text NULL: refused because of ... */
        const char *why;
    } rows[] = {
        {"", "", NULL},
        {"stats", "stats ", NULL},
        {"stats\r\nreport=json\r\n", "stats  report=json  ", NULL},
        {"a\tb\n", "a b ", NULL},
        {"# all\n  # of it\n", "", NULL},
        {"-- # no comment\n", "-- # no comment ", NULL},
        {"\xef\xbb\xbfstats", "stats ", NULL},
        {"\n\n\x01", NULL, "line 3 holds a byte that is no ASCII text"},
        {"\xff\xfes", NULL, "line 1 holds a byte that is no ASCII text"},
        {"01234567890123456789012345678901", NULL,
         "line 1 goes beyond what a command line may have"},
        {"0123456789012345678901234567890", "0123456789012345678901234567890", NULL},
        {"0123456789012345678901234567890\nx", NULL,
         "line 2 goes beyond what a command line may have"},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[32], why[100];
        size_t n = strlen(rows[i].bytes);
        uint8_t *exact = malloc(n + 1);

        memcpy(exact, rows[i].bytes, n);
        bool good = config_text(exact, n, text, sizeof(text), why, sizeof(why));
        free(exact);
        assert_int_equal(good, rows[i].text != NULL);
        assert_string_equal(good ? text : why, good ? rows[i].text : rows[i].why);
    }
}

static void a_zero_in_a_config_file(void **state)
{
    char text[32], why[100];

    (void)state;
    assert_false(config_text((const uint8_t *)"a\0b", 3, text, sizeof(text), why, sizeof(why)));
}

/* ---- load options -------------------------------------------------------------------------- */

static void load_options(void **state)
{
    static const struct {
        bool has_name;
        const char *options, *text; /* NULL: there are none */
    } rows[] = {
        {false, "", NULL},
        {false, "  ", NULL},
        {false, "stats -- x", "stats -- x"},
        {true, "ringfence.efi", NULL},
        {true, "fs0:\\ringfence.efi stats", " stats"},
        {true, "\"a name.efi\" stats", " stats"},
        {false, "caf\xe9", NULL},
        {false, "0123456789012345", NULL},
        {false, "012345678901234", "012345678901234"},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        size_t n = strlen(rows[i].options);
        char text[16];
        CHAR16 *wide = malloc((n + 1) * sizeof(*wide));

        for (size_t c = 0; c < n; c++)
            wide[c] = (unsigned char)rows[i].options[c];
        bool good = options_text(wide, n * sizeof(*wide), rows[i].has_name, text, sizeof(text));
        free(wide);
        assert_int_equal(good, rows[i].text != NULL);
        if (good)
            assert_string_equal(text, rows[i].text);
    }
}

static void load_options_of_odd_size(void **state)
{
    static const CHAR16 wide[] = {'a', 'b', 0};
    char text[16];

    (void)state;
    assert_false(options_text(wide, 3, false, text, sizeof(text)));
    assert_false(options_text(NULL, 0, false, text, sizeof(text)));
    assert_true(options_text(wide, sizeof(wide), false, text, sizeof(text)));
}

/* ---- the image's folder -------------------------------------------------------------------- */

static unsigned node(uint8_t *to, uint8_t type, uint8_t subtype, const char *text)
{
    unsigned size = 4;

    for (; *text; text++) {
        to[size++] = (uint8_t)*text;
        to[size++] = 0;
    }
    memcpy(to, (const uint8_t[]){type, subtype, (uint8_t)size, 0}, 4);
    return size;
}

static void folders(void **state)
{
    static const struct {
        const char *nodes[3];
        const char *folder; /* NULL: too long */
    } rows[] = {
        {{NULL}, "\\"},
        {{"x.efi"}, "\\"},
        {{"\\x.efi"}, "\\"},
        {{"\\EFI\\BOOT\\X.EFI"}, "\\EFI\\BOOT\\"},
        {{"\\EFI", "BOOT", "X.EFI"}, "\\EFI\\BOOT\\"},
        {{"\\EFI\\", "X.EFI"}, "\\EFI\\"},
        {{"\\a-path-that-is-longer-than-the-room"}, NULL},
        {{"\\a-path-that-fills-it"}, NULL},
        {{"\\a-path-that-fills-", "x"}, NULL},
        {{"\\a-path-that-fills-", ""}, NULL},
    };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        uint8_t path[200];
        CHAR16 folder[20];
        char text[20];
        unsigned n = 0;

        for (unsigned k = 0; k < 3 && rows[i].nodes[k]; k++)
            n += node(path + n, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, rows[i].nodes[k]);
        node(path + n, 0x7f, 0xff, "");
        bool good = path_folder((void *)path, folder, ARRAY_SIZE(folder));
        assert_int_equal(good, rows[i].folder != NULL);
        for (n = 0; good && (text[n] = (char)folder[n]); n++)
            ;
        if (good)
            assert_string_equal(text, rows[i].folder);
    }
}

static void damaged_paths(void **state)
{
    uint8_t path[8] = {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 3, 0};
    CHAR16 folder[20];

    (void)state;
    assert_false(path_folder((void *)path, folder, ARRAY_SIZE(folder)));
    assert_true(path_folder(NULL, folder, ARRAY_SIZE(folder)));
    assert_int_equal(folder[0], '\\');
}

/* ---- the workload -------------------------------------------------------------------------- */

static void elf_headers(void **state)
{
    uint8_t elf[64] = {0x7f, 'E', 'L', 'F', 2, 1, [18] = 183};

    (void)state;
    assert_null(elf_refusal(elf, sizeof(elf), 183));
    assert_non_null(elf_refusal(elf, sizeof(elf) - 1, 183));
    assert_non_null(strstr(elf_refusal(elf, sizeof(elf), 62), "another CPU"));
    elf[4] = 1; /* 32 bits */
    assert_non_null(elf_refusal(elf, sizeof(elf), 183));
    elf[4] = 2;
    elf[5] = 2; /* big-endian */
    assert_non_null(elf_refusal(elf, sizeof(elf), 183));
}

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
        cmocka_unit_test(config_files),
        cmocka_unit_test(a_zero_in_a_config_file),
        cmocka_unit_test(load_options),
        cmocka_unit_test(load_options_of_odd_size),
        cmocka_unit_test(folders),
        cmocka_unit_test(damaged_paths),
        cmocka_unit_test(elf_headers),
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
