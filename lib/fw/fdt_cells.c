/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"

uint32_t dt_cell(const uint8_t *p, size_t n)
{
    p += DT_CELL * n;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint64_t dt_cells(const uint8_t *p, size_t n, uint32_t count)
{
    uint64_t v = 0;

    for (; count > 0; count--, n++)
        v = v << 32 | dt_cell(p, n);
    return v;
}

uint32_t dt_u32(const struct dt_walk *w, enum dt_prop_id id, uint32_t absent)
{
    const struct dt_prop *p = &w->prop[id];

    return p->data && p->len == DT_CELL ? dt_cell(p->data, 0) : absent;
}

bool dt_has(const struct dt_walk *w, enum dt_prop_id id)
{
    return w->prop[id].data != NULL;
}

const char *dt_string(const struct dt_prop *p, unsigned n)
{
    const char *s = (const char *)p->data;
    uint32_t left = p->data ? p->len : 0;

    for (;; n--) {
        const char *end = left ? memchr(s, '\0', left) : NULL;

        if (!end)
            return NULL;
        if (n == 0)
            return s;
        left -= (uint32_t)(end - s) + 1;
        s = end + 1;
    }
}

bool dt_lists(const struct dt_prop *p, const char *s)
{
    const char *each;

    for (unsigned i = 0; (each = dt_string(p, i)) != NULL; i++) {
        if (strcmp(each, s) == 0)
            return true;
    }
    return false;
}

static void print_path(struct dt_walk *w)
{
    for (unsigned i = 1; i <= w->depth; i++)
        strbuf_printf(&w->why, "/%s", w->level[i].name);
    strbuf_printf(&w->why, w->depth ? ": " : "/: ");
}

static void print_why(struct dt_walk *w, const char *fmt, va_list ap)
{
    char reason[200];

    vsnprintf(reason, sizeof(reason), fmt, ap);
    strbuf_init(&w->why, w->why.text, w->why.size);
    if (w->offset >= 0)
        print_path(w);
    strbuf_printf(&w->why, "%s", reason);
}

int dt_refuse(struct dt_walk *w, int err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_why(w, fmt, ap);
    va_end(ap);
    return err;
}

void dt_odd(struct dt_walk *w, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_why(w, fmt, ap);
    va_end(ap);
    hw_odd(w->hw, "DTB", w->offset < 0 ? 0 : (uint32_t)w->offset, w->why.text);
}

const char *dt_keep(struct dt_walk *w, const char *s)
{
    const char *copy = hw_keep(w->hw, s);

    if (!copy)
        dt_refuse(w, -RF_ENOSPC, "its strings need more than the %u bytes that are kept",
                  (unsigned)sizeof(w->hw->text));
    return copy;
}

bool dt_cells_fit(uint32_t addr, uint32_t size)
{
    return addr >= 1 && addr <= 2 && size >= 1 && size <= 2;
}

int dt_reg(struct dt_walk *w, unsigned index, struct range *out)
{
    const struct dt_prop *reg = &w->prop[DT_REG];
    const struct dt_level *bus = &w->level[w->depth - 1];
    uint32_t addr = bus->addr_cells, size = bus->size_cells;
    struct range r;

    if (w->depth == 0 || !reg->data)
        return -RF_ENOENT;
    if (!dt_cells_fit(addr, size))
        return dt_refuse(w, -RF_EINVAL, "reg has %u address and %u size cells, 1 or 2 are readable",
                         addr, size);
    const uint32_t entry = DT_CELL * (addr + size);
    if (reg->len % entry != 0)
        return dt_refuse(w, -RF_EINVAL, "reg of %u bytes is no whole number of entries", reg->len);
    if (index >= reg->len / entry)
        return -RF_ENOENT;

    const uint8_t *p = reg->data + (size_t)index * entry;
    if (!range_make(dt_cells(p, 0, addr), dt_cells(p, addr, size), &r))
        return dt_refuse(w, -RF_EINVAL, "reg entry %u is empty or wraps", index);
    int err = dt_translate(w, (int)w->depth - 1, &r);
    if (err)
        return err;
    if (r.last >= DT_ADDRESS_SPACE)
        return dt_refuse(w, -RF_EINVAL, "reg entry %u ends at %#lx, beyond 48 bits", index, r.last);
    *out = r;
    return 0;
}

int dt_need_reg(struct dt_walk *w, unsigned index, struct range *out)
{
    int err = dt_reg(w, index, out);

    return err == -RF_ENOENT ? dt_refuse(w, -RF_EINVAL, "reg has no entry %u", index) : err;
}

/* One step up: through `map` (ranges or dma-ranges, 2.3.8 and 2.3.9) of a bus whose children have
 * `child` address cells and whose parent has `parent`. */
static int step_up(struct dt_walk *w, const struct dt_level *bus, const struct dt_level *up,
                   const struct dt_prop *map, struct range *r)
{
    uint32_t child = bus->addr_cells, parent = up->addr_cells, size = bus->size_cells;
    const uint32_t entry = DT_CELL * (child + parent + size);

    if (map->len == 0) /* identity */
        return 0;
    if (!dt_cells_fit(child, size) || parent < 1 || parent > 2 || map->len % entry != 0)
        return dt_refuse(w, -RF_EINVAL, "ranges of %s cannot be read: %u bytes, %u+%u+%u cells",
                         bus->name, map->len, child, parent, size);
    for (const uint8_t *p = map->data; p < map->data + map->len; p += entry) {
        uint64_t to = dt_cells(p, child, parent);
        struct range from, image;

        if (!range_make(dt_cells(p, 0, child), dt_cells(p, child + parent, size), &from) ||
            !range_make(to, range_size(from), &image))
            return dt_refuse(w, -RF_EINVAL, "an entry in ranges of %s is empty or wraps",
                             bus->name);
        if (range_contains(from, *r)) {
            *r = (struct range){r->start - from.start + to, r->last - from.start + to};
            return 0;
        }
    }
    return dt_refuse(w, -RF_EINVAL, "%#lx..%#lx is not in the ranges of %s", r->start, r->last,
                     bus->name);
}

int dt_translate(struct dt_walk *w, int below, struct range *r)
{
    for (int i = below; i > 0; i--) {
        const struct dt_level *bus = &w->level[i];

        if (!bus->ranges.data)
            return dt_refuse(w, -RF_EINVAL, "%s has no ranges, so its children have no CPU address",
                             bus->name);
        int err = step_up(w, bus, bus - 1, &bus->ranges, r);
        if (err)
            return err;
    }
    return 0;
}

/* A bus without dma-ranges passes DMA on unchanged: trees that restrict nothing leave it out. */
int dt_translate_dma(struct dt_walk *w, int below, struct range *r)
{
    for (int i = below; i > 0; i--) {
        const struct dt_level *bus = &w->level[i];
        int err = step_up(w, bus, bus - 1, &bus->dma_ranges, r);

        if (err)
            return err;
    }
    return 0;
}
