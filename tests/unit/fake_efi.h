/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_EFI_H
#define RF_TESTS_FAKE_EFI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boards/uefi/loader.h"

/* A UEFI firmware with one volume, PCI functions and a memory map, for the loader. It counts what
 * it gave, can fail at any call, and has no patience once it was left. */

#define FAKE_FILES     4
#define FAKE_FUNCTIONS 4
#define FAKE_REGIONS   8
#define FAKE_TEXT      4000

struct fake_file {
    EFI_FILE_PROTOCOL io; /* first: what the loader holds */
    const char *path;
    const uint8_t *bytes;
    UINT64 size, at;
    UINT64 readable; /* from here on the medium is bad */
    bool is_folder, is_open;
};

struct fake_function {
    EFI_PCI_IO_PROTOCOL io;
    UINT16 command;
};

static struct fake_efi {
    EFI_SYSTEM_TABLE st;
    EFI_BOOT_SERVICES bs;
    SIMPLE_TEXT_OUTPUT_INTERFACE console;
    EFI_CONFIGURATION_TABLE table[2];
    EFI_LOADED_IMAGE_PROTOCOL loaded;
    uint8_t image_path[200];
    EFI_SIMPLE_FILE_SYSTEM_PROTOCOL fs;
    bool has_fs, has_shell, has_attributes;
    struct fake_file root, file[FAKE_FILES];
    struct fake_function function[FAKE_FUNCTIONS];
    unsigned function_count;
    EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL bridge;
    const uint8_t *bridge_resources; /* NULL: there is no bridge */
    EFI_MEMORY_DESCRIPTOR region[FAKE_REGIONS];
    unsigned region_count;
    UINTN key;           /* of the map as it is now */
    unsigned stale;      /* so often the map changes just before it is left by */
    unsigned exit_tries; /* how often the loader tried */
    bool left;
    unsigned calls, fail_at;                /* the call that fails, from 1 on; 0: none */
    UINT64 pages_max;                       /* more are not there */
    int pages, pools;                       /* given and not taken back */
    UINT64 read_only, executable, writable; /* bytes, as memory attributes were set */
    char text[FAKE_TEXT];
    unsigned used;
} fw;

/* Handles are addresses of what they stand for. */
static int fake_image, fake_volume;

/* Every call that may fail begins so. */
static bool fake_fails(void)
{
    assert_false(fw.left);
    return ++fw.calls == fw.fail_at;
}

static bool fake_same(const EFI_GUID *a, EFI_GUID b)
{
    return memcmp(a, &b, sizeof(b)) == 0;
}

/* ---- memory
 * -------------------------------------------------------------------------------------- */

