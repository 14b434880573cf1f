/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/early.h"

#include "arch/x86_64/image.h"
#include "arch/x86_64/layout.h"

/* System V ABI, AMD64 supplement, 4.4: what a static position-independent image holds. */
struct elf64_rela {
    uint64_t offset;
    uint64_t info;
    int64_t addend;
};

#define R_X86_64_NONE     0u /* the linker pads with it */
#define R_X86_64_RELATIVE 8u

int early_relocate(void)
{
    const struct elf64_rela *rela = (const struct elf64_rela *)__rela_start;
    const struct elf64_rela *end = (const struct elf64_rela *)__rela_end;
    uint64_t here = (uint64_t)__image_start; /* the image is linked at 0 */

    for (; rela < end; rela++) {
        uint32_t type = (uint32_t)rela->info;
        if (type == R_X86_64_NONE)
            continue;
        if (type != R_X86_64_RELATIVE)
            return -1;
        *(uint64_t *)(here + rela->offset) = LINEAR_BASE + here + (uint64_t)rela->addend;
    }
    return 0;
}
