/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOOT_HANDOVER_H
#define RF_BOOT_HANDOVER_H

#include "lib/boot/bootinfo.h"
#include "lib/boot/cmdline.h"

/* Between ringfence.efi (boards/uefi) and the kernel that it carries: both are of one build, so the
 * structures have no versions. All addresses are physical. */

/* At KERNEL_IMAGE_AT of the kernel's memory image, which may be put at any page. */
#define KERNEL_IMAGE_AT    64
#define KERNEL_IMAGE_MAGIC UINT64_C(0x656c6e72656b6672) /* "rfkernel" */

struct kernel_image {
    uint64_t magic;
    uint64_t entry;       /* offset of what takes a handover's address as its one argument */
    uint64_t text_size;   /* bytes from 0 on that are executed and never written; whole pages */
    uint64_t memory_size; /* with bss, stack and early pages */
};

/* The first word is neither that of a device tree nor that of PVH's start info, whose places it
 * takes. The block is in memory that is not in `ram`: it stays as it is. */
#define HANDOVER_MAGIC 0x4f484652u /* "RFHO" */

struct handover {
    uint32_t magic;
    uint32_t size;         /* of this structure */
    uint64_t rsdp, dtb;    /* 0: firmware has none */
    struct range workload; /* in `ram` */
    struct rammap ram;     /* usable, also that of the kernel and the workload */
    struct rammap taken;   /* all that firmware's memory map names */
    struct boot_windows windows;
    char bootargs[CMDLINE_MAX];
};

/* Fills what info holds of a memory map of the loader's own, with pointers into h. NULL, or what is
 * wrong with h. */
const char *handover_read(const struct handover *h, struct bootinfo *info);

#endif
