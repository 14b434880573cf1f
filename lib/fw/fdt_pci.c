/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include "lib/base/err.h"
#include "lib/base/mask.h"

/* Host bridges with an ECAM (pci-host-ecam-generic; IEEE 1275 PCI bus binding for `ranges`). */

#define PCI_CELLS 3u /* phys.hi, phys.mid, phys.lo */

/* phys.hi (PCI bus binding 2.2.1.1) */
#define PHYS_HI_SPACE    MASK(25, 24)
#define PHYS_HI_PREFETCH BIT(30)
enum { SPACE_CONFIG, SPACE_IO, SPACE_MEM32, SPACE_MEM64 };

#define ECAM_BUS_LG2 20 /* 1 MiB a bus (PCI Express 7.2.2) */

/* One entry of ranges or dma-ranges. */
struct pci_range {
    uint32_t hi;
    struct range bus;
    uint64_t parent;
};

/* Entry `index` of such a property. -RF_ENOENT: there is none. */
static int read_entry(struct dt_walk *w, const struct dt_prop *p, unsigned index,
                      struct pci_range *out)
{
    const struct dt_level *self = &w->level[w->depth];
    uint32_t parent = self[-1].addr_cells, size = self->size_cells;
    const uint32_t entry = DT_CELL * (PCI_CELLS + parent + size);

    if (self->addr_cells != PCI_CELLS || size < 1 || size > 2 || parent < 1 || parent > 2)
        return dt_refuse(w, -RF_EINVAL,
                         "ranges has %u+%u+%u cells, 3+(1 or 2)+(1 or 2) are readable",
                         self->addr_cells, parent, size);
    if (p->len % entry != 0)
        return dt_refuse(w, -RF_EINVAL, "ranges of %u bytes is no whole number of entries", p->len);
    if (index >= p->len / entry)
        return -RF_ENOENT;
    const uint8_t *e = p->data + (size_t)index * entry;
    out->hi = dt_cell(e, 0);
    out->parent = dt_cells(e, PCI_CELLS, parent);
    if (!range_make(dt_cells(e, 1, 2), dt_cells(e, PCI_CELLS + parent, size), &out->bus))
        return dt_refuse(w, -RF_EINVAL, "ranges entry %u is empty or wraps", index);
    return 0;
}

/* Where the entry arrives in the CPU's space, or in memory when it is of dma-ranges. */
static int translate_entry(struct dt_walk *w, const struct pci_range *e,
                           int (*translate)(struct dt_walk *, int, struct range *),
                           struct range *out)
{
    if (!range_make(e->parent, range_size(e->bus), out))
        return dt_refuse(w, -RF_EINVAL, "an entry of ranges wraps at %#lx", e->parent);
    return translate(w, (int)w->depth - 1, out);
}

static int check_window(struct dt_walk *w, const struct hw_pci_host *h,
                        const struct hw_pci_window *win)
{
    if (win->cpu.last >= DT_ADDRESS_SPACE)
        return dt_refuse(w, -RF_EINVAL, "a window ends at %#lx, beyond 48 bits", win->cpu.last);
    if (win->kind == HW_WIN_MEM32 && win->bus + (range_size(win->cpu) - 1) > UINT32_MAX)
        return dt_refuse(w, -RF_EINVAL, "a 32-bit window ends above 4 GiB on the bus");
    for (unsigned i = 0; i < h->window_count; i++) {
        const struct hw_pci_window *o = &h->window[i];
        struct range a = {win->bus, win->bus + (range_size(win->cpu) - 1)};
        struct range b = {o->bus, o->bus + (range_size(o->cpu) - 1)};

        if ((win->kind == HW_WIN_IO) == (o->kind == HW_WIN_IO) && range_overlaps(a, b))
            return dt_refuse(w, -RF_EINVAL, "windows %u and %u overlap on the bus at %#lx", i,
                             h->window_count, MAX(a.start, b.start));
    }
    return dt_claim(w, win->cpu, "PCI window");
}

