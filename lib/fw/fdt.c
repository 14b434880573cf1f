/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/fdt_walk.h"

#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "lib/base/err.h"

/* The entry: checks the blob, walks it once, and resolves what referred forward. */

#define DT_PROP_NAME(id, name) name,
static const char *const prop_names[DT_PROP_COUNT] = {DT_PROPS(DT_PROP_NAME)};
#undef DT_PROP_NAME

/* What a node is, by its compatible; the first string that is here decides. */
static const struct dt_kind {
    const char *compatible;
    int (*visit)(struct dt_walk *w);
} kinds[] = {
    {"arm,gic-400", dt_gicv2},       {"arm,cortex-a15-gic", dt_gicv2},
    {"arm,cortex-a7-gic", dt_gicv2}, {"arm,gic-v3", dt_gicv3},
    {"arm,gic-v2m-frame", dt_v2m},   {"arm,gic-v3-its", dt_its},
    {"arm,armv8-timer", dt_timer},   {"arm,armv7-timer", dt_timer},
    {"arm,psci-1.0", dt_psci},       {"arm,psci-0.2", dt_psci},
    {"arm,smmu-v3", dt_smmuv3},      {"arm,smmu-v1", dt_smmuv2},
    {"arm,smmu-v2", dt_smmuv2},      {"arm,mmu-400", dt_smmuv2},
    {"arm,mmu-401", dt_smmuv2},      {"arm,mmu-500", dt_smmuv2},
    {"cavium,smmu-v2", dt_smmuv2},   {"pci-host-ecam-generic", dt_pci_host},
};

