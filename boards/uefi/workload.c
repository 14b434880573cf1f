/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#include <string.h>

#define WORKLOAD "workload.elf"

/* ELF header (System V ABI, 4.1): what tells at once that the file is another one. */
#define ELF_HEADER  64
#define ELF_CLASS   4
#define ELF_DATA    5
#define ELF_MACHINE 18
#define ELF_64      2
#define ELF_LITTLE  1

const char *elf_refusal(const uint8_t *elf, UINTN size, uint16_t machine)
{
    if (size < ELF_HEADER || memcmp(elf,
                                    "\x7f"
                                    "ELF",
                                    4) != 0)
        return "is no ELF file: put a static Linux program there";
    if (elf[ELF_CLASS] != ELF_64 || elf[ELF_DATA] != ELF_LITTLE ||
        (elf[ELF_MACHINE] | elf[ELF_MACHINE + 1] << 8) != machine)
        return "is a program for another CPU";
    return NULL;
}

static EFI_STATUS read_open(struct loader *l, const char *name, EFI_FILE_HANDLE file)
{
    UINT64 size;
    EFI_STATUS status = file_size(file, &size);

    if (EFI_ERROR(status))
        return refuse(l, status, "%s is no file that can be read", name);
    if (size == 0)
        return refuse(l, EFI_LOAD_ERROR, "%s is empty: put a static Linux program there", name);
    status = pages_take(l, EfiLoaderData, UINT64_MAX, size, name, &l->workload);
    if (EFI_ERROR(status))
        return status;
    status = file_read(file, pages_ptr(&l->workload), size);
    if (EFI_ERROR(status))
        return refuse(l, status, "%s cannot be read", name);
    const char *why = elf_refusal(pages_ptr(&l->workload), size, cpu_elf_machine);
    if (why)
        return refuse(l, EFI_LOAD_ERROR, "%s %s", name, why);
    l->handover->workload = (struct range){l->workload.at, l->workload.at + size - 1};
    return EFI_SUCCESS;
}

EFI_STATUS workload_read(struct loader *l)
{
    const char *name = cpu_workload;
    EFI_FILE_HANDLE file;
    EFI_STATUS status = file_open(l, name, &file);

    if (status == EFI_NOT_FOUND)
        status = file_open(l, name = WORKLOAD, &file);
    if (EFI_ERROR(status))
        return refuse(l, status,
                      WORKLOAD " is not beside ringfence.efi: put a static Linux program there");
    status = read_open(l, name, file);
    file->Close(file);
    return status;
}
