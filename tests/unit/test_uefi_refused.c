/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/uefi_fixture.h"

/* ringfence.efi from its entry back to the firmware, which is as it was. */

static void no_tables(void)
{
    fw.st.NumberOfTableEntries = 0;
}

static void no_volume(void)
{
    fw.has_fs = false;
}

static void no_config(void)
{
    fw.file[0].path = NULL;
}

static void config_is_a_folder(void)
{
    fw.file[0].is_folder = true;
}

static void config_is_large(void)
{
    fw.file[0].size = KIB(16) + 1;
}

static void config_is_binary(void)
{
    fake_add_file(0, CONFIG, "stats\nreport=\x80", 14);
}

static void config_is_wrong(void)
{
    fake_add_file(0, CONFIG, "repport=none", 12);
}

static void options_are_wrong(void)
{
    static const CHAR16 options[] = {'s', 't', 'a', 't', 0};

    fw.loaded.LoadOptions = (void *)options;
    fw.loaded.LoadOptionsSize = sizeof(options);
}

static void no_workload(void)
{
    fw.file[1].path = NULL;
}

static void workload_is_empty(void)
{
    fw.file[1].size = 0;
}

static void workload_is_text(void)
{
    fake_add_file(1, WORKLOAD, "#!/bin/sh\n", 10);
}

static void workload_is_for_another_cpu(void)
{
    static uint8_t other[100] = {0x7f, 'E', 'L', 'F', 2, 1, [18] = MACHINE + 1};

    fake_add_file(1, WORKLOAD, other, sizeof(other));
}

static void workload_ends_early(void)
{
    fw.file[1].readable = 1000;
}

static void workload_does_not_fit(void)
{
    fw.file[1].size = fw.pages_max * PAGE_SIZE + 1;
}

static void little_memory(void)
{
    fw.region[0].NumberOfPages = 0x700;
}

static void less_than_the_files(void)
{
    fw.region_count = 0;
    fake_add_region(EfiConventionalMemory, 0x100000, 1, EFI_MEMORY_WB);
}

static void many_windows(void)
{
    static uint8_t resources[46 * (BOOT_WINDOWS + 1) + 2];

    for (unsigned i = 0; i <= BOOT_WINDOWS; i++) {
        resources[46 * i] = 0x8a;
        resources[46 * i + 38] = 1;
    }
    fw.bridge_resources = resources;
}

static void the_key_is_always_stale(void)
{
    fw.stale = 1000;
}

static void the_map_outgrows_its_room(void)
{
    fw.stale = 1;
    fw.grow_stale = 60;
}

static void the_map_never_stops_growing(void)
{
    fw.grow_read = 30;
}

static void the_map_has_no_steps(void)
{
    fw.step = 0;
}

static void refusals(void **state)
{
    static const struct {
        void (*spoil)(void);
        EFI_STATUS status;
        const char *text;
    } rows[] = {
        {no_tables, EFI_UNSUPPORTED, "neither ACPI tables nor a device tree"},
        {no_volume, EFI_UNSUPPORTED, "has no files: put it on a FAT volume"},
        {no_config, EFI_NOT_FOUND, "ringfence.cfg is not beside ringfence.efi"},
        {config_is_a_folder, EFI_UNSUPPORTED, "ringfence.cfg is no file"},
        {config_is_large, EFI_BAD_BUFFER_SIZE, "ringfence.cfg has 16385 bytes; at most 16384"},
        {config_is_binary, EFI_INVALID_PARAMETER, "ringfence.cfg: line 2 holds a byte that is no"},
        {config_is_wrong, EFI_INVALID_PARAMETER,
         "ringfence.cfg: unknown option 'repport'; the nearest is report=text|json|none"},
        {options_are_wrong, EFI_INVALID_PARAMETER, "load options: unknown option 'stat'"},
        {no_workload, EFI_NOT_FOUND, "workload.elf is not beside ringfence.efi"},
        {workload_is_empty, EFI_LOAD_ERROR, "workload.elf is empty"},
        {workload_is_text, EFI_LOAD_ERROR, "workload.elf is no ELF file"},
        {workload_is_for_another_cpu, EFI_LOAD_ERROR, "workload.elf is a program for another CPU"},
        {workload_ends_early, EFI_END_OF_FILE, "workload.elf cannot be read (end of file)"},
        {workload_does_not_fit, EFI_OUT_OF_RESOURCES, "no 4004 KiB of memory for workload.elf"},
        {little_memory, EFI_OUT_OF_RESOURCES, "too little memory: 7156 KiB are left"},
        {less_than_the_files, EFI_OUT_OF_RESOURCES, "too little memory: 0 KiB are left"},
        {many_windows, EFI_OUT_OF_RESOURCES, "more than 64 windows"},
        {the_map_has_no_steps, EFI_INCOMPATIBLE_VERSION, "the memory map cannot be read"},
        {the_map_never_stops_growing, EFI_BUFFER_TOO_SMALL, "the memory map cannot be read"},
        {the_map_outgrows_its_room, EFI_BUFFER_TOO_SMALL, "the firmware cannot be left"},
        {the_key_is_always_stale, EFI_INVALID_PARAMETER, "the firmware cannot be left"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        setup(state);
        rows[i].spoil();
        assert_int_equal(run(), rows[i].status);
        expect_return(rows[i].text);
    }
}

static void without_a_console_the_status_tells(void **state)
{
    (void)state;
    fw.st.ConOut = NULL;
    no_workload();
    assert_int_equal(run(), EFI_NOT_FOUND);
    assert_string_equal(fw.text, "");
}

/* One call after the other fails: the kernel runs without what that call was for, or the firmware
 * is as it was. */
static void any_call_may_fail(void **state)
{
    static const uint8_t resources[] = {[0] = 0x8a, [3] = 1, [38] = 1, [46] = 0x79, 0};
    unsigned refused = 0, k = 0;

    do {
        setup(state);
        fw.has_attributes = true;
        fw.bridge_resources = resources;
        fw.stale = 1;
        fw.fail_at = ++k;
        if (run() == EFI_SUCCESS) {
            drop();
        } else {
            expect_return("(");
            refused++;
        }
    } while (fw.calls >= k);
    assert_true(refused > 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refusals),
        TEST(without_a_console_the_status_tells),
        TEST(any_call_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
