/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/early.h"

#include "arch/aarch64/image.h"
#include "arch/aarch64/layout.h"

/* ELF for the Arm 64-bit Architecture, 5.7: what a static position-independent image holds. */
struct elf64_rela {
    uint64_t offset;
    uint64_t info;
    int64_t addend;
};

#define R_AARCH64_NONE     0u /* the linker pads with it */
#define R_AARCH64_RELATIVE 1027u

int early_relocate(void)
{
    const struct elf64_rela *rela = (const struct elf64_rela *)__rela_start;
    const struct elf64_rela *end = (const struct elf64_rela *)__rela_end;
    uint64_t here = (uint64_t)__image_start; /* the image is linked at 0 */

    for (; rela < end; rela++) {
        uint32_t type = (uint32_t)rela->info;
        if (type == R_AARCH64_NONE)
            continue;
        if (type != R_AARCH64_RELATIVE)
            return -1;
        *(uint64_t *)(here + rela->offset) = LINEAR_BASE + here + (uint64_t)rela->addend;
    }
    return 0;
}