static EFI_STATUS EFIAPI fake_allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type,
                                             UINTN count, EFI_PHYSICAL_ADDRESS *at)
{
    (void)type;
    assert_int_equal(how, AllocateMaxAddress);
    if (fake_fails() || count > fw.pages_max)
        return EFI_OUT_OF_RESOURCES;
    void *p = aligned_alloc(PAGE_SIZE, count * PAGE_SIZE);
    memset(p, 0xaa, count * PAGE_SIZE);
    *at = (UINTN)p;
    fw.pages += (int)count;
    fw.key++;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free_pages(EFI_PHYSICAL_ADDRESS at, UINTN count)
{
    assert_false(fw.left);
    free((void *)(UINTN)at);
    fw.pages -= (int)count;
    fw.key++;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_allocate_pool(EFI_MEMORY_TYPE type, UINTN size, void **out)
{
    (void)type;
    assert_int_equal(fw.exit_tries, 0); /* after that the firmware may be half gone (UEFI 7.4.6) */
    if (fake_fails())
        return EFI_OUT_OF_RESOURCES;
    *out = malloc(size);
    fw.pools++;
    fw.key++;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free_pool(void *p)
{
    assert_false(fw.left);
    free(p);
    fw.pools--;
    fw.key++;
    return EFI_SUCCESS;
}

/* Descriptors are further apart than they are large, as firmware has them. */
#define FAKE_STEP (sizeof(EFI_MEMORY_DESCRIPTOR) + 8)

static EFI_STATUS EFIAPI fake_get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key,
                                      UINTN *step, UINT32 *version)
{
    const UINTN room = *size;

    if (fake_fails())
        return EFI_DEVICE_ERROR;
    *size = fw.region_count * FAKE_STEP;
    if (room < *size)
        return EFI_BUFFER_TOO_SMALL;
    for (unsigned i = 0; i < fw.region_count; i++)
        memcpy((uint8_t *)map + i * FAKE_STEP, &fw.region[i], sizeof(fw.region[i]));
    *key = fw.key;
    *step = FAKE_STEP;
    *version = 1;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_exit(EFI_HANDLE image, UINTN key)
{
    assert_ptr_equal(image, &fake_image);
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    fw.exit_tries++;
    for (unsigned i = 0; i < fw.function_count; i++)
        assert_int_equal(fw.function[i].command & 4, 0);
    if (fw.stale) {
        fw.stale--;
        fw.key++;
    }
    if (key != fw.key)
        return EFI_INVALID_PARAMETER;
    fw.left = true;
    return EFI_SUCCESS;
}

/* ---- files
 * --------------------------------------------------------------------------------------- */

static EFI_STATUS EFIAPI fake_open(EFI_FILE_HANDLE self, EFI_FILE_HANDLE *out, CHAR16 *path,
                                   UINT64 mode, UINT64 attributes)
{
    char name[PATH_MAX] = {0};

    (void)attributes;
    assert_ptr_equal(self, &fw.root.io);
    assert_int_equal(mode, EFI_FILE_MODE_READ);
    for (unsigned i = 0; path[i]; i++)
        name[i] = (char)path[i];
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    for (struct fake_file *f = fw.file; f < fw.file + FAKE_FILES; f++) {
        if (!f->path || strcmp(f->path, name) != 0)
            continue;
        f->is_open = true;
        f->at = 0;
        *out = &f->io;
        return EFI_SUCCESS;
    }
    return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI fake_close(EFI_FILE_HANDLE self)
{
    struct fake_file *f = (struct fake_file *)self;

    assert_true(f->is_open);
    f->is_open = false;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_set_position(EFI_FILE_HANDLE self, UINT64 at)
{
    struct fake_file *f = (struct fake_file *)self;

    if (fake_fails())
        return EFI_DEVICE_ERROR;
    if (f->is_folder)
        return EFI_UNSUPPORTED;
    f->at = at == UINT64_MAX ? f->size : at;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_get_position(EFI_FILE_HANDLE self, UINT64 *at)
{
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    *at = ((struct fake_file *)self)->at;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_read(EFI_FILE_HANDLE self, UINTN *n, void *to)
{
    struct fake_file *f = (struct fake_file *)self;

    if (fake_fails())
        return EFI_DEVICE_ERROR;
    *n = MIN(*n, f->readable - f->at);
    memcpy(to, f->bytes + f->at, *n);
    f->at += *n;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_open_volume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *self,
                                          EFI_FILE_HANDLE *root)
{
    (void)self;
    if (fake_fails())
        return EFI_NO_MEDIA;
    fw.root.is_open = true;
    *root = &fw.root.io;
    return EFI_SUCCESS;
}

/* ---- PCI
 * ----------------------------------------------------------------------------------------- */

static EFI_STATUS EFIAPI fake_pci_read(EFI_PCI_IO_PROTOCOL *io, EFI_PCI_IO_PROTOCOL_WIDTH width,
                                       UINT32 at, UINTN count, void *out)
{
    assert_true(width == EfiPciIoWidthUint16 && at == 4 && count == 1);
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    memcpy(out, &((struct fake_function *)io)->command, 2);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_pci_write(EFI_PCI_IO_PROTOCOL *io, EFI_PCI_IO_PROTOCOL_WIDTH width,
                                        UINT32 at, UINTN count, void *value)
{
    assert_true(width == EfiPciIoWidthUint16 && at == 4 && count == 1);
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    memcpy(&((struct fake_function *)io)->command, value, 2);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_configuration(EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL *io, void **out)
{
    (void)io;
    if (fake_fails())
        return EFI_UNSUPPORTED;
    *out = (void *)fw.bridge_resources;
    return EFI_SUCCESS;
}

/* ---- memory attributes: get, set, clear
 * ----------------------------------------------------------- */

#define FAKE_RO 0x20000
#define FAKE_XP 0x4000

static EFI_STATUS EFIAPI fake_set_attributes(void *self, UINT64 at, UINT64 size, UINT64 what)
{
    (void)self;
    (void)at;
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    fw.read_only += what == FAKE_RO ? size : 0;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_clear_attributes(void *self, UINT64 at, UINT64 size, UINT64 what)
{
    (void)self;
    (void)at;
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    fw.executable += what == FAKE_XP ? size : 0;
    fw.writable += what == FAKE_RO ? size : 0;
    return EFI_SUCCESS;
}

static struct {
    void *get;
    EFI_STATUS(EFIAPI *set)(void *self, UINT64 at, UINT64 size, UINT64 what);
    EFI_STATUS(EFIAPI *clear)(void *self, UINT64 at, UINT64 size, UINT64 what);
} fake_attributes = {NULL, fake_set_attributes, fake_clear_attributes};

/* ---- protocols
 * ----------------------------------------------------------------------------------- */

static EFI_STATUS give(bool there, void *what, void **out)
{
    if (there)
        *out = what;
    return there ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI fake_handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **out)
{
    if (fake_fails())
        return EFI_UNSUPPORTED;
    if (handle == &fake_image && fake_same(guid, (EFI_GUID)EFI_LOADED_IMAGE_PROTOCOL_GUID))
        return give(true, &fw.loaded, out);
    if (handle == &fake_image && fake_same(guid, (EFI_GUID)EFI_SHELL_PARAMETERS_PROTOCOL_GUID))
        return give(fw.has_shell, &fw, out);
    if (handle == &fake_volume && fake_same(guid, (EFI_GUID)EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID))
        return give(fw.has_fs, &fw.fs, out);
    if (handle == &fw.bridge && fake_same(guid, (EFI_GUID)EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL_GUID))
        return give(true, &fw.bridge, out);
    assert_true(fake_same(guid, (EFI_GUID)EFI_PCI_IO_PROTOCOL_GUID));
    return give(true, handle, out);
}

static EFI_STATUS EFIAPI fake_locate_protocol(EFI_GUID *guid, void *registration, void **out)
{
    (void)guid;
    (void)registration;
    return give(!fake_fails() && fw.has_attributes, &fake_attributes, out);
}

static EFI_STATUS EFIAPI fake_locate_handles(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, void *key,
                                             UINTN *count, EFI_HANDLE **out)
{
    const bool bridges = fake_same(guid, (EFI_GUID)EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL_GUID);

    (void)key;
    assert_int_equal(how, ByProtocol);
    if (fake_fails())
        return EFI_OUT_OF_RESOURCES;
    *count = bridges ? fw.bridge_resources != NULL : fw.function_count;
    if (*count == 0)
        return EFI_NOT_FOUND;
    *out = malloc(*count * sizeof(**out));
    fw.pools++;
    fw.key++;
    for (unsigned i = 0; i < *count; i++)
        (*out)[i] = bridges ? (EFI_HANDLE)&fw.bridge : (EFI_HANDLE)&fw.function[i];
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_print(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
    (void)console;
    assert_false(fw.left);
    for (; *text && fw.used < FAKE_TEXT - 1; text++)
        fw.text[fw.used++] = (char)*text;
    fw.text[fw.used] = '\0';
    return EFI_SUCCESS;
}

/* ---- the whole
 * ----------------------------------------------------------------------------------- */

static struct fake_file *fake_add_file(unsigned i, const char *path, const void *bytes, UINT64 size)
{
    fw.file[i] = (struct fake_file){
        .io = {.Close = fake_close,
               .Read = fake_read,
               .SetPosition = fake_set_position,
               .GetPosition = fake_get_position},
        .path = path,
        .bytes = bytes,
        .size = size,
        .readable = size,
    };
    return &fw.file[i];
}

static void fake_add_region(UINT32 type, UINT64 start, UINT64 pages, UINT64 attributes)
{
    fw.region[fw.region_count++] = (EFI_MEMORY_DESCRIPTOR){
        .Type = type, .PhysicalStart = start, .NumberOfPages = pages, .Attribute = attributes};
}

/* A node of a path: header, text of 16 bits a character, its end. Returns its size. */
static unsigned fake_path_node(uint8_t *to, uint8_t type, uint8_t subtype, const char *text)
{
    unsigned size = 4;

    for (const char *c = text; text && (c == text || c[-1]); c++) {
        to[size++] = (uint8_t)*c;
        to[size++] = 0;
    }
    to[0] = type;
    to[1] = subtype;
    to[2] = (uint8_t)size;
    to[3] = (uint8_t)(size >> 8);
    return size;
}

static void fake_set_path(const char *path)
{
    unsigned n = fake_path_node(fw.image_path, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, path);

    fake_path_node(fw.image_path + n, 0x7f, 0xff, NULL);
    fw.loaded.FilePath = (EFI_DEVICE_PATH_PROTOCOL *)fw.image_path;
}

static void fake_boot_services(void)
{
    fw.bs = (EFI_BOOT_SERVICES){
        .AllocatePages = fake_allocate_pages,
        .FreePages = fake_free_pages,
        .GetMemoryMap = fake_get_map,
        .AllocatePool = fake_allocate_pool,
        .FreePool = fake_free_pool,
        .HandleProtocol = fake_handle_protocol,
        .LocateHandleBuffer = fake_locate_handles,
        .LocateProtocol = fake_locate_protocol,
        .ExitBootServices = fake_exit,
    };
}

/* A machine on which everything is right. */
static void fake_start(void)
{
    fw = (struct fake_efi){.has_fs = true, .pages_max = 1000, .key = 1};
    fake_boot_services();
    fw.console.OutputString = fake_print;
    fw.table[0] = (EFI_CONFIGURATION_TABLE){ACPI_20_TABLE_GUID, (void *)0x7f000014};
    fw.table[1] = (EFI_CONFIGURATION_TABLE){EFI_DTB_TABLE_GUID, (void *)0x7e000000};
    fw.st = (EFI_SYSTEM_TABLE){.ConOut = &fw.console,
                               .BootServices = &fw.bs,
                               .NumberOfTableEntries = 2,
                               .ConfigurationTable = fw.table};
    fw.loaded.DeviceHandle = &fake_volume;
    fake_set_path("\\EFI\\BOOT\\BOOTX64.EFI");
    fw.fs.OpenVolume = fake_open_volume;
    fw.root.io = (EFI_FILE_PROTOCOL){.Open = fake_open, .Close = fake_close};
    fw.bridge.Configuration = fake_configuration;
    fw.function_count = 3;
    for (unsigned i = 0; i < FAKE_FUNCTIONS; i++) {
        fw.function[i].io.Pci.Read = fake_pci_read;
        fw.function[i].io.Pci.Write = fake_pci_write;
        fw.function[i].command = i == 1 ? 0x0003 : 0x0407;
    }
    fake_add_region(EfiConventionalMemory, 0x100000, 0x10000, EFI_MEMORY_WB);
    fake_add_region(EfiACPIReclaimMemory, 0x10100000, 0x10, EFI_MEMORY_WB);
    fake_add_region(EfiMemoryMappedIO, 0xe0000000, 0x100, EFI_MEMORY_UC);
}

#endif
