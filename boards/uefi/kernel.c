/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#include <string.h>

/* Memory Attribute protocol (UEFI 37.10), which GNU-EFI does not have. */
struct memory_attributes {
    void *get;
    EFI_STATUS(EFIAPI *set)(struct memory_attributes *self, UINT64 at, UINT64 size, UINT64 what);
    EFI_STATUS(EFIAPI *clear)(struct memory_attributes *self, UINT64 at, UINT64 size, UINT64 what);
};

static EFI_GUID memory_attributes_guid = {
    0xf4560cf6, 0x40ec, 0x4b4a, {0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89}};

/* Attributes that older headers of GNU-EFI lack, as they do the protocol. */
#define MEMORY_READ_ONLY 0x20000

static const struct kernel_image *header(void)
{
    return (const void *)(loader_kernel + KERNEL_IMAGE_AT);
}

/* NULL: firmware lets code pages be written and executed. */
static struct memory_attributes *find_attributes(const struct loader *l)
{
    void *m;

    return EFI_ERROR(l->bs->LocateProtocol(&memory_attributes_guid, NULL, &m)) ? NULL : m;
}

static EFI_STATUS protect(struct memory_attributes *m, const struct pages *kernel)
{
    const UINT64 at = kernel->at, text = header()->text_size, all = kernel->count * PAGE_SIZE;
    EFI_STATUS status = m->set(m, at, text, MEMORY_READ_ONLY);

    if (!EFI_ERROR(status))
        status = m->clear(m, at, text, EFI_MEMORY_XP);
    if (!EFI_ERROR(status))
        status = m->clear(m, at + text, all - text, MEMORY_READ_ONLY);
    return status;
}

EFI_STATUS kernel_place(struct loader *l)
{
    const UINTN size = loader_kernel_size;
    EFI_STATUS status = pages_take(l, EfiLoaderCode, cpu_kernel_last, header()->memory_size,
                                   "the kernel", &l->kernel);

    if (EFI_ERROR(status))
        return status;
    memcpy(pages_ptr(&l->kernel), loader_kernel, size);
    cpu_sync_code(pages_ptr(&l->kernel), size);
    struct memory_attributes *attributes = find_attributes(l);
    if (attributes)
        status = protect(attributes, &l->kernel);
    if (EFI_ERROR(status))
        return refuse(l, status, "the firmware does not let the kernel's pages be executed");
    return EFI_SUCCESS;
}

/* The firmware would find read-only pages among its own. */
void kernel_remove(struct loader *l)
{
    struct memory_attributes *attributes = l->kernel.count ? find_attributes(l) : NULL;

    if (attributes)
        (void)attributes->clear(attributes, l->kernel.at, l->kernel.count * PAGE_SIZE,
                                MEMORY_READ_ONLY);
    pages_give(l, &l->kernel);
}

void kernel_start(const struct loader *l)
{
    cpu_enter(l->kernel.at + header()->entry, l->handover_pages.at);
}
