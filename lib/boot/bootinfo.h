/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOOT_BOOTINFO_H
#define RF_BOOT_BOOTINFO_H

#include "lib/base/range.h"

/* What start-up code hands to kmain, whichever way the machine booted. Pointers are into the
 * kernel's linear map and stay valid. */
struct bootinfo {
    struct range image;       /* physical, with bss, stack and early pages */
    struct range early_pages; /* physical: free pages inside the image, the first of lib/mem */
    const void *dtb; /* mapped read-only for its whole totalsize; NULL: none, see dtb_error */
    uint32_t dtb_size;
    const char *dtb_error; /* why dtb is NULL, in words; NULL when it is not */
    unsigned entry_el;     /* exception level at entry (1 or 2) */
};

/* arch/<cpu>/start calls it on the final stack, MMU and caches on. */
_Noreturn void kmain(const struct bootinfo *info);

#endif
