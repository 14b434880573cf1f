/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_FW_HWDESC_H
#define RF_FW_HWDESC_H

#include "lib/base/range.h"
#include "lib/boot/rammap.h"

/* The machine in neutral words: the same whether a device tree or ACPI described it. Fixed size, no
 * pointers into firmware memory but strings that were copied into `text`. All addresses are CPU
 * physical, translated through every parent's ranges, unless a name says otherwise. */

#define HW_IOMMUS      64
#define HW_CONTEXTS    16
#define HW_MSI_FRAMES  16
#define HW_REDISTS     256
#define HW_PCI_HOSTS   16
#define HW_WINDOWS     16
#define HW_DMA_WINDOWS 8
#define HW_IDMAPS      64
#define HW_RESERVED    64
#define HW_DEVICES     512
#define HW_SCOPES      512
#define HW_IOVAS       64
#define HW_IOAPICS     32
#define HW_OVERRIDES   24
#define HW_ODDITIES    32
#define HW_TEXT        8192

struct hw_region {
    struct range r;
    const char *name;
};

struct hw_irq {
    uint32_t id; /* GIC INTID; 0: none */
    bool edge;
};

enum hw_uart_kind {
    HW_UART_NONE,
    HW_UART_PL011,
    HW_UART_SBSA, /* a subset of the PL011, without its identification registers */
    HW_UART_16550,
};
struct hw_uart {
    enum hw_uart_kind kind;
    struct range regs;
    bool ports; /* regs are I/O ports of an x86 CPU */
};

/* A device by its place: from a bus through bridges, whose bus numbers are known only when PCI is,
 * and may be assigned anew. The kinds are those of VT-d 8.3.1. */
#define HW_SCOPE_PATH 8
enum hw_scope_kind {
    HW_SCOPE_ENDPOINT, /* one PCI function */
    HW_SCOPE_BRIDGE,   /* a bridge and all behind it */
    HW_SCOPE_IOAPIC,   /* source of an I/O APIC's interrupt requests; `id` is that of the MADT */
    HW_SCOPE_HPET,     /* the same of an HPET */
    HW_SCOPE_ACPI,     /* a device that is no PCI function; `id` is that of an ANDD structure */
};
enum hw_scope_state {
    HW_SCOPE_UNRESOLVED, /* bus numbers are needed: hwdesc_resolve_scopes() */
    HW_SCOPE_FOUND,
    HW_SCOPE_ABSENT, /* the path leads through something that is no bridge: names nothing */
};
struct hw_scope {
    enum hw_scope_kind kind;
    enum hw_scope_state state;
    uint16_t segment;
    uint8_t id, bus, depth;
    uint8_t path[HW_SCOPE_PATH]; /* device 7:3, function 2:0; `depth` of them */
    uint16_t rid;                /* FOUND: the requester at the end of the path */
    uint8_t bus_first, bus_last; /* FOUND, a bridge: the buses behind it */
};

/* Entries [first, first + count) of hwdesc.scope. */
struct hw_scopes {
    unsigned first, count;
};

enum hw_iommu_kind { HW_SMMUV3, HW_SMMUV2, HW_VTD };
/* Which SMMU of version 1 or 2: none of its registers tells. */
enum hw_smmu_part {
    HW_SMMU_V1, /* SMMUv1, MMU-400 */
    HW_SMMU_MMU401,
    HW_SMMU_V2,
    HW_SMMU_MMU500,
    HW_SMMU_AP806,  /* Marvell's MMU-500 */
    HW_SMMU_CAVIUM, /* ThunderX */
};
struct hw_iommu {
    enum hw_iommu_kind kind;
    const char *name; /* "smmuv3@9050000" */
    struct range regs;
    bool disabled; /* switched off by firmware: regs is nowhere, what it covers has no IOMMU */
    bool coherent;
    bool page0_only;      /* cavium,cn9900-smmu-v3: no second register page */
    bool broken_prefetch; /* hisilicon,broken-prefetch-cmd */
    struct hw_irq eventq, gerror, priq, cmdq_sync, combined;
    enum hw_smmu_part part;             /* SMMUv2 */
    struct hw_irq context[HW_CONTEXTS]; /* SMMUv2: of the first context banks; combined: global */
    uint32_t sid_ignore; /* SMMUv2: bits that it ignores in stream ids, which are told without */
    uint32_t phandle;    /* how the description refers to it; IORT: offset of its node */
    uint16_t segment;    /* VT-d: of the functions that it covers ... */
    struct hw_scopes scopes; /* ... these ... */
    bool include_all;        /* ... and all that no unit of the segment names */
};

