/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/cpu.h"
#include "arch/mem.h"
#include "arch/x86_64/clock.h"
#include "arch/x86_64/cpu_start.h"
#include "arch/x86_64/descriptor.h"
#include "arch/x86_64/early.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/pvh.h"
#include "lib/boot/handover.h"

/* What lies below is the firmware's, whatever its map says of it. */
#define LOW_MEMORY MIB(1)

static struct bootinfo info;

/* Where [pa, pa + size) can be read; NULL: nowhere. */
static const void *map(uint64_t pa, uint64_t size)
{
    struct range r;

    if (pa == 0 || !range_make(pa, size, &r) || r.last >> MIN(cpu_pa_bits(), LINEAR_BITS) != 0 ||
        range_overlaps(r, info.image) || !early_map_readonly(pa, size))
        return NULL;
    return paddr_to_ptr(PADDR(pa));
}

static const char *read_memory_map(const struct pvh_start_info *s)
{
    static const char too_many[] = "its memory map has too many pieces";
    const struct pvh_memory *m;

    if (s->version == 0 || s->memory_map_count == 0)
        return "it has no memory map: the loader speaks version 0 of PVH";
    m = map(s->memory_map, s->memory_map_count * sizeof(*m));
    if (m == NULL)
        return "its memory map cannot be read";
    for (unsigned i = 0; i < s->memory_map_count; i++) {
        struct range r;

        if (!range_make(m[i].start, m[i].size, &r))
            continue;
        if (rammap_add(&info.taken, r))
            return too_many;
        if (m[i].type != PVH_MEMORY_RAM || r.last < LOW_MEMORY)
            continue;
        r.start = MAX(r.start, LOW_MEMORY);
        if (rammap_add(&info.ram, r))
            return too_many;
    }
    return NULL;
}

/* The length is not told: page by page up to the end of the text. */
static const char *read_cmdline(uint64_t pa)
{
    static char text[CMDLINE_MAX];

    for (uint64_t n = 0; pa != 0 && n < sizeof(text) - 1; n++) {
        const char *c =
            n == 0 || is_aligned(pa + n, PAGE_SIZE) ? map(pa + n, 1) : paddr_to_ptr(PADDR(pa + n));
        if (c == NULL)
            return "its command line cannot be read";
        text[n] = *c;
        if (*c == '\0')
            break;
    }
    info.bootargs = text;
    return NULL;
}

static const char *read_module(const struct pvh_start_info *s)
{
    const struct pvh_module *m;

    if (s->module_count == 0)
        return NULL;
    m = map(s->modules, sizeof(*m));
    if (m == NULL)
        return "its module list cannot be read";
    info.has_initrd = range_make(m->start, m->size, &info.initrd);
    return info.has_initrd ? NULL : "its module has no sensible address";
}

static const char *read_start_info(uint64_t pa)
{
    const struct pvh_start_info *s = map(pa, sizeof(*s));
    const char *error;

    if (s == NULL)
        return "its address cannot be read";
    if (s->magic != PVH_MAGIC)
        return "it does not start with PVH's magic number 336ec578";
    info.rsdp = s->rsdp;
    error = read_cmdline(s->cmdline);
    if (error == NULL)
        error = read_memory_map(s);
    return error != NULL ? error : read_module(s);
}

static const char *read_handover(uint64_t pa)
{
    const struct handover *h = map(pa, sizeof(*h));
    const char *error = h == NULL ? "its address cannot be read" : handover_read(h, &info);

    if (error == NULL && rammap_remove(&info.ram, (struct range){0, LOW_MEMORY - 1}))
        error = "its memory map has too many pieces";
    return error;
}

/* Of PVH's loader or of ringfence.efi. */
static const char *read_start(uint64_t pa)
{
    const uint32_t *magic = map(pa, sizeof(*magic));

    return magic != NULL && *magic == HANDOVER_MAGIC ? read_handover(pa) : read_start_info(pa);
}

void early_main(uint64_t start_info)
{
    clock_start();
    early_map_is_live();
    descriptor_load();
    cpu_start();
    clock_calibrate();
    info.image = image_range();
    info.bootargs = "";
    info.boot_error = read_start(start_info);
    info.early_pages = (struct range){early_pages_left(), ptr_to_paddr(__early_pages_end).v - 1};
    kmain(&info);
}
