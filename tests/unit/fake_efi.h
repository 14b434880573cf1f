/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_EFI_H
#define RF_TESTS_FAKE_EFI_H

#include "tests/unit/fake_efi_devices.h"

/* A UEFI firmware with one volume, PCI functions and a memory map, for the loader. It counts what
 * it gave, can fail at any call, and has no patience once it was left. */

/* Handles are addresses of what they stand for. */
static int fake_image, fake_volume;

/* ---- memory -------------------------------------------------------------------------------- */

static inline EFI_STATUS EFIAPI fake_allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type,
                                                    UINTN count, EFI_PHYSICAL_ADDRESS *at)
{
    assert_int_equal(how, AllocateMaxAddress);
    if (fake_fails() || count > fw.pages_max)
        return EFI_OUT_OF_RESOURCES;
    void *p = aligned_alloc(PAGE_SIZE, count * PAGE_SIZE);
    memset(p, 0xaa, count * PAGE_SIZE);
    *at = (UINTN)p;
    fw.pages += (int)count;
    fw.type_pages[type] += count;
    fw.key++;
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_free_pages(EFI_PHYSICAL_ADDRESS at, UINTN count)
{
    assert_false(fw.left);
    assert_int_not_equal(at, fw.read_only_at);
    free((void *)(UINTN)at);
    fw.pages -= (int)count;
    fw.key++;
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_allocate_pool(EFI_MEMORY_TYPE type, UINTN size, void **out)
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

static inline EFI_STATUS EFIAPI fake_free_pool(void *p)
{
    assert_false(fw.left);
    free(p);
    fw.pools--;
    fw.key++;
    return EFI_SUCCESS;
}

static inline void fake_add_region(UINT32 type, UINT64 start, UINT64 pages, UINT64 attributes)
{
    assert_true(fw.region_count < FAKE_REGIONS);
    fw.region[fw.region_count++] = (EFI_MEMORY_DESCRIPTOR){
        .Type = type, .PhysicalStart = start, .NumberOfPages = pages, .Attribute = attributes};
}

/* More RAM, in pieces of one page. */
static inline void fake_grow(unsigned pieces)
{
    for (unsigned i = 0; i < pieces; i++)
        fake_add_region(EfiConventionalMemory, 0x20000000 + fw.region_count * 2 * PAGE_SIZE, 1,
                        EFI_MEMORY_WB);
}

/* Descriptors are further apart than they are large, as firmware has them. */
#define FAKE_STEP (sizeof(EFI_MEMORY_DESCRIPTOR) + 8)

static inline EFI_STATUS EFIAPI fake_get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key,
                                             UINTN *step, UINT32 *version)
{
    const UINTN room = *size;

    if (fake_fails())
        return EFI_DEVICE_ERROR;
    fake_grow(fw.grow_read);
    *size = fw.region_count * FAKE_STEP;
    if (room < *size)
        return EFI_BUFFER_TOO_SMALL;
    for (unsigned i = 0; i < fw.region_count; i++)
        memcpy((uint8_t *)map + i * FAKE_STEP, &fw.region[i], sizeof(fw.region[i]));
    *key = fw.key;
    *step = fw.step;
    *version = 1;
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_exit(EFI_HANDLE image, UINTN key)
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
        fake_grow(fw.grow_stale);
    }
    if (key != fw.key)
        return EFI_INVALID_PARAMETER;
    fw.left = true;
    return EFI_SUCCESS;
}

/* ---- protocols ----------------------------------------------------------------------------- */

static struct {
    void *get;
    EFI_STATUS(EFIAPI *set)(void *self, UINT64 at, UINT64 size, UINT64 what);
    EFI_STATUS(EFIAPI *clear)(void *self, UINT64 at, UINT64 size, UINT64 what);
} fake_attributes = {NULL, fake_set_attributes, fake_clear_attributes};

static inline EFI_STATUS give(bool there, void *what, void **out)
{
    if (there)
        *out = what;
    return there ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static inline EFI_STATUS EFIAPI fake_handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **out)
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

static inline EFI_STATUS EFIAPI fake_locate_protocol(EFI_GUID *guid, void *registration, void **out)
{
    (void)guid;
    (void)registration;
    return give(!fake_fails() && fw.has_attributes, &fake_attributes, out);
}

static inline EFI_STATUS EFIAPI fake_locate_handles(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid,
                                                    void *key, UINTN *count, EFI_HANDLE **out)
{
    const bool bridges = fake_same(guid, (EFI_GUID)EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL_GUID);

    (void)key;
    assert_int_equal(how, ByProtocol);
    if (fake_fails())
        return EFI_OUT_OF_RESOURCES;
    *count = bridges ? fw.bridge_resources != NULL : fw.function_count;
    if (*count == 0)
        return EFI_NOT_FOUND;
    fake_grow(bridges ? 0 : fw.grow);
    *out = malloc(*count * sizeof(**out));
    fw.pools++;
    fw.key++;
    for (unsigned i = 0; i < *count; i++)
        (*out)[i] = bridges ? (EFI_HANDLE)&fw.bridge : (EFI_HANDLE)&fw.function[i];
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_print(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
    (void)console;
    assert_false(fw.left);
    for (; *text && fw.used < FAKE_TEXT - 1; text++)
        fw.text[fw.used++] = (char)*text;
    fw.text[fw.used] = '\0';
    return EFI_SUCCESS;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static inline struct fake_file *fake_add_file(unsigned i, const char *path, const void *bytes,
                                              UINT64 size)
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

/* A node of a path: header, text of 16 bits a character, its end. Returns its size. */
static inline unsigned fake_path_node(uint8_t *to, uint8_t type, uint8_t subtype, const char *text)
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

static inline void fake_set_path(const char *path)
{
    unsigned n = fake_path_node(fw.image_path, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, path);

    fake_path_node(fw.image_path + n, 0x7f, 0xff, NULL);
    fw.loaded.FilePath = (EFI_DEVICE_PATH_PROTOCOL *)fw.image_path;
}

static inline void fake_boot_services(void)
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
static inline void fake_start(void)
{
    fw = (struct fake_efi){.has_fs = true, .step = FAKE_STEP, .pages_max = 1000, .key = 1};
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