static int read_windows(struct dt_walk *w, struct hw_pci_host *h)
{
    static const enum hw_window_kind kinds[] = {
        [SPACE_IO] = HW_WIN_IO,
        [SPACE_MEM32] = HW_WIN_MEM32,
        [SPACE_MEM64] = HW_WIN_MEM64,
    };

    for (unsigned i = 0;; i++) {
        struct hw_pci_window win = {0};
        struct pci_range e = {0};
        int err = read_entry(w, &w->prop[DT_RANGES], i, &e);

        if (err)
            return err == -RF_ENOENT ? 0 : err;
        unsigned space = (unsigned)FIELD_GET(PHYS_HI_SPACE, e.hi);
        if (space == SPACE_CONFIG)
            continue;
        win.kind = kinds[space];
        win.prefetchable = (e.hi & PHYS_HI_PREFETCH) != 0;
        win.bus = e.bus.start;
        if ((err = translate_entry(w, &e, dt_translate, &win.cpu)) ||
            (err = check_window(w, h, &win)))
            return err;
        if (h->window_count == HW_WINDOWS)
            return dt_refuse(w, -RF_ENOSPC, "more than %u windows", HW_WINDOWS);
        h->window[h->window_count++] = win;
    }
}

/* Sorted by bus address. */
static int add_dma_window(struct dt_walk *w, struct hw_pci_host *h, struct range bus, uint64_t cpu)
{
    unsigned at = h->dma_count;

    for (unsigned i = 0; i < h->dma_count; i++) {
        if (range_overlaps(h->dma[i].bus, bus))
            return dt_refuse(w, -RF_EINVAL, "dma-ranges overlap at %#lx",
                             MAX(h->dma[i].bus.start, bus.start));
    }
    if (h->dma_count == HW_DMA_WINDOWS)
        return dt_refuse(w, -RF_ENOSPC, "more than %u dma-ranges", HW_DMA_WINDOWS);
    for (; at > 0 && h->dma[at - 1].bus.start > bus.start; at--)
        h->dma[at] = h->dma[at - 1];
    h->dma[at] = (struct hw_dma_window){bus, cpu};
    h->dma_count++;
    return 0;
}

/* The dma-ranges of the bus level[at] limit what is below it. */
static int read_bus_dma(struct dt_walk *w, struct hw_pci_host *h, int at)
{
    const struct dt_level *bus = &w->level[at];
    const uint32_t child = bus->addr_cells, parent = bus[-1].addr_cells;
    const uint32_t entry = DT_CELL * (child + parent + bus->size_cells);
    const struct dt_prop *p = &bus->dma_ranges;

    if (!dt_cells_fit(child, bus->size_cells) || !dt_cells_fit(parent, 1) || p->len % entry != 0)
        return dt_refuse(w, -RF_EINVAL, "dma-ranges of %s cannot be read", bus->name);
    for (const uint8_t *e = p->data; e < p->data + p->len; e += entry) {
        struct range r, image;

        if (!range_make(dt_cells(e, 0, child), dt_cells(e, child + parent, bus->size_cells), &r))
            return dt_refuse(w, -RF_EINVAL, "an entry in dma-ranges of %s is empty or wraps",
                             bus->name);
        image = r;
        int err = dt_translate_dma(w, at, &image);
        if (err || (err = add_dma_window(w, h, r, image.start)))
            return err;
    }
    return 0;
}

/* A host without dma-ranges of its own is limited by the nearest bus above that has some. */
static int inherit_dma(struct dt_walk *w, struct hw_pci_host *h)
{
    int at = (int)w->depth - 1;

    while (at > 0 && w->level[at].dma_ranges.len == 0)
        at--;
    return at > 0 ? read_bus_dma(w, h, at) : 0;
}

