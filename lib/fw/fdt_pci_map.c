/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include <libfdt.h>

#include "lib/base/err.h"

/* iommu-map, iommus, msi-map and msi-parent of a PCI host: requester ids to streams and to MSI
 * frames. An entry of iommu-map has four cells, however many a specifier has elsewhere. Until the
 * pass is over, `target` of an entry is the phandle. */

#define RIDS       0x10000u
#define MAP_CELLS  4u /* rid-base, phandle, output-base, length */
#define ALL_OF_RID 0xffffu

static int check_entry(struct dt_walk *w, const char *map, const struct hw_idmap *m,
                       const struct hw_idmap *others, unsigned count)
{
    struct range rids, outputs;

    if (!range_make(m->rid_base, m->length, &rids) || rids.last >= RIDS)
        return dt_refuse(w, -RF_EINVAL, "%s: requester ids %#x + %#x are not below 0x10000", map,
                         m->rid_base, m->length);
    if (!range_make(m->output_base, m->length, &outputs) || outputs.last > UINT32_MAX)
        return dt_refuse(w, -RF_EINVAL, "%s: ids %#x + %#x wrap", map, m->output_base, m->length);
    for (unsigned i = 0; i < count; i++) {
        struct range other = {others[i].rid_base, others[i].rid_base + others[i].length - 1};

        if (range_overlaps(rids, other))
            return dt_refuse(w, -RF_EINVAL, "%s: requester id %#lx is in two entries", map,
                             MAX(rids.start, other.start));
    }
    return 0;
}

static int read_map(struct dt_walk *w, enum dt_prop_id id, const char *name, struct hw_idmap *out,
                    unsigned *count)
{
    const struct dt_prop *p = &w->prop[id];
    const size_t entry = (size_t)DT_CELL * MAP_CELLS;

    *count = 0;
    if (!p->data)
        return 0;
    if (p->len % entry != 0)
        return dt_refuse(w, -RF_EINVAL, "%s of %u bytes is no whole number of entries", name,
                         p->len);
    for (const uint8_t *e = p->data; e < p->data + p->len; e += entry) {
        struct hw_idmap m = {
            .rid_base = dt_cell(e, 0),
            .target = (int)dt_cell(e, 1),
            .output_base = dt_cell(e, 2),
            .length = dt_cell(e, 3),
        };
        int err = check_entry(w, name, &m, out, *count);

        if (err)
            return err;
        if (*count == HW_IDMAPS)
            return dt_refuse(w, -RF_ENOSPC, "%s has more than %u entries", name, HW_IDMAPS);
        out[(*count)++] = m;
    }
    return 0;
}

/* As trees of Layerscape are in the source. */
static void note_unfinished(struct dt_walk *w, const struct hw_pci_host *h)
{
    const struct hw_idmap *m = h->iommu_map;

    if (h->iommu_map_count == 1 && m->length == 1 && m->rid_base == 0 && h->iommu_map_mask != 0)
        dt_odd(w, "iommu-map has a stream for requester 0 alone, and a boot loader was to add the "
                  "others: they stay off");
}

int dt_pci_maps(struct dt_walk *w, unsigned index)
{
    struct hw_pci_host *h = &w->hw->host[index];
    const struct dt_prop *parent = &w->prop[DT_MSI_PARENT];
    int err;

    w->host_iommus[index] = w->prop[DT_IOMMUS];

    h->iommu_map_mask = dt_u32(w, DT_IOMMU_MAP_MASK, ALL_OF_RID);
    h->msi_map_mask = dt_u32(w, DT_MSI_MAP_MASK, ALL_OF_RID);
    err = read_map(w, DT_IOMMU_MAP, "iommu-map", h->iommu_map, &h->iommu_map_count);
    if (err || (err = read_map(w, DT_MSI_MAP, "msi-map", h->msi_map, &h->msi_map_count)))
        return err;
    note_unfinished(w, h);
    if (h->msi_map_count == 0 && parent->len >= DT_CELL) {
        h->msi_map[0] = (struct hw_idmap){.length = RIDS, .target = (int)dt_cell(parent->data, 0)};
        h->msi_map_count = 1;
    }
    return 0;
}

/* A phandle of a node that is no known IOMMU or frame becomes -1, whose requesters can be named and
 * refused one by one. A phandle of no node at all is a tree that contradicts itself. */
static int check_unknown(struct dt_walk *w, const struct hw_pci_host *h, const char *map,
                         uint32_t phandle)
{
    if (fdt_node_offset_by_phandle(w->dtb, phandle) < 0)
        return dt_refuse(w, -RF_EINVAL, "%s: %s points to phandle %#x, which no node has", h->name,
                         map, phandle);
    return 0;
}

static int iommu_by_phandle(const struct hwdesc *hw, uint32_t phandle)
{
    for (unsigned i = 0; i < hw->iommu_count; i++) {
        if (hw->iommu[i].phandle == phandle)
            return (int)i;
    }
    return -1;
}

static int msi_by_phandle(const struct hwdesc *hw, uint32_t phandle)
{
    for (unsigned i = 0; i < hw->msi_count; i++) {
        if (hw->msi[i].phandle == phandle)
            return (int)i;
    }
    return -1;
}

static int resolve(struct dt_walk *w, const struct hw_pci_host *h, const char *map,
                   struct hw_idmap *m, unsigned count,
                   int (*lookup)(const struct hwdesc *hw, uint32_t phandle))
{
    for (unsigned i = 0; i < count; i++) {
        uint32_t phandle = (uint32_t)m[i].target;

        m[i].target = phandle ? lookup(w->hw, phandle) : -1;
        int err = m[i].target < 0 ? check_unknown(w, h, map, phandle) : 0;
        if (err)
            return err;
    }
    return 0;
}

/* A host without iommu-map whose `iommus` is one stream: that of all its functions. */
static int use_iommus(struct dt_walk *w, struct hw_pci_host *h, const struct dt_prop *p)
{
    if (h->iommu_map_count != 0 || p->len < DT_CELL)
        return 0;

    const uint32_t phandle = dt_cell(p->data, 0);
    const int target = iommu_by_phandle(w->hw, phandle);
    if (target < 0)
        return check_unknown(w, h, "iommus", phandle);

    const uint32_t cells = w->iommu_cells[target];
    if (cells < 1 || cells > 2 || p->len != DT_CELL * (1 + cells))
        dt_odd(w,
               "%s: iommus is not one stream, and which functions have which is not told: they "
               "stay off",
               h->name);
    else if (cells == 2 && dt_cell(p->data, 2) != 0)
        dt_odd(w,
               "%s: iommus has a mask of its own, which is not supported: its functions stay off",
               h->name);
    else
        h->iommu_map[h->iommu_map_count++] = (struct hw_idmap){
            .length = RIDS,
            .output_base = dt_cell(p->data, 1),
            .single = true,
            .target = target,
        };
    return 0;
}

int dt_finish_maps(struct dt_walk *w)
{
    for (unsigned i = 0; i < w->hw->host_count; i++) {
        struct hw_pci_host *h = &w->hw->host[i];
        int err = resolve(w, h, "iommu-map", h->iommu_map, h->iommu_map_count, iommu_by_phandle);

        if (err || (err = use_iommus(w, h, &w->host_iommus[i])) ||
            (err = resolve(w, h, "msi-map", h->msi_map, h->msi_map_count, msi_by_phandle)))
            return err;
    }
    return 0;
}
