/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_UEFI_LOADER_H
#define RF_UEFI_LOADER_H

#include <efi.h>

#include "lib/boot/handover.h"

/* ringfence.efi: a UEFI application that reads the command line and the workload from beside
 * itself, silences PCI, leaves the firmware for good, and starts the kernel that it carries.
 * Whatever keeps it from that is said on the firmware's console, everything that it took is given
 * back, and it returns an EFI status. */

/* Pages from the firmware; count 0: none. */
struct pages {
    EFI_PHYSICAL_ADDRESS at;
    UINTN count;
};

/* A PCI function that could master the bus when the loader came. */
struct master {
    EFI_PCI_IO_PROTOCOL *io;
    UINT16 command; /* as it was */
};

struct loader {
    EFI_HANDLE image;
    EFI_SYSTEM_TABLE *st;
    EFI_BOOT_SERVICES *bs;
    EFI_LOADED_IMAGE_PROTOCOL *loaded;
    EFI_FILE_HANDLE root; /* of the volume that the loader came from; NULL: not open */

    struct pages workload, kernel, handover_pages;
    struct handover *handover;

    struct master *master; /* pool; NULL: none */
    UINTN master_count;
    EFI_MEMORY_DESCRIPTOR *map; /* pool; the memory map as it was last read */
    UINTN map_room, map_size, map_step;
};

/* The kernel that the image carries. */
extern const uint8_t loader_kernel[];
extern const UINT64 loader_kernel_size;

/* Does everything, in this order. Returns only when the kernel cannot be started. */
EFI_STATUS loader_run(struct loader *l);

/* "ringfence.efi: TEXT" on the firmware's console, a line. */
void say(const struct loader *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same, with the status in words at the end when it is an error; returns it. */
EFI_STATUS refuse(const struct loader *l, EFI_STATUS status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- the stages; what each takes is noted in the loader ------------------------------------ */

EFI_STATUS handover_make(struct loader *l); /* zeroed, empty */
EFI_STATUS tables_find(struct loader *l);   /* RSDP and device tree */
EFI_STATUS volume_open(struct loader *l);
EFI_STATUS options_read(struct loader *l);  /* ringfence.cfg, or the load options */
EFI_STATUS workload_read(struct loader *l); /* workload-ARCH.elf, or workload.elf */
EFI_STATUS kernel_place(struct loader *l);  /* the kernel, ready to be jumped to */
void kernel_remove(struct loader *l);
EFI_STATUS windows_read(struct loader *l); /* of PCI host bridges */
EFI_STATUS memory_check(struct loader *l); /* enough for the kernel? */
EFI_STATUS masters_silence(struct loader *l);
void masters_restore(struct loader *l);      /* before anything is said again */
EFI_STATUS firmware_leave(struct loader *l); /* EFI_SUCCESS: there is no firmware any more */
_Noreturn void kernel_start(const struct loader *l);

/* ---- memory -------------------------------------------------------------------------------- */

/* Takes pages for `bytes`, at or below `last`; says so when there are none. */
EFI_STATUS pages_take(struct loader *l, EFI_MEMORY_TYPE type, UINT64 last, UINT64 bytes,
                      const char *what, struct pages *out);
void pages_give(struct loader *l, struct pages *p);

static inline void *pages_ptr(const struct pages *p)
{
    return (void *)(UINTN)p->at;
}

/* Reads the memory map into l->map, which it makes larger if it has to and `may_grow`. */
EFI_STATUS map_read(struct loader *l, UINTN *key, bool may_grow);

/* The map in l->map as the kernel wants it. Never fails: of more than RAM_PIECES the smallest RAM
 * is left unused, as the kernel cuts some pieces in two, but never the workload's; what is taken
 * includes gaps if it has to. */
#define RAM_PIECES (RAMMAP_MAX - 8)
void map_convert(const struct loader *l, struct rammap *ram, struct rammap *taken);

/* ---- files --------------------------------------------------------------------------------- */

#define PATH_MAX 512

/* The folder of an image's path, with a backslash at its end: "\EFI\BOOT\". False: too long. */
bool path_folder(const EFI_DEVICE_PATH_PROTOCOL *image, CHAR16 *out, UINTN room);

/* Opens NAME beside the image. */
EFI_STATUS file_open(struct loader *l, const char *name, EFI_FILE_HANDLE *out);

/* Its length; EFI_UNSUPPORTED: it is a folder. */
EFI_STATUS file_size(EFI_FILE_HANDLE file, UINT64 *out);

/* Exactly `size` bytes from the start on; EFI_END_OF_FILE: there are fewer. */
EFI_STATUS file_read(EFI_FILE_HANDLE file, void *to, UINT64 size);

/* ---- text ---------------------------------------------------------------------------------- */

/* A configuration file as a command line: ends of lines are blanks, a line that begins with # is a
 * comment. False, and why: it is no text, or too long. */
bool config_text(const uint8_t *bytes, UINTN size, char *out, UINTN room, char *why,
                 UINTN why_size);

/* Load options as a command line; `has_name`: the first word is the program's. False: they are no
 * text, or none. */
bool options_text(const CHAR16 *options, UINTN bytes, bool has_name, char *out, UINTN room);

/* What the ELF header at `elf` makes unusable as a workload; NULL: nothing. */
const char *elf_refusal(const uint8_t *elf, UINTN size, uint16_t machine);

/* Adds what a root bridge's Configuration() tells (UEFI 14.2, ACPI 6.4.3.5.1). False: too much of
 * it. */
bool windows_add(const uint8_t *resources, UINT32 segment, struct boot_windows *out);

/* ---- the CPU (cpu_ARCH.c) ------------------------------------------------------------------ */

extern const uint16_t cpu_elf_machine; /* of workloads */
extern const char cpu_workload[];      /* is looked for first: a medium may serve several CPUs */
extern const UINT64 cpu_kernel_last;   /* the kernel and its handover may be put up to here */

/* Makes code that was written visible to instruction fetch. */
void cpu_sync_code(const void *code, UINTN size);

/* Calls the kernel, which never returns, with interrupts off. */
_Noreturn void cpu_enter(EFI_PHYSICAL_ADDRESS entry, EFI_PHYSICAL_ADDRESS handover);

#endif