/* Writes of x86 devices to these addresses are interrupts, and never translated (VT-d 3.14). */
#define HW_X86_MSI_FIRST UINT64_C(0xfee00000)
#define HW_X86_MSI_LAST  UINT64_C(0xfeefffff)

enum hw_msi_kind { HW_MSI_V2M, HW_MSI_ITS, HW_MSI_LAPIC };
struct hw_msi_frame {
    enum hw_msi_kind kind;
    const char *name;
    struct range regs;            /* LAPIC: the interrupt address range */
    uint32_t spi_base, spi_count; /* firmware's override as INTIDs; 0: read MSI_TYPER */
    uint8_t alone_lg2;            /* as struct msi_controller; around the doorbell */
    bool noncoherent;             /* ITS: firmware says that it does not snoop the CPU's caches */
    uint32_t phandle;
};

struct hw_gic {
    unsigned version; /* 2 or 3; 0: none found */
    struct range dist;
    struct range cpu; /* version 2 */
    unsigned redist_count;
    struct range redist[HW_REDISTS]; /* version 3: redistributors, one after the other */
    bool noncoherent;                /* firmware says that they do not snoop the CPU's caches */
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
    int target;  /* -1: the phandle is unknown */
    bool single; /* all of them are output_base */
};

struct hw_pci_host {
    const char *name;
    uint16_t segment;
    uint8_t bus_first, bus_last;
    bool other_roots;  /* bus_first is not known to be the only root bus of them */
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

/* Part of the IOVA space of PCI functions that is not to be used for anything else. The functions
 * are told by their places, or by their streams at an SMMU. */
struct hw_iova {
    struct hw_scopes scopes; /* only ENDPOINT and BRIDGE; none: by streams */
    unsigned iommu;
    struct range streams;
    struct range iova;
    bool direct;      /* `iova` is also the memory that is reserved for it: to be identity-mapped */
    bool in_use;      /* direct, and firmware goes on using the functions after the boot */
    bool relaxable;   /* direct, but the device can be handed over without it */
    const char *name; /* "rmrr", "rmr", or the node of the reserved memory */
};

struct hw_ioapic {
    uint8_t id;
    uint32_t gsi_base;
    struct range regs;
};

/* An ISA interrupt that is not identity-wired to its GSI, edge-triggered and active high. */
struct hw_irq_override {
    uint8_t irq;
    uint32_t gsi;
    bool level, active_low;
};

/* A register of ACPI's fixed hardware (ACPI 5.2.3.2). */
struct hw_register {
    enum { HW_REG_NONE, HW_REG_MEMORY, HW_REG_PORT } space;
    uint64_t address;
};

/* How an ACPI machine is reset and switched off (ACPI 4.8.4.6, 16.1.5). */
struct hw_acpi_power {
    struct hw_register reset; /* write reset_value, a byte */
    uint8_t reset_value;
    struct hw_register pm1a, pm1b; /* PM1 control: write SLP_TYP << 10 | SLP_EN (bit 13) */
    bool has_s5;                   /* these are known: */
    uint8_t slp_typ_a, slp_typ_b;  /* of the soft-off state */
    uint32_t smi_port;             /* 0: always in ACPI mode; else, while SCI_EN is clear, */
    uint8_t acpi_enable;           /* write this byte to the port first */
};

/* The DMAR table as a whole (VT-d 8.1). */
struct hw_dmar {
    bool present, intr_remap, x2apic_opt_out, dma_opt_in;
    unsigned address_bits; /* DMA addresses have at most so many */
};

/* What was odd but usable. */
struct hw_oddity {
    char table[5];   /* "DTB", or an ACPI signature */
    uint32_t offset; /* of the node or structure, bytes */
    char what[160];  /* with the consequence */
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
    struct hw_acpi_power power;
    struct hw_uart uart; /* stdout-path, or that of the SPCR */
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
    struct range lapic; /* registers of the local APIC; all 0: not an x86 machine */
    bool has_8259;      /* its lines must be masked */
    unsigned ioapic_count;
    struct hw_ioapic ioapic[HW_IOAPICS];
    unsigned override_count;
    struct hw_irq_override override[HW_OVERRIDES];
    struct hw_dmar dmar;
    unsigned scope_count;
    struct hw_scope scope[HW_SCOPES];
    unsigned oddity_count; /* logged, counted, and the first HW_ODDITIES kept */
    struct hw_oddity oddity[HW_ODDITIES];
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

/* One ACPI table, header included. */
struct acpi_blob {
    const void *data;
    size_t size;
};

/* The same from ACPI tables, in any order; those of kinds that are not read are skipped. Errors as
 * above: *why names table, offset and reason. What only AML tells is not there: windows of host
 * bridges, devices without a table. RAM is not in ACPI at all. */
int hwdesc_from_acpi_tables(const struct acpi_blob *blobs, unsigned count, struct hwdesc *out,
                            char *why, size_t why_size);

/* Physical memory that holds tables. `map` returns where [pa, pa + size) can be read, unchanging
 * until hwdesc_from_acpi() has returned; NULL: nowhere. */
struct acpi_memory {
    const void *(*map)(void *ctx, uint64_t pa, size_t size);
    void *ctx;
};

/* The same from the root pointer (ACPI 5.2.5) on. */
int hwdesc_from_acpi(const struct acpi_memory *memory, uint64_t rsdp, struct hwdesc *out, char *why,
                     size_t why_size);

/* Only the SPCR: early, so that every later refusal can be read. `scratch` is written over. Kind
 * NONE: there is none, or none that is known. */
struct hw_uart hwdesc_acpi_console(const struct acpi_memory *memory, uint64_t rsdp,
                                   struct hwdesc *scratch);

/* Reads the bus numbers of the bridge `rid` from its configuration space; false: it is none. */
typedef bool (*hw_bridge_buses_t)(void *ctx, uint16_t segment, uint16_t rid, uint8_t *first,
                                  uint8_t *last);

/* Follows the paths of all scopes, when bridges have their bus numbers. A machine without scopes is
 * left as it is. */
void hwdesc_resolve_scopes(struct hwdesc *hw, hw_bridge_buses_t buses, void *ctx);

/* Whether an entry of hw->iova is the function's. */
bool hwdesc_iova_is_of(const struct hwdesc *hw, const struct hw_iova *v,
                       const struct hw_pci_host *host, uint16_t rid);

/* Whether firmware goes on using the function (RMRR, or RMR that may not be remapped). */
bool hwdesc_firmware_uses(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid);

/* The unit and the requester id of an I/O APIC or HPET. -RF_ENODEV: no unit names it. */
int hwdesc_source_of(const struct hwdesc *hw, enum hw_scope_kind kind, uint8_t id, unsigned *iommu,
                     uint16_t *rid);

/* The stream of a requester: IOMMU's index in hw->iommu and its stream id (VT-d: the requester id).
 * -RF_ENODEV: no IOMMU covers this requester; -RF_EINVAL: the map points to something that is no
 * IOMMU; -RF_EAGAIN: it cannot be told before hwdesc_resolve_scopes(). */
int hwdesc_stream_of(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid,
                     unsigned *iommu, uint32_t *stream);

/* The same for a virtual function and its physical one. Maps know it by its own id, scopes by the
 * physical function's: both are under one unit (VT-d 8.3). */
int hwdesc_stream_of_vf(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid,
                        uint16_t pf, unsigned *iommu, uint32_t *stream);

/* The MSI frame of a requester, the same way, and the device id that an ITS knows it by. */
int hwdesc_msi_of(const struct hwdesc *hw, const struct hw_pci_host *host, uint16_t rid,
                  unsigned *frame, uint32_t *device_id);

#endif
