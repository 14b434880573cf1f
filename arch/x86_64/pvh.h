/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_PVH_H
#define RF_X86_64_PVH_H

#include <stdint.h>

/* What a PVH loader hands over (Xen public/arch-x86/hvm/start_info.h). All addresses physical. */
#define PVH_MAGIC 0x336ec578u

struct pvh_start_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, cmdline, rsdp;
    /* version 1 */
    uint64_t memory_map;
    uint32_t memory_map_count, reserved;
};

struct pvh_module {
    uint64_t start, size, cmdline, reserved;
};

struct pvh_memory {
    uint64_t start, size;
    uint32_t type, reserved;
};
#define PVH_MEMORY_RAM 1

#endif
