/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_UEFI_FIXTURE_H
#define RF_TESTS_UEFI_FIXTURE_H

#include "tests/unit/fake_efi.h"

/* ringfence.efi with a kernel and a CPU of the test's, on a firmware where everything is right.
 * Once in a program: what it defines is the loader's. */

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

static inline int setup(void **state)
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
static inline EFI_STATUS run(void)
{
    loader = (struct loader){.image = &fake_image, .st = &fw.st, .bs = &fw.bs};
    if (setjmp(kernel))
        return EFI_SUCCESS;
    EFI_STATUS status = loader_run(&loader);
    assert_true(EFI_ERROR(status));
    return status;
}

/* What the loader would have left to the kernel. */
static inline void drop(void)
{
    free((void *)(UINTN)loader.kernel.at);
    free((void *)(UINTN)loader.workload.at);
    free((void *)(UINTN)loader.handover_pages.at);
    free(loader.map);
    free(loader.master);
}

/* The firmware is as it was, and somebody was told why. */
static inline void expect_return(const char *text)
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

#define TEST(name) cmocka_unit_test_setup(name, setup)

#endif
