/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

/* Entry, by the calling convention of UEFI. The image is linked at 0 and has no PE relocations: it
 * applies those of ELF itself, before any pointer that the linker made is used. */

/* System V ABI 4.4: relocations of a static position-independent image. */
struct elf64_rela {
    uint64_t offset;
    uint64_t info;
    int64_t addend;
};

/* Of linker/uefi.lds. Hidden, so that they are reached relative to the program counter. */
#pragma GCC visibility push(hidden)
extern char image_start[];
extern const struct elf64_rela image_rela_start[], image_rela_end[];
#pragma GCC visibility pop

/* The linker makes no others, but for padding: ELF_RELATIVE is the architecture's
 * (arch/ARCH/arch.mk), a data symbol would be out of reach yet. */
static void relocate(void)
{
    uint64_t here = (uint64_t)image_start;

    for (const struct elf64_rela *r = image_rela_start; r < image_rela_end; r++)
        if ((uint32_t)r->info == ELF_RELATIVE)
            *(uint64_t *)(here + r->offset) = here + (uint64_t)r->addend;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st);
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st)
{
    struct loader l = {.image = image, .st = st, .bs = st->BootServices};

    relocate();
    return loader_run(&l);
}
