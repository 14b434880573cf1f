/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#include <string.h>

EFI_STATUS pages_take(struct loader *l, EFI_MEMORY_TYPE type, UINT64 last, UINT64 bytes,
                      const char *what, struct pages *out)
{
    EFI_PHYSICAL_ADDRESS at = last;
    UINTN count = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
    EFI_STATUS status = l->bs->AllocatePages(AllocateMaxAddress, type, count, &at);

    if (EFI_ERROR(status))
        return refuse(l, status, "no %lu KiB of memory for %s", (unsigned long)count * 4, what);
    *out = (struct pages){at, count};
    return EFI_SUCCESS;
}

void pages_give(struct loader *l, struct pages *p)
{
    if (p->count)
        l->bs->FreePages(p->at, p->count);
    *p = (struct pages){0};
}

/* Of a type that is nobody's RAM: the kernel maps the block read-only, and keeps it. */
EFI_STATUS handover_make(struct loader *l)
{
    EFI_STATUS status = pages_take(l, EfiReservedMemoryType, cpu_kernel_last, sizeof(*l->handover),
                                   "what the kernel is told", &l->handover_pages);

    if (EFI_ERROR(status))
        return status;
    l->handover = pages_ptr(&l->handover_pages);
    memset(l->handover, 0, sizeof(*l->handover));
    l->handover->magic = HANDOVER_MAGIC;
    l->handover->size = sizeof(*l->handover);
    return EFI_SUCCESS;
}

/* Room for a few descriptors more: taking the room itself may make some. */
#define MAP_SLACK 1024
#define MAP_TRIES 8

static EFI_STATUS grow(struct loader *l)
{
    if (l->map)
        l->bs->FreePool(l->map);
    l->map = NULL;
    l->map_room = l->map_size + MAP_SLACK;
    return l->bs->AllocatePool(EfiLoaderData, l->map_room, (void **)&l->map);
}

EFI_STATUS map_read(struct loader *l, UINTN *key, bool may_grow)
{
    UINT32 version;
    EFI_STATUS status;

    for (unsigned i = 0;; i++) {
        l->map_size = l->map ? l->map_room : 0;
        status = l->bs->GetMemoryMap(&l->map_size, l->map, key, &l->map_step, &version);
        if (!EFI_ERROR(status) && l->map_step < sizeof(*l->map))
            return EFI_INCOMPATIBLE_VERSION;
        if (status != EFI_BUFFER_TOO_SMALL || !may_grow || i == MAP_TRIES)
            return status;
        status = grow(l);
        if (EFI_ERROR(status))
            return status;
    }
}

/* Less would not do: what is counted here is what the kernel gets, without the files. */
EFI_STATUS memory_check(struct loader *l)
{
    struct handover *h = l->handover;
    UINTN key;
    EFI_STATUS status = map_read(l, &key, true);

    if (EFI_ERROR(status))
        return refuse(l, status, "the memory map cannot be read");
    map_convert(l, &h->ram, &h->taken);
    UINT64 used = (l->workload.count + l->kernel.count) * PAGE_SIZE;
    UINT64 free = rammap_total(&h->ram);
    free -= MIN(free, used);
    if (free < BOOT_RAM_MIN)
        return refuse(l, EFI_OUT_OF_RESOURCES,
                      "too little memory: %lu KiB are left, at least %lu KiB are needed",
                      (unsigned long)(free / KIB(1)), (unsigned long)(BOOT_RAM_MIN / KIB(1)));
    return EFI_SUCCESS;
}
