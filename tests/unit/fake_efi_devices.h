/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_EFI_DEVICES_H
#define RF_TESTS_FAKE_EFI_DEVICES_H

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
#define FAKE_REGIONS   400
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
    UINTN step;          /* from one region to the next in the map */
    unsigned grow_read;  /* regions that appear each time that the map is read */
    unsigned grow;       /* regions that appear when PCI is listed, ... */
    unsigned grow_stale; /* ... and each time that the map changes before it is left by */
    UINTN type_pages[EfiMaxMemoryType];
    unsigned stale;      /* so often the map changes just before it is left by */
    unsigned exit_tries; /* how often the loader tried */
    bool left;
    unsigned calls, fail_at;                /* the call that fails, from 1 on; 0: none */
    UINT64 pages_max;                       /* more are not there */
    int pages, pools;                       /* given and not taken back */
    UINT64 read_only, executable, writable; /* bytes, as memory attributes were set */
    UINT64 read_only_at;                    /* pages from here on are; 0: none */
    char text[FAKE_TEXT];
    unsigned used;
} fw;

/* Every call that may fail begins so. */
static inline bool fake_fails(void)
{
    assert_false(fw.left);
    return ++fw.calls == fw.fail_at;
}

static inline bool fake_same(const EFI_GUID *a, EFI_GUID b)
{
    return memcmp(a, &b, sizeof(b)) == 0;
}

/* ---- files --------------------------------------------------------------------------------- */

static inline EFI_STATUS EFIAPI fake_open(EFI_FILE_HANDLE self, EFI_FILE_HANDLE *out, CHAR16 *path,
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

static inline EFI_STATUS EFIAPI fake_close(EFI_FILE_HANDLE self)
{
    struct fake_file *f = (struct fake_file *)self;

    assert_true(f->is_open);
    f->is_open = false;
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_set_position(EFI_FILE_HANDLE self, UINT64 at)
{
    struct fake_file *f = (struct fake_file *)self;

    if (fake_fails())
        return EFI_DEVICE_ERROR;
    if (f->is_folder)
        return EFI_UNSUPPORTED;
    f->at = at == UINT64_MAX ? f->size : at;
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_get_position(EFI_FILE_HANDLE self, UINT64 *at)
{
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    *at = ((struct fake_file *)self)->at;
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_read(EFI_FILE_HANDLE self, UINTN *n, void *to)
{
    struct fake_file *f = (struct fake_file *)self;

    if (fake_fails())
        return EFI_DEVICE_ERROR;
    assert_true(*n <= MIB(1)); /* more is too much for some firmware */
    *n = MIN(*n, f->readable - f->at);
    memcpy(to, f->bytes + f->at, *n);
    f->at += *n;
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_open_volume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *self,
                                                 EFI_FILE_HANDLE *root)
{
    (void)self;
    if (fake_fails())
        return EFI_NO_MEDIA;
    fw.root.is_open = true;
    *root = &fw.root.io;
    return EFI_SUCCESS;
}

/* ---- PCI ----------------------------------------------------------------------------------- */

static inline EFI_STATUS EFIAPI fake_pci_read(EFI_PCI_IO_PROTOCOL *io,
                                              EFI_PCI_IO_PROTOCOL_WIDTH width, UINT32 at,
                                              UINTN count, void *out)
{
    assert_true(width == EfiPciIoWidthUint16 && at == 4 && count == 1);
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    memcpy(out, &((struct fake_function *)io)->command, 2);
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_pci_write(EFI_PCI_IO_PROTOCOL *io,
                                               EFI_PCI_IO_PROTOCOL_WIDTH width, UINT32 at,
                                               UINTN count, void *value)
{
    assert_true(width == EfiPciIoWidthUint16 && at == 4 && count == 1);
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    memcpy(&((struct fake_function *)io)->command, value, 2);
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_configuration(EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL *io, void **out)
{
    (void)io;
    if (fake_fails())
        return EFI_UNSUPPORTED;
    *out = (void *)fw.bridge_resources;
    return EFI_SUCCESS;
}

/* ---- memory attributes: get, set, clear ---------------------------------------------------- */

#define FAKE_RO 0x20000
#define FAKE_XP 0x4000

static inline EFI_STATUS EFIAPI fake_set_attributes(void *self, UINT64 at, UINT64 size, UINT64 what)
{
    (void)self;
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    assert_int_equal(what, FAKE_RO);
    fw.read_only += size;
    fw.read_only_at = at;
    return EFI_SUCCESS;
}

static inline EFI_STATUS EFIAPI fake_clear_attributes(void *self, UINT64 at, UINT64 size,
                                                      UINT64 what)
{
    (void)self;
    if (fake_fails())
        return EFI_DEVICE_ERROR;
    fw.executable += what == FAKE_XP ? size : 0;
    fw.writable += what == FAKE_RO ? size : 0;
    if (what == FAKE_RO && at == fw.read_only_at)
        fw.read_only_at = 0;
    return EFI_SUCCESS;
}

#endif
