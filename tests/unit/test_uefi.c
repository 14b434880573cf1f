/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/uefi_fixture.h"

/* ringfence.efi from its entry to the kernel's. */

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
    assert_int_equal(told->ram.count, 1 + 1); /* that of the workload is not in the map */
    assert_int_equal(told->taken.count, 2);
    assert_int_equal(fw.type_pages[EfiReservedMemoryType], loader.handover_pages.count);
    assert_int_equal(fw.type_pages[EfiLoaderCode], KERNEL_PAGES);
    assert_int_equal(fw.type_pages[EfiLoaderData], 1);
    assert_non_null(strstr(fw.text, "ringfence.efi: starting the kernel"));
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

/* The room for the map has some to spare, as nothing may be allocated between the tries. */
static void a_map_that_grows_while_it_is_left_by(void **state)
{
    (void)state;
    fw.stale = 1;
    fw.grow_stale = 10;
    assert_int_equal(run(), EFI_SUCCESS);
    assert_int_equal(told->ram.count, 1 + 11);
    drop();
}

static void a_map_that_grows_before(void **state)
{
    (void)state;
    fw.grow = 50;
    assert_int_equal(run(), EFI_SUCCESS);
    assert_int_equal(told->ram.count, 1 + 51);
    assert_int_equal(fw.pools, 2); /* the map, and the list of masters */
    drop();
}

static void the_root_pointer_of_old_firmware(void **state)
{
    static const EFI_GUID acpi1 = ACPI_TABLE_GUID;

    (void)state;
    fw.table[1] = (EFI_CONFIGURATION_TABLE){acpi1, (void *)0xf5250};
    assert_int_equal(run(), EFI_SUCCESS);
    assert_int_equal(told->rsdp, 0x7f000014);
    assert_int_equal(told->dtb, 0);
    drop();

    fw.left = false;
    fw.exit_tries = 0;
    fw.table[0] = fw.table[1];
    assert_int_equal(run(), EFI_SUCCESS);
    assert_int_equal(told->rsdp, 0xf5250);
    drop();
}

static void a_large_workload_is_read_piece_by_piece(void **state)
{
    static uint8_t large[MIB(2) + 100] = {0x7f, 'E', 'L', 'F', 2, 1, [18] = MACHINE};

    (void)state;
    large[MIB(1)] = 1;
    large[sizeof(large) - 1] = 2;
    fake_add_file(1, WORKLOAD, large, sizeof(large));
    assert_int_equal(run(), EFI_SUCCESS);
    assert_memory_equal((void *)(UINTN)told->workload.start, large, sizeof(large));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_kernel_is_told_everything),
        TEST(a_handover_becomes_the_kernels_bootinfo),
        TEST(a_workload_of_this_architecture_is_taken_first),
        TEST(load_options_win),
        TEST(load_options_that_are_no_text_are_not_there),
        TEST(a_stale_key_is_read_again),
        TEST(a_map_that_grows_while_it_is_left_by),
        TEST(a_map_that_grows_before),
        TEST(the_root_pointer_of_old_firmware),
        TEST(a_large_workload_is_read_piece_by_piece),
        TEST(a_machine_without_pci),
        TEST(firmware_that_separates_writing_from_execution),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
