/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_FW_FDT_WALK_H
#define RF_FW_FDT_WALK_H

#include "lib/base/strbuf.h"
#include "lib/fw/fill.h"

/* Private to lib/fw: one pass over a flattened device tree, in which each node is seen once
 * together with its ancestors. References to nodes that may come later (phandles) are kept raw on
 * the way and resolved after the pass. Section numbers are of the Devicetree Specification 0.4.
 * Names begin with dt_, because libfdt's begin with fdt_. */

#define DT_DEPTH         16                  /* levels of nodes */
#define DT_ADDRESS_SPACE (UINT64_C(1) << 48) /* no register or RAM is at or above */

/* The properties that anything here reads, in ASCII order. */
#define DT_PROPS(X)                                     \
    X(ADDRESS_CELLS, "#address-cells")                  \
    X(GLOBAL_INTERRUPTS, "#global-interrupts")          \
    X(INTERRUPT_CELLS, "#interrupt-cells")              \
    X(IOMMU_CELLS, "#iommu-cells")                      \
    X(REDISTRIBUTOR_REGIONS, "#redistributor-regions")  \
    X(SIZE_CELLS, "#size-cells")                        \
    X(MSI_BASE_SPI, "arm,msi-base-spi")                 \
    X(MSI_NUM_SPIS, "arm,msi-num-spis")                 \
    X(BOOTARGS, "bootargs")                             \
    X(BUS_RANGE, "bus-range")                           \
    X(COMPATIBLE, "compatible")                         \
    X(DEVICE_TYPE, "device_type")                       \
    X(DMA_COHERENT, "dma-coherent")                     \
    X(DMA_NONCOHERENT, "dma-noncoherent")               \
    X(DMA_RANGES, "dma-ranges")                         \
    X(BROKEN_PREFETCH, "hisilicon,broken-prefetch-cmd") \
    X(INTERRUPT_NAMES, "interrupt-names")               \
    X(INTERRUPT_PARENT, "interrupt-parent")             \
    X(INTERRUPTS, "interrupts")                         \
    X(INTERRUPTS_EXTENDED, "interrupts-extended")       \
    X(IOMMU_ADDRESSES, "iommu-addresses")               \
    X(IOMMU_MAP, "iommu-map")                           \
    X(IOMMU_MAP_MASK, "iommu-map-mask")                 \
    X(IOMMUS, "iommus")                                 \
    X(INITRD_END, "linux,initrd-end")                   \
    X(INITRD_START, "linux,initrd-start")               \
    X(PCI_DOMAIN, "linux,pci-domain")                   \
    X(METHOD, "method")                                 \
    X(MMU_MASTERS, "mmu-masters")                       \
    X(MODEL, "model")                                   \
    X(MSI_MAP, "msi-map")                               \
    X(MSI_MAP_MASK, "msi-map-mask")                     \
    X(MSI_PARENT, "msi-parent")                         \
    X(NO_MAP, "no-map")                                 \
    X(PHANDLE, "phandle")                               \
    X(RANGES, "ranges")                                 \
    X(REG, "reg")                                       \
    X(REG_IO_WIDTH, "reg-io-width")                     \
    X(REG_SHIFT, "reg-shift")                           \
    X(STATUS, "status")                                 \
    X(STREAM_MATCH_MASK, "stream-match-mask")

#define DT_PROP_ENUM(id, name) DT_##id,
enum dt_prop_id { DT_PROPS(DT_PROP_ENUM) DT_PROP_COUNT };
#undef DT_PROP_ENUM

/* Bytes inside the tree; data NULL: the property is absent. */
struct dt_prop {
    const uint8_t *data;
    uint32_t len;
};

/* What the nodes below inherit from a node. */
struct dt_level {
    const char *name;
    uint32_t addr_cells, size_cells; /* of the children's reg */
    struct dt_prop ranges, dma_ranges;
    uint32_t irq_parent;
    bool coherent, disabled;
};

/* A node's interrupts, kept until the interrupt controller is known. */
struct dt_irqs {
    struct dt_prop list, extended, names;
    uint32_t parent;
    const char *node;
};

/* iommu-addresses of a child of /reserved-memory, kept until the hosts are known. */
struct dt_iovas {
    struct dt_prop list;
    struct range memory; /* the node's reg; last 0: it has none */
    const char *name;
};

struct dt_walk {
    const void *dtb;
    struct hwdesc *hw;
    struct strbuf why;
    int offset; /* of the node that is being visited; negative: the pass is over */
    int chosen; /* offset of /chosen; negative: there is none */
    unsigned depth;
    struct dt_level level[DT_DEPTH];    /* [0] is the root, [depth] the node */
    struct dt_prop prop[DT_PROP_COUNT]; /* of the node */
    uint32_t gic_cells;                 /* #interrupt-cells of hw->gic */
    struct dt_irqs timer_irqs, iommu_irqs[HW_IOMMUS];
    uint32_t global_irqs[HW_IOMMUS];          /* how many of an SMMUv2's are no context bank's */
    uint32_t iommu_cells[HW_IOMMUS];          /* #iommu-cells */
    struct dt_prop host_iommus[HW_PCI_HOSTS]; /* iommus, parallel to hw->host */
    int host_node[HW_PCI_HOSTS];              /* offsets, parallel to hw->host */
    unsigned iovas_count;
    struct dt_iovas iovas[HW_IOVAS];
};

