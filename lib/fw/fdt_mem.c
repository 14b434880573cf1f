/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include <string.h>

#include <libfdt.h>

#include "lib/base/err.h"

/* Memory (3.4), reserved memory (3.5), the reservation block (5.3), and every register block. */

static int add_ram(struct dt_walk *w, struct range r)
{
    int err = dt_claim(w, r, "RAM");

    if (err)
        return err;
    if (rammap_add(&w->hw->ram, r))
        return dt_refuse(w, -RF_ENOSPC, "RAM is in more than %u pieces", RAMMAP_MAX);
    return 0;
}

/* Trees that a boot loader was to fill in have entries of size 0: they tell of no RAM. */
static bool is_unfilled(const struct dt_walk *w, unsigned index)
{
    const struct dt_level *bus = &w->level[w->depth - 1];
    const struct dt_prop *reg = &w->prop[DT_REG];

    if (!dt_cells_fit(bus->addr_cells, bus->size_cells))
        return false;
    size_t entry = bus->addr_cells + bus->size_cells, size_at = entry * index + bus->addr_cells;
    return index < reg->len / DT_CELL / entry && dt_cells(reg->data, size_at, bus->size_cells) == 0;
}

int dt_memory(struct dt_walk *w)
{
    for (unsigned i = 0;; i++) {
        struct range r;

        if (is_unfilled(w, i))
            continue;
        int err = dt_reg(w, i, &r);
        if (err == -RF_ENOENT)
            return i ? 0 : dt_refuse(w, -RF_EINVAL, "a memory node without reg");
        if (err || (err = add_ram(w, r)))
            return err;
    }
}

static int add_reserved(struct dt_walk *w, struct range r, bool no_map, const char *name)
{
    struct hwdesc *hw = w->hw;

    if (hw->reserved_count == HW_RESERVED)
        return dt_refuse(w, -RF_ENOSPC, "more than %u reserved ranges", HW_RESERVED);
    if (!(name = dt_keep(w, name)))
        return -RF_ENOSPC;
    hw->reserved[hw->reserved_count++] = (struct hw_reserved){r, no_map, name};
    return 0;
}

/* A child without reg asks an operating system to choose a place: there is nothing to keep clear
 * of. */
int dt_reserved(struct dt_walk *w)
{
    int err = dt_iovas(w);

    for (unsigned i = 0; !err; i++) {
        struct range r;

        err = dt_reg(w, i, &r);

        if (err)
            return err == -RF_ENOENT ? 0 : err;
        err = add_reserved(w, r, dt_has(w, DT_NO_MAP), w->level[w->depth].name);
    }
    return err;
}

int dt_memreserve(struct dt_walk *w)
{
    int count = fdt_num_mem_rsv(w->dtb);

    for (int i = 0; i < count; i++) {
        uint64_t start, size;
        struct range r;
        int err = fdt_get_mem_rsv(w->dtb, i, &start, &size);

        if (err)
            return dt_refuse(w, -RF_EINVAL, "the reservation block is damaged");
        if (size == 0)
            continue;
        if (!range_make(start, size, &r))
            return dt_refuse(w, -RF_EINVAL, "reservation %d wraps: %#lx + %#lx", i, start, size);
        if ((err = add_reserved(w, r, false, "memreserve")))
            return err;
    }
    return 0;
}

/* Nodes of other buses (an I2C device's reg) have no CPU address, and no device that is unknown
 * here can make a tree unusable: what cannot be read is passed over. */
int dt_regions(struct dt_walk *w)
{
    struct hwdesc *hw = w->hw;
    const char *name = NULL;
    struct range r;

    if (w->level[w->depth - 1].size_cells == 0)
        return 0;
    for (unsigned i = 0; dt_reg(w, i, &r) == 0; i++) {
        if (hw->region_count == HW_DEVICES)
            return dt_refuse(w, -RF_ENOSPC, "more than %u register blocks", HW_DEVICES);
        if (!name && !(name = dt_keep(w, w->level[w->depth].name)))
            return -RF_ENOSPC;
        hw->region[hw->region_count++] = (struct hw_region){r, name};
    }
    return 0;
}

int dt_claim(struct dt_walk *w, struct range r, const char *what)
{
    struct range other;
    const char *claimed = hw_claimed(w->hw, r, &other);

    return claimed ? dt_refuse(w, -RF_EINVAL, "%s %#lx..%#lx overlaps %s %#lx..%#lx", what, r.start,
                               r.last, claimed, other.start, other.last)
                   : 0;
}