static int compare_name(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

/* One pass over the node's properties finds all that are read of it: libfdt's search by name would
 * start over for each. */
static void read_props(struct dt_walk *w)
{
    int off;

    memset(w->prop, 0, sizeof(w->prop));
    fdt_for_each_property_offset(off, w->dtb, w->offset)
    {
        const char *name;
        int len;
        const void *data = fdt_getprop_by_offset(w->dtb, off, &name, &len);
        const char *const *known =
            data ? bsearch(name, prop_names, DT_PROP_COUNT, sizeof(*prop_names), compare_name)
                 : NULL;

        if (known && !w->prop[known - prop_names].data)
            w->prop[known - prop_names] = (struct dt_prop){data, (uint32_t)len};
    }
}

static bool is_disabled(const struct dt_walk *w)
{
    const struct dt_prop *p = &w->prop[DT_STATUS];

    return p->data && !dt_lists(p, "okay") && !dt_lists(p, "ok");
}

static uint32_t read_cells(const struct dt_walk *w, enum dt_prop_id id, uint32_t absent)
{
    return dt_has(w, id) ? dt_u32(w, id, UINT32_MAX) : absent;
}

static void enter_level(struct dt_walk *w)
{
    static const struct dt_level nothing = {.name = ""};
    struct dt_level *l = &w->level[w->depth];
    const struct dt_level *up = w->depth ? l - 1 : &nothing;
    const char *name = fdt_get_name(w->dtb, w->offset, NULL);

    *l = (struct dt_level){
        .name = name ? name : "",
        .addr_cells = read_cells(w, DT_ADDRESS_CELLS, 2), /* defaults: 2.3.5 */
        .size_cells = read_cells(w, DT_SIZE_CELLS, 1),
        .ranges = w->prop[DT_RANGES],
        .dma_ranges = w->prop[DT_DMA_RANGES],
        .irq_parent = dt_u32(w, DT_INTERRUPT_PARENT, up->irq_parent),
        .coherent = (up->coherent || dt_has(w, DT_DMA_COHERENT)) && !dt_has(w, DT_DMA_NONCOHERENT),
        .disabled = up->disabled || is_disabled(w),
    };
}

static void enter_node(struct dt_walk *w, int offset, int depth)
{
    w->offset = offset;
    w->depth = (unsigned)depth;
    read_props(w);
    enter_level(w);
}

static int walk(struct dt_walk *w, int (*visit)(struct dt_walk *w))
{
    int depth = 0;

    for (int off = 0; off >= 0 && depth >= 0; off = fdt_next_node(w->dtb, off, &depth)) {
        if (depth >= DT_DEPTH)
            return dt_refuse(w, -RF_ENOSPC, "nodes are nested deeper than %u levels", DT_DEPTH);
        enter_node(w, off, depth);
        int err = visit(w);
        if (err)
            return err;
    }
    return 0;
}

/* Goes straight to one node: only it and its ancestors are read. */
static bool seek(struct dt_walk *w, int target)
{
    int way[DT_DEPTH], depth = 0, off = 0;

    while (off >= 0 && depth >= 0 && depth < DT_DEPTH) {
        way[depth] = off;
        if (off == target) {
            for (int i = 0; i <= depth; i++)
                enter_node(w, way[i], i);
            return true;
        }
        off = fdt_next_node(w->dtb, off, &depth);
    }
    return false;
}

static struct hw_uart find_uart(struct dt_walk *w)
{
    int node = dt_find_console(w->dtb, w->chosen);

    return node >= 0 && seek(w, node) ? dt_uart(w) : (struct hw_uart){.kind = HW_UART_NONE};
}

static int visit_kind(struct dt_walk *w)
{
    const char *s;

    for (unsigned i = 0; (s = dt_string(&w->prop[DT_COMPATIBLE], i)) != NULL; i++) {
        for (const struct dt_kind *k = kinds; k < kinds + ARRAY_SIZE(kinds); k++) {
            if (strcmp(k->compatible, s) == 0)
                return k->visit(w);
        }
    }
    return dt_lists(&w->prop[DT_DEVICE_TYPE], "pci") ? dt_other_host(w) : 0;
}

static int visit_root(struct dt_walk *w)
{
    const char *model = dt_string(&w->prop[DT_MODEL], 0);

    w->hw->model = dt_keep(w, model ? model : "(no model)");
    return w->hw->model ? 0 : -RF_ENOSPC;
}

static bool is_reserved_memory(const struct dt_walk *w)
{
    return w->depth == 2 && strcmp(w->level[1].name, "reserved-memory") == 0;
}

static int visit(struct dt_walk *w)
{
    const bool enabled = !w->level[w->depth].disabled;
    const struct dt_prop *type = &w->prop[DT_DEVICE_TYPE];

    if (w->depth == 0)
        return visit_root(w);
    if (w->depth == 1 && strcmp(w->level[1].name, "chosen") == 0)
        return dt_chosen(w);
    if (is_reserved_memory(w))
        return enabled ? dt_reserved(w) : 0;
    if (dt_lists(type, "memory"))
        return enabled ? dt_memory(w) : 0;
    if (dt_lists(type, "cpu"))
        w->hw->cpu_count += enabled;
    /* A device that is disabled still answers at its address. */
    int err = dt_regions(w);
    return err || !enabled ? err : visit_kind(w);
}

static int finish(struct dt_walk *w)
{
    int err;

    w->hw->uart = find_uart(w);
    w->offset = -1;
    if ((err = dt_memreserve(w)) || (err = dt_finish_initrd(w)) || (err = dt_finish_timer(w)) ||
        (err = dt_finish_iommus(w)) || (err = dt_finish_maps(w)) || (err = dt_finish_iovas(w)))
        return err;
    dt_finish_msi(w->hw);
    return 0;
}

/* fdt_check_full walks every tag, name and string offset, so that what follows may trust libfdt's
 * accessors to stay inside the blob. Of older versions than 16, whose nodes have whole paths as
 * names, it trusts those (Devicetree Specification 5.2 knows 17, compatible with 16). */
static int check_blob(const void *dtb, size_t size)
{
    if (size < sizeof(struct fdt_header))
        return -FDT_ERR_TRUNCATED;
    if (fdt_magic(dtb) == FDT_MAGIC && fdt_version(dtb) < 16)
        return -FDT_ERR_BADVERSION;
    return fdt_check_full(dtb, size);
}

/* One tree is read at a time: the walk is half as large as the kernel's stack. */
static struct dt_walk *begin(const void *dtb, struct hwdesc *hw, char *why, size_t why_size)
{
    static struct dt_walk w;

    memset(&w, 0, sizeof(w));
    w.dtb = dtb;
    w.hw = hw;
    w.chosen = -FDT_ERR_NOTFOUND;
    strbuf_init(&w.why, why, why_size);
    return &w;
}

int hwdesc_from_dtb(const void *dtb, size_t size, struct hwdesc *out, char *why, size_t why_size)
{
    struct dt_walk *w = begin(dtb, out, why, why_size);
    int err = check_blob(dtb, size);

    hw_init(out);
    if (err) {
        strbuf_printf(&w->why, "the blob is damaged: %s", fdt_strerror(err));
        return -RF_EINVAL;
    }
    if ((err = walk(w, visit)) || (err = finish(w)))
        return err;
    strbuf_init(&w->why, why, why_size); /* drops what was said of nodes that were skipped */
    return 0;
}

struct hw_uart hwdesc_dtb_console(const void *dtb, size_t size)
{
    static char why[1]; /* no room for a reason */
    struct dt_walk *w = begin(dtb, NULL, why, sizeof(why));

    if (check_blob(dtb, size))
        return (struct hw_uart){.kind = HW_UART_NONE};
    w->chosen = fdt_subnode_offset(dtb, 0, "chosen");
    return find_uart(w);
}
