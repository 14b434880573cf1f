/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_efi.h"

/* ringfence.efi from its entry to the kernel's, or back to the firmware. */

#define MACHINE   62
#define ENTRY     0x40
#define TEXT_SIZE 0x1000

/* A kernel that is a header and what follows it, up to its end. */
const uint8_t loader_kernel[KERNEL_IMAGE_AT + sizeof(struct kernel_image)] = {
    [KERNEL_IMAGE_AT] = 'r',
    'f',
    'k',
    'e',
    'r',
    'n',
    'e',
    'l',
    [KERNEL_IMAGE_AT + 8] = ENTRY,
    [KERNEL_IMAGE_AT + 17] = TEXT_SIZE >> 8,
    [KERNEL_IMAGE_AT + 25] = 0x30, /* 12 KiB in memory */
};
#define KERNEL_PAGES 3

const UINT64 loader_kernel_size = sizeof(loader_kernel);

const uint16_t cpu_elf_machine = MACHINE;
const char cpu_workload[] = "workload-mine.elf";
const UINT64 cpu_kernel_last = UINT64_MAX;

static jmp_buf kernel;
static EFI_PHYSICAL_ADDRESS entry;
static struct handover *told;
static UINTN synced;

void cpu_sync_code(const void *code, UINTN size)
{
    (void)code;
    synced += size;
}

void cpu_enter(EFI_PHYSICAL_ADDRESS at, EFI_PHYSICAL_ADDRESS handover)
{
    entry = at;
    told = (struct handover *)(UINTN)handover;
    longjmp(kernel, 1);
}

#define CONFIG   "\\EFI\\BOOT\\ringfence.cfg"
#define WORKLOAD "\\EFI\\BOOT\\workload.elf"
#define MINE     "\\EFI\\BOOT\\workload-mine.elf"

static uint8_t elf[3000] = {0x7f, 'E', 'L', 'F', 2, 1, [18] = MACHINE};

static struct loader loader;

static int setup(void **state)
{
    static const char config[] = "report=none -- one\n# a comment\n";

    (void)state;
    fake_start();
    fake_add_file(0, CONFIG, config, sizeof(config) - 1);
    fake_add_file(1, WORKLOAD, elf, sizeof(elf));
    told = NULL;
    synced = 0;
    return 0;
}

/* The status with which the loader returned; EFI_SUCCESS: the kernel was entered. */
static EFI_STATUS run(void)
{
    loader = (struct loader){.image = &fake_image, .st = &fw.st, .bs = &fw.bs};
    if (setjmp(kernel))
        return EFI_SUCCESS;
    EFI_STATUS status = loader_run(&loader);
    assert_true(EFI_ERROR(status));
    return status;
}

/* What the loader would have left to the kernel. */
static void drop(void)
{
    free((void *)(UINTN)loader.kernel.at);
    free((void *)(UINTN)loader.workload.at);
    free((void *)(UINTN)loader.handover_pages.at);
    free(loader.map);
    free(loader.master);
}

/* The firmware is as it was, and somebody was told why. */
static void expect_return(const char *text)
{
    assert_false(fw.left);
    assert_int_equal(fw.pages, 0);
    assert_int_equal(fw.pools, 0);
    assert_false(fw.root.is_open);
    for (unsigned i = 0; i < FAKE_FILES; i++)
        assert_false(fw.file[i].is_open);
    for (unsigned i = 0; i < fw.function_count; i++)
        assert_int_equal(fw.function[i].command, i == 1 ? 0x0003 : 0x0407);
    if (!strstr(fw.text, "ringfence.efi: cannot start: ") || !strstr(fw.text, text))
        fail_msg("'%s' is not in '%s'", text, fw.text);
}

static void the_kernel_is_told_everything(void **state)
{
    (void)state;
    assert_int_equal(run(), EFI_SUCCESS);
    assert_true(fw.left);
    assert_int_equal(entry, loader.kernel.at + ENTRY);
    assert_memory_equal(pages_ptr(&loader.kernel), loader_kernel, sizeof(loader_kernel));
    assert_int_equal(loader.kernel.count, KERNEL_PAGES);
    assert_int_equal(synced, sizeof(loader_kernel));
    assert_int_equal(told->magic, HANDOVER_MAGIC);
    assert_int_equal(told->size, sizeof(*told));
    assert_int_equal(told->rsdp, 0x7f000014);
    assert_int_equal(told->dtb, 0x7e000000);
    assert_string_equal(told->bootargs, "report=none -- one ");
    assert_int_equal(range_size(told->workload), sizeof(elf));
    assert_memory_equal((void *)(UINTN)told->workload.start, elf, sizeof(elf));
    assert_int_equal(told->ram.count, 1);
    assert_int_equal(told->taken.count, 2);
    assert_string_equal(fw.text, "");
    drop();
}

