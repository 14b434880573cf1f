/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOOT_BOOTINFO_H
#define RF_BOOT_BOOTINFO_H

#include "lib/boot/rammap.h"

/* Parts of the address space of PCI host bridges that firmware gave to devices. */
#define BOOT_WINDOWS 64

struct boot_window {
    uint16_t segment;
    uint8_t bus_first; /* of the host bridge */
    bool io, prefetchable;
    uint64_t bus;     /* address on the bus */
    struct range cpu; /* where the CPU sees it */
};

struct boot_windows {
    unsigned count;
    struct boot_window w[BOOT_WINDOWS];
};

/* Less free RAM than this is refused: kernel, tables of the devices at hand, a small workload. */
#define BOOT_RAM_MIN MIB(8)

/* What start-up code hands to kmain, whichever way the machine booted. Pointers are into the
 * kernel's linear map and stay valid. */
struct bootinfo {
    struct range image;       /* physical, with bss, stack and early pages */
    struct range early_pages; /* physical: free pages inside the image, the first of lib/mem */
    const char *boot_error;   /* what the boot loader handed over is unusable, why; NULL: usable */

    /* A boot loader that hands over a device tree: */
    const void *dtb; /* mapped read-only for its whole totalsize; NULL: none, or boot_error */
    uint32_t dtb_size;
    unsigned entry_el; /* exception level at entry (1 or 2) */

    /* One with a memory map of its own; it stands in the place of what a device tree says: */
    struct rammap ram;                  /* count 0: there is none */
    struct rammap taken;                /* RAM and all else that its memory map names */
    uint64_t rsdp;                      /* physical address of ACPI's root pointer; 0: none */
    const struct boot_windows *windows; /* NULL: not told */
    const char *bootargs;
    struct range initrd;
    bool has_initrd;
};

/* arch/<cpu>/start calls it on the final stack, MMU and caches on. */
_Noreturn void kmain(const struct bootinfo *info);

#endif