static int read_dma_windows(struct dt_walk *w, struct hw_pci_host *h)
{
    if (w->prop[DT_DMA_RANGES].len == 0)
        return inherit_dma(w, h);
    for (unsigned i = 0;; i++) {
        struct pci_range e = {0};
        struct range image = {0};
        int err = read_entry(w, &w->prop[DT_DMA_RANGES], i, &e);

        if (err)
            return err == -RF_ENOENT ? 0 : err;
        if ((err = translate_entry(w, &e, dt_translate_dma, &image)) ||
            (err = add_dma_window(w, h, e.bus, image.start)))
            return err;
    }
}

/* reg[0] starts at the first bus of bus-range. A bus-range that reaches further than reg is common
 * in trees; what lies beyond cannot be configured, and so is not there. */
static int read_buses(struct dt_walk *w, struct hw_pci_host *h)
{
    const struct dt_prop *p = &w->prop[DT_BUS_RANGE];
    uint32_t first = 0, last = 255;
    struct range reg;
    int err = dt_need_reg(w, 0, &reg);

    if (err)
        return err;
    if (p->data && p->len == 8) {
        first = dt_cell(p->data, 0);
        last = dt_cell(p->data, 1);
    }
    if ((p->data && p->len != 8) || first > last || last > 255)
        return dt_refuse(w, -RF_EINVAL, "bus-range must be two buses of 0 to 255, first and last");
    uint64_t buses = range_size(reg) >> ECAM_BUS_LG2;
    if (buses == 0)
        return dt_refuse(w, -RF_EINVAL, "reg has no room for the 1 MiB of one bus");
    if (buses <= last - first) {
        if (p->data)
            dt_odd(w, "reg has room for %lu of the %u buses of bus-range: the rest is left out",
                   buses, last - first + 1);
        last = first + (uint32_t)buses - 1;
    }
    h->bus_first = (uint8_t)first;
    h->bus_last = (uint8_t)last;
    uint64_t used = (uint64_t)(last - first + 1) << ECAM_BUS_LG2;
    h->ecam = (struct range){reg.start, reg.start + (used - 1)};
    return dt_claim(w, h->ecam, "configuration space");
}

static int read_segment(struct dt_walk *w, struct hw_pci_host *h)
{
    uint32_t segment = dt_u32(w, DT_PCI_DOMAIN, w->hw->host_count);

    for (unsigned i = 0; i < w->hw->host_count; i++) {
        const struct hw_pci_host *o = &w->hw->host[i];

        if (o->segment == segment && o->bus_first <= h->bus_last && h->bus_first <= o->bus_last)
            return dt_refuse(w, -RF_EINVAL, "%s has the same domain %u and buses in common",
                             o->name, segment);
    }
    if (segment > UINT16_MAX)
        return dt_refuse(w, -RF_EINVAL, "linux,pci-domain %u does not fit 16 bits", segment);
    h->segment = (uint16_t)segment;
    return 0;
}

int dt_pci_host(struct dt_walk *w)
{
    struct hwdesc *hw = w->hw;
    struct hw_pci_host *h = &hw->host[hw->host_count];
    int err;

    if (hw->host_count == HW_PCI_HOSTS)
        return dt_refuse(w, -RF_ENOSPC, "more than %u PCI hosts", HW_PCI_HOSTS);
    if (!(h->name = dt_keep(w, w->level[w->depth].name)))
        return -RF_ENOSPC;
    h->coherent = w->level[w->depth].coherent;
    if ((err = read_buses(w, h)) || (err = read_segment(w, h)))
        return err;
    w->host_node[hw->host_count] = w->offset;
    hw->host_count++; /* from here on dt_claim sees its configuration space and windows */
    if ((err = read_windows(w, h)) || (err = read_dma_windows(w, h)))
        return err;
    return dt_pci_maps(w, w->hw->host_count - 1);
}

/* The nodes of bridges and functions on a PCI bus have the same device_type as the host. */
int dt_other_host(struct dt_walk *w)
{
    if (w->level[w->depth - 1].addr_cells != PCI_CELLS)
        dt_odd(w, "a host bridge that is not pci-host-ecam-generic is not driven: what is behind "
                  "it is not found");
    return 0;
}