/* --- fdt_cells.c: properties, addresses, refusals ------------------------------------------ */
/* Properties are arrays of big-endian cells of 32 bits. */
#define DT_CELL 4u
uint32_t dt_cell(const uint8_t *p, size_t n);
/* The `count` (0 to 2) cells from the n-th on as one number. */
uint64_t dt_cells(const uint8_t *p, size_t n, uint32_t count);
/* Whether reg can be read with so many cells: 1 or 2 of each. */
bool dt_cells_fit(uint32_t addr, uint32_t size);
/* A property of one cell; `absent` when it is not there or has another length. */
uint32_t dt_u32(const struct dt_walk *w, enum dt_prop_id id, uint32_t absent);
bool dt_has(const struct dt_walk *w, enum dt_prop_id id);
/* The n-th string of a string list; NULL: there is none. */
const char *dt_string(const struct dt_prop *p, unsigned n);
/* Whether a string is in a string list. */
bool dt_lists(const struct dt_prop *p, const char *s);

/* Entry `index` of the node's reg as CPU addresses. -RF_ENOENT: no such entry, nothing noted.
 * -RF_EINVAL: it cannot be read, or is nowhere in CPU space; w->why tells. */
int dt_reg(struct dt_walk *w, unsigned index, struct range *out);
/* The same for an entry that must be there. */
int dt_need_reg(struct dt_walk *w, unsigned index, struct range *out);
/* From the address space of level[below]'s children to the CPU's. */
int dt_translate(struct dt_walk *w, int below, struct range *r);
/* From the bus of level[below]'s children to what its DMA arrives at. */
int dt_translate_dma(struct dt_walk *w, int below, struct range *r);

/* Writes "/path: reason" to w->why, only the reason when the pass is over; returns err. */
int dt_refuse(struct dt_walk *w, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Logs and counts something that is odd but usable. */
void dt_odd(struct dt_walk *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Copies a string into hw->text. NULL: no room, noted in w->why (then -RF_ENOSPC). */
const char *dt_keep(struct dt_walk *w, const char *s);

/* --- fdt_mem.c ----------------------------------------------------------------------------- */
int dt_memory(struct dt_walk *w);     /* a device_type "memory" node */
int dt_reserved(struct dt_walk *w);   /* a child of /reserved-memory */
int dt_memreserve(struct dt_walk *w); /* the reservation block of the blob */
int dt_regions(struct dt_walk *w);    /* notes the node's registers */
/* Refuses r when it overlaps RAM or registers or a window that was claimed before. */
int dt_claim(struct dt_walk *w, struct range r, const char *what);

/* --- fdt_iova.c ---------------------------------------------------------------------------- */
/* Keeps the node's iommu-addresses. */
int dt_iovas(struct dt_walk *w);
int dt_finish_iovas(struct dt_walk *w);

/* --- fdt_irq.c ----------------------------------------------------------------------------- */
int dt_gicv2(struct dt_walk *w);
int dt_gicv3(struct dt_walk *w);
int dt_v2m(struct dt_walk *w);
int dt_its(struct dt_walk *w);
int dt_timer(struct dt_walk *w);
int dt_psci(struct dt_walk *w);
struct dt_irqs dt_irqs_of(const struct dt_walk *w);
/* Entry `index` in GIC numbers. id 0: not there, or not of the GIC. -RF_EINVAL: no such INTID. */
int dt_irq(struct dt_walk *w, const struct dt_irqs *irqs, unsigned index, struct hw_irq *out);
/* The entry with this name in interrupt-names. */
int dt_irq_named(struct dt_walk *w, const struct dt_irqs *irqs, const char *name,
                 struct hw_irq *out);
int dt_finish_timer(struct dt_walk *w);
void dt_finish_msi(struct hwdesc *hw); /* alone_lg2, when all regions are known */

/* --- fdt_iommu.c --------------------------------------------------------------------------- */
int dt_smmuv3(struct dt_walk *w);
int dt_smmuv2(struct dt_walk *w);
int dt_finish_iommus(struct dt_walk *w);

/* --- fdt_pci.c, fdt_pci_map.c -------------------------------------------------------------- */
int dt_pci_host(struct dt_walk *w);
/* Notes a host bridge of a kind that is not known. */
int dt_other_host(struct dt_walk *w);
/* iommu-map, iommus, msi-map, msi-parent of hw->host[index] */
int dt_pci_maps(struct dt_walk *w, unsigned index);
int dt_finish_maps(struct dt_walk *w); /* phandles to indices */

/* --- fdt_chosen.c -------------------------------------------------------------------------- */
int dt_find_console(const void *dtb, int chosen); /* node offset; negative: none */
struct hw_uart
dt_uart(struct dt_walk *w);       /* the node as a UART; kind NONE: not one that is known */
int dt_chosen(struct dt_walk *w); /* boot arguments and initrd */
int dt_finish_initrd(struct dt_walk *w);

#endif
