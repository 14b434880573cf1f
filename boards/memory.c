/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mem.h"
#include "arch/mmu.h"
#include "boards/machine.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"

void memory_start_early(const struct machine *m)
{
    if (page_add_range(m->boot->early_pages) || mmu_init())
        stop("the kernel's start-up memory is unusable: the image is damaged");
}

static void take(struct rammap *map, struct range r)
{
    r.start = align_down(r.start, PAGE_SIZE);
    r.last |= PAGE_SIZE - 1;
    if (rammap_remove(map, r))
        stop("memory map too fragmented: more than %u ranges", RAMMAP_MAX);
}

static struct range dtb_range(const struct bootinfo *b)
{
    uint64_t start = ptr_to_paddr(b->dtb).v;

    return (struct range){start, start + b->dtb_size - 1};
}

/* What may be mapped: RAM without what firmware forbids, and without what start-up mapped with
 * narrower rights. */
static void map_ram(const struct machine *m, struct rammap *map)
{
    *map = m->hw.ram;
    for (unsigned i = 0; i < m->hw.reserved_count; i++)
        if (m->hw.reserved[i].no_map)
            take(map, m->hw.reserved[i].r);
    take(map, m->boot->image);
    if (m->boot->dtb)
        take(map, dtb_range(m->boot));
    rammap_page_align(map);
    for (unsigned i = 0; i < map->count; i++)
        if (mmu_map_ram(map->r[i]))
            stop("cannot map RAM 0x%lx..0x%lx", map->r[i].start, map->r[i].last);
}

static void check_initrd(const struct machine *m)
{
    struct range initrd = m->hw.initrd, image = m->boot->image;

    if (m->hw.has_initrd && range_overlaps(initrd, image))
        stop("the initrd 0x%lx..0x%lx overlaps the kernel 0x%lx..0x%lx: load it elsewhere",
             initrd.start, initrd.last, image.start, image.last);
}

void memory_start(struct machine *m)
{
    struct rammap map;
    struct page_stats stats;

    check_initrd(m);
    map_ram(m, &map);
    for (unsigned i = 0; i < m->hw.reserved_count; i++)
        take(&map, m->hw.reserved[i].r);
    if (m->hw.has_initrd)
        take(&map, m->hw.initrd);
    for (unsigned i = 0; i < map.count; i++)
        if (page_add_range(map.r[i]))
            log_warn("RAM 0x%lx..0x%lx is left unused", map.r[i].start, map.r[i].last);
    page_get_stats(&stats);
    if (stats.free_pages * PAGE_SIZE < BOOT_RAM_MIN)
        stop("too little memory: %lu KiB free, at least %lu KiB are needed",
             stats.free_pages * PAGE_SIZE / KIB(1), BOOT_RAM_MIN / KIB(1));
}
