/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

/* The firmware's memory map (UEFI 7.2) as the kernel's lists of ranges. */

#define MEMORY_SPECIAL 0x40000 /* kept for a special purpose */

/* What is nobody's once the firmware has been left. ACPI's tables stay where they are. */
static bool is_free_memory(UINT32 type)
{
    switch (type) {
    case EfiLoaderCode:
    case EfiLoaderData:
    case EfiBootServicesCode:
    case EfiBootServicesData:
    case EfiConventionalMemory:
        return true;
    default:
        return false;
    }
}

static bool is_ram(const EFI_MEMORY_DESCRIPTOR *d)
{
    const UINT64 unwanted = MEMORY_SPECIAL | EFI_MEMORY_RUNTIME | EFI_MEMORY_RP;

    return is_free_memory(d->Type) && (d->Attribute & EFI_MEMORY_WB) && !(d->Attribute & unwanted);
}

static unsigned smallest(const struct rammap *m)
{
    unsigned found = 0;

    for (unsigned i = 1; i < m->count; i++)
        if (range_size(m->r[i]) < range_size(m->r[found]))
            found = i;
    return found;
}

static void add_ram(struct rammap *m, struct range r)
{
    if (rammap_add(m, r) == 0 && m->count > RAM_PIECES)
        (void)rammap_remove(m, m->r[smallest(m)]);
}

static uint64_t gap(struct range a, struct range b)
{
    return a.last < b.start ? b.start - a.last : a.start - b.last;
}

/* When there are too many pieces r is joined with the nearest, and with what is between them. */
static void add_taken(struct rammap *m, struct range r)
{
    unsigned nearest = 0;

    if (rammap_add(m, r) == 0)
        return;
    for (unsigned i = 1; i < m->count; i++)
        if (gap(m->r[i], r) < gap(m->r[nearest], r))
            nearest = i;
    r.start = MIN(r.start, m->r[nearest].start);
    r.last = MAX(r.last, m->r[nearest].last);
    (void)rammap_add(m, r); /* takes the place of the nearest */
}

/* Its piece may be one of those that were left out. */
static void add_workload(const struct loader *l, struct rammap *ram)
{
    struct range r;

    if (range_make(l->workload.at, l->workload.count * PAGE_SIZE, &r))
        (void)rammap_add(ram, r); /* there is room */
}

void map_convert(const struct loader *l, struct rammap *ram, struct rammap *taken)
{
    ram->count = taken->count = 0;
    for (UINTN at = 0; at + sizeof(EFI_MEMORY_DESCRIPTOR) <= l->map_size; at += l->map_step) {
        const EFI_MEMORY_DESCRIPTOR *d = (const void *)((const uint8_t *)l->map + at);
        struct range r;

        if (d->NumberOfPages > UINT64_MAX / PAGE_SIZE ||
            !range_make(d->PhysicalStart, d->NumberOfPages * PAGE_SIZE, &r))
            continue;
        add_taken(taken, r);
        if (is_ram(d))
            add_ram(ram, r);
    }
    add_workload(l, ram);
}
