/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_FW_HWDESC_H
#define RF_FW_HWDESC_H

#include "lib/base/range.h"
#include "lib/boot/rammap.h"

/* The machine in neutral words: the same whether a device tree or ACPI described it. Fixed size, no
 * pointers into firmware memory but strings that were copied into `text`. All addresses are CPU
 * physical, translated through every parent's ranges, unless a name says otherwise. */

#define HW_IOMMUS      16
#define HW_MSI_FRAMES  16
#define HW_PCI_HOSTS   8
#define HW_WINDOWS     8
#define HW_DMA_WINDOWS 8
#define HW_IDMAPS      16
#define HW_RESERVED    64
#define HW_IOVAS       32
#define HW_DEVICES     512
#define HW_TEXT        8192

struct hw_region {
    struct range r;
    const char *name;
};

struct hw_irq {
    uint32_t id; /* GIC INTID; 0: none */
    bool edge;
};

enum hw_uart_kind { HW_UART_NONE, HW_UART_PL011, HW_UART_16550 };
struct hw_uart {
    enum hw_uart_kind kind;
    struct range regs;
};

enum hw_iommu_kind { HW_SMMUV3, HW_SMMUV2, HW_VTD };
struct hw_iommu {
    enum hw_iommu_kind kind;
    const char *name; /* "smmuv3@9050000" */
    struct range regs;
    bool coherent;
    bool page0_only;      /* cavium,cn9900-smmu-v3: no second register page */
    bool broken_prefetch; /* hisilicon,broken-prefetch-cmd */
    struct hw_irq eventq, gerror, priq, cmdq_sync, combined;
    uint32_t phandle;
};

struct hw_msi_frame {
    const char *name;
    struct range regs;
    uint32_t spi_base, spi_count; /* firmware's override as INTIDs; 0: read MSI_TYPER */
    uint8_t alone_lg2;            /* as struct msi_controller */
    uint32_t phandle;
};

struct hw_gic {
    unsigned version; /* 2 or 3; 0: none found */
    struct range dist, cpu;
    uint32_t phandle;
};

enum hw_window_kind { HW_WIN_IO, HW_WIN_MEM32, HW_WIN_MEM64 };
struct hw_pci_window {
    enum hw_window_kind kind;
    bool prefetchable;
    uint64_t bus;     /* address on the bus */
    struct range cpu; /* where the CPU sees it */
};

struct hw_dma_window {
    struct range bus; /* what a device may address ... */
    uint64_t cpu;     /* ... and where it arrives */
};

/* Requester ids [base, base + length) -> `target` (index of iommu or msi frame), output base. */
struct hw_idmap {
    uint32_t rid_base, length, output_base;
    int target; /* -1: the phandle is unknown */
};

struct hw_pci_host {
    const char *name;
    uint16_t segment;
    uint8_t bus_first, bus_last;
    struct range ecam; /* covers bus_first..bus_last, 1 MiB a bus */
    bool coherent;
    unsigned window_count;
    struct hw_pci_window window[HW_WINDOWS];
    unsigned dma_count; /* sorted; 0: no dma-ranges, identity */
    struct hw_dma_window dma[HW_DMA_WINDOWS];
    uint32_t iommu_map_mask;  /* ANDed to the rid first; 0xffff if absent */
    unsigned iommu_map_count; /* 0: no IOMMU covers the host */
    struct hw_idmap iommu_map[HW_IDMAPS];
    uint32_t msi_map_mask;
    unsigned msi_map_count;
    struct hw_idmap msi_map[HW_IDMAPS];
};

/* Memory that firmware keeps for itself. */
struct hw_reserved {
    struct range r;
    bool no_map;
    const char *name;
};

/* Part of the IOVA space of a PCI function, or (depth 0) of all functions of a host, that is not to
 * be used for anything else. The function is told by its place, as bus numbers may be assigned
 * anew: device and function numbers of the ports on the way, then its own. */
#define HW_DEVFNS 6
struct hw_iova {
    unsigned host, depth;
    uint8_t devfn[HW_DEVFNS]; /* device 7:3, function 2:0 */
    struct range iova;
    bool direct; /* `iova` is also the memory that is reserved for it: to be identity-mapped */
    const char *name;
};

struct hwdesc {
    const char *model;
    unsigned cpu_count;
    struct rammap ram; /* all RAM that firmware tells of */
    unsigned reserved_count;
    struct hw_reserved reserved[HW_RESERVED];
    unsigned iova_count;
    struct hw_iova iova[HW_IOVAS];
    struct hw_gic gic;
    uint32_t timer_irq; /* EL1 virtual timer INTID (PPI) */
    enum { HW_PSCI_NONE, HW_PSCI_HVC, HW_PSCI_SMC } psci;
    struct hw_uart uart; /* stdout-path */
    unsigned msi_count;
    struct hw_msi_frame msi[HW_MSI_FRAMES];
    unsigned iommu_count;
    struct hw_iommu iommu[HW_IOMMUS];
    unsigned host_count;
    struct hw_pci_host host[HW_PCI_HOSTS];
    unsigned region_count; /* every register block that the description names */
    struct hw_region region[HW_DEVICES];
    const char *bootargs; /* "" when absent */
    struct range initrd;  /* the workload's ELF */
    bool has_initrd;
    unsigned oddity_count; /* things that are odd but usable: logged, and counted here */
    size_t text_used;
    char text[HW_TEXT];
};

/* Reads a flattened device tree. Nothing in it is trusted. -RF_EINVAL: the tree contradicts itself
 * (windows that overlap, ranges that wrap, cells out of bounds), -RF_ENOSPC: more of something than
 * fits; *why then names node, property and reason. A node of a kind this project does not know is
 * skipped. */
int hwdesc_from_dtb(const void *dtb, size_t size, struct hwdesc *out, char *why, size_t why_size);

/* Only /chosen stdout-path: early, so that every later refusal can be read. Kind NONE: there is
 * none. */
struct hw_uart hwdesc_dtb_console(const void *dtb, size_t size);

/* The stream of a requester: IOMMU's index in hw->iommu and its stream id. -RF_ENODEV: no IOMMU
 * covers this requester; -RF_EINVAL: the map points to something that is no IOMMU. */
int hwdesc_stream_of(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid,
                     unsigned *iommu, uint32_t *stream);

/* The MSI frame of a requester, the same way. */
int hwdesc_msi_of(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid,
                  unsigned *frame);

#endif