static void a_handover_becomes_the_kernels_bootinfo(void **state)
{
    struct bootinfo info = {0};

    (void)state;
    assert_int_equal(run(), EFI_SUCCESS);
    assert_null(handover_read(told, &info));
    assert_string_equal(info.bootargs, "report=none -- one ");
    assert_int_equal(info.ram.r[0].start, 0x100000);
    assert_int_equal(info.initrd.start, told->workload.start);
    assert_true(info.has_initrd);
    told->size--;
    assert_non_null(handover_read(told, &info));
    drop();
}

static void a_workload_of_this_architecture_is_taken_first(void **state)
{
    (void)state;
    fake_add_file(2, MINE, elf, sizeof(elf) - 1);
    assert_int_equal(run(), EFI_SUCCESS);
    assert_int_equal(range_size(told->workload), sizeof(elf) - 1);
    drop();
}

static void load_options_win(void **state)
{
    static const CHAR16 options[] = {'s', 't', 'a', 't', 's', ' ', '-', '-', ' ', 'x', 0};

    (void)state;
    fw.loaded.LoadOptions = (void *)options;
    fw.loaded.LoadOptionsSize = sizeof(options);
    fw.file[0].path = NULL; /* nobody looks for it */
    assert_int_equal(run(), EFI_SUCCESS);
    assert_string_equal(told->bootargs, "stats -- x");
    drop();

    fw.left = false;
    fw.exit_tries = 0;
    fw.has_shell = true; /* the first word is the program's name */
    assert_int_equal(run(), EFI_SUCCESS);
    assert_string_equal(told->bootargs, " -- x");
    drop();
}

static void load_options_that_are_no_text_are_not_there(void **state)
{
    static const CHAR16 guid[] = {0x1234, 0xfeed, 7};

    (void)state;
    fw.loaded.LoadOptions = (void *)guid;
    fw.loaded.LoadOptionsSize = sizeof(guid);
    assert_int_equal(run(), EFI_SUCCESS);
    assert_string_equal(told->bootargs, "report=none -- one ");
    drop();
}

/* ---- what may be wrong --------------------------------------------------------------------- */

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
        {little_memory, EFI_OUT_OF_RESOURCES, "too little memory: 7152 KiB are left"},
        {less_than_the_files, EFI_OUT_OF_RESOURCES, "too little memory: 0 KiB are left"},
        {many_windows, EFI_OUT_OF_RESOURCES, "more than 64 windows"},
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

/* ---- leaving ------------------------------------------------------------------------------- */

/* fake_exit() looks at every function's command, and no pool is taken after the first try. */
static void a_stale_key_is_read_again(void **state)
{
    (void)state;
    fw.stale = 2;
    assert_int_equal(run(), EFI_SUCCESS);
    assert_int_equal(fw.exit_tries, 3);
    drop();
}

static void a_machine_without_pci(void **state)
{
    (void)state;
    fw.function_count = 0;
    assert_int_equal(run(), EFI_SUCCESS);
    drop();
}

/* Text is executed and not written, all else written and not executed. */
static void firmware_that_separates_writing_from_execution(void **state)
{
    (void)state;
    fw.has_attributes = true;
    assert_int_equal(run(), EFI_SUCCESS);
    assert_int_equal(fw.read_only, TEXT_SIZE);
    assert_int_equal(fw.executable, TEXT_SIZE);
    assert_int_equal(fw.writable, KERNEL_PAGES * PAGE_SIZE - TEXT_SIZE);
    drop();
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

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_kernel_is_told_everything),
        TEST(a_handover_becomes_the_kernels_bootinfo),
        TEST(a_workload_of_this_architecture_is_taken_first),
        TEST(load_options_win),
        TEST(load_options_that_are_no_text_are_not_there),
        TEST(refusals),
        TEST(without_a_console_the_status_tells),
        TEST(a_stale_key_is_read_again),
        TEST(a_machine_without_pci),
        TEST(firmware_that_separates_writing_from_execution),
        TEST(any_call_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
