/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"
#include "lib/fw/scope.h"

#include <string.h>

#include <libfdt.h>

#include "lib/base/err.h"

/* iommu-addresses of reserved memory (reserved-memory binding of the Devicetree schema): phandles
 * of devices, each with a range in the cells of the device's parent. Only PCI functions are ever
 * let in, so those of other devices are passed over. */

#define PCI_CELLS 3u      /* phys.hi, phys.mid, phys.lo (PCI bus binding 2.2.1.1) */
#define PCI_DEVFN 0xff00u /* of phys.hi */

int dt_iovas(struct dt_walk *w)
{
    struct dt_iovas *k = &w->iovas[w->iovas_count];

    if (!dt_has(w, DT_IOMMU_ADDRESSES))
        return 0;
    if (w->iovas_count == HW_IOVAS)
        return dt_refuse(w, -RF_ENOSPC, "more than %u nodes with iommu-addresses", HW_IOVAS);
    *k = (struct dt_iovas){.list = w->prop[DT_IOMMU_ADDRESSES]};
    int err = dt_reg(w, 0, &k->memory);
    if (err && err != -RF_ENOENT)
        return err;
    if (!(k->name = dt_keep(w, w->level[w->depth].name)))
        return -RF_ENOSPC;
    w->iovas_count++;
    return 0;
}

static int host_by_node(const struct dt_walk *w, int node)
{
    for (unsigned i = 0; i < w->hw->host_count; i++) {
        if (w->host_node[i] == node)
            return (int)i;
    }
    return -1;
}

static bool prepend(struct hw_scope *s, uint8_t devfn)
{
    if (s->depth == HW_SCOPE_PATH)
        return false;
    memmove(s->path + 1, s->path, s->depth);
    s->path[0] = devfn;
    s->depth++;
    return true;
}

/* The place of a node below a PCI host. False: it is elsewhere, or too deep. */
static bool find_place(const struct dt_walk *w, int node, struct hw_scope *out)
{
    for (; host_by_node(w, node) < 0; node = fdt_parent_offset(w->dtb, node)) {
        int len;
        const uint8_t *reg = node > 0 ? fdt_getprop(w->dtb, node, "reg", &len) : NULL;

        if (!reg || len < (int)(PCI_CELLS * DT_CELL) ||
            !prepend(out, (uint8_t)((dt_cell(reg, 0) & PCI_DEVFN) >> 8)))
            return false;
    }
    hw_scope_begin(out, &w->hw->host[host_by_node(w, node)]);
    return true;
}

/* One entry of a list: whose it is, and how many cells its range has. */
struct entry {
    int node;
    uint32_t addr_cells, size_cells;
};

static uint32_t cells_of(const struct dt_walk *w, int bus, const char *name, uint32_t absent)
{
    int len;
    const uint8_t *p = fdt_getprop(w->dtb, bus, name, &len);

    if (!p)
        return absent;
    return len == (int)DT_CELL ? dt_cell(p, 0) : UINT32_MAX;
}

static int read_device(struct dt_walk *w, const struct dt_iovas *k, uint32_t phandle,
                       struct entry *out)
{
    int parent;

    out->node = phandle ? fdt_node_offset_by_phandle(w->dtb, phandle) : -1;
    parent = out->node > 0 ? fdt_parent_offset(w->dtb, out->node) : -1;
    if (parent < 0)
        return dt_refuse(w, -RF_EINVAL,
                         "%s: iommu-addresses points to phandle %#x, which no device has", k->name,
                         phandle);
    out->addr_cells = cells_of(w, parent, "#address-cells", 2); /* defaults: 2.3.5 */
    out->size_cells = cells_of(w, parent, "#size-cells", 1);
    if (out->addr_cells == PCI_CELLS ? dt_cells_fit(1, out->size_cells)
                                     : dt_cells_fit(out->addr_cells, out->size_cells))
        return 0;
    return dt_refuse(w, -RF_EINVAL,
                     "%s: iommu-addresses for a device with %u address and %u size cells", k->name,
                     out->addr_cells, out->size_cells);
}

/* What phys.hi says of a PCI address is left out: there is one IOVA space. */
static int read_range(struct dt_walk *w, const struct dt_iovas *k, const struct entry *e,
                      const uint8_t *p, struct range *out)
{
    uint32_t skip = e->addr_cells == PCI_CELLS;

    if (range_make(dt_cells(p, skip, e->addr_cells - skip),
                   dt_cells(p, e->addr_cells, e->size_cells), out))
        return 0;
    return dt_refuse(w, -RF_EINVAL, "%s: a range of iommu-addresses is empty or wraps", k->name);
}

/* A range that is not the memory of its node can be kept free, but not be mapped: nobody says to
 * what. Nor is memory given to all functions of a host. */
static int add_iova(struct dt_walk *w, const struct dt_iovas *k, int node, struct range iova)
{
    struct hwdesc *hw = w->hw;
    struct hw_scope place = {.kind = HW_SCOPE_ENDPOINT};

    if (!find_place(w, node, &place))
        return 0;
    if (hw->iova_count == HW_IOVAS || hw->scope_count == HW_SCOPES)
        return dt_refuse(w, -RF_ENOSPC, "more than %u ranges of iommu-addresses", HW_IOVAS);
    hw->iova[hw->iova_count++] = (struct hw_iova){
        .scopes = {hw->scope_count, 1},
        .iova = iova,
        .direct = place.depth > 0 && iova.start == k->memory.start && iova.last == k->memory.last,
        .name = k->name,
    };
    hw->scope[hw->scope_count++] = place;
    return 0;
}

static int finish_list(struct dt_walk *w, const struct dt_iovas *k)
{
    const uint8_t *p = k->list.data;

    for (uint32_t left = k->list.len / DT_CELL; left != 0;) {
        struct entry e = {0};
        struct range iova = {0};
        int err = read_device(w, k, dt_cell(p, 0), &e);

        if (err)
            return err;
        uint32_t cells = 1 + e.addr_cells + e.size_cells;
        if (left < cells)
            return dt_refuse(w, -RF_EINVAL, "%s: iommu-addresses ends in the middle of an entry",
                             k->name);
        if ((err = read_range(w, k, &e, p + DT_CELL, &iova)) ||
            (err = add_iova(w, k, e.node, iova)))
            return err;
        p += (size_t)DT_CELL * cells;
        left -= cells;
    }
    return 0;
}

int dt_finish_iovas(struct dt_walk *w)
{
    int err = 0;

    for (unsigned i = 0; i < w->iovas_count && !err; i++)
        err = finish_list(w, &w->iovas[i]);
    return err;
}
