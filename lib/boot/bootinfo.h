/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOOT_BOOTINFO_H
#define RF_BOOT_BOOTINFO_H

#include "lib/boot/rammap.h"

/* What start-up code hands to kmain, whichever way the machine booted. Pointers are into the
 * kernel's linear map and stay valid. */
struct bootinfo {
    struct range image;       /* physical, with bss, stack and early pages */
    struct range early_pages; /* physical: free pages inside the image, the first of lib/mem */
    const char *boot_error;   /* what the boot loader handed over is unusable, why; NULL: usable */

    /* A boot loader that hands over a device tree: */
    const void *dtb; /* mapped read-only for its whole totalsize; NULL: boot_error */
    uint32_t dtb_size;
    unsigned entry_el; /* exception level at entry (1 or 2) */

    /* One that does not: */
    struct rammap ram;
    struct rammap taken; /* RAM and all else that its memory map names */
    uint64_t rsdp;       /* physical address of ACPI's root pointer; 0: none */
    const char *bootargs;
    struct range initrd;
    bool has_initrd;
};

/* arch/<cpu>/start calls it on the final stack, MMU and caches on. */
_Noreturn void kmain(const struct bootinfo *info);

#endif
