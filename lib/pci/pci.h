/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_PCI_H
#define RF_PCI_PCI_H

#include <sys/queue.h>

#include "lib/base/range.h"

/* PCI functions as found by the walk; pure logic over config-space accessors. Section numbers are
 * of the PCI Express Base Specification 5.0. */

typedef uint16_t pci_rid_t; /* bus 15:8, device 7:3, function 2:0 */
#define PCI_RID(bus, dev, fn) ((pci_rid_t)(((bus) << 8) | ((dev) << 3) | (fn)))
#define PCI_BUS(rid)          ((uint8_t)((rid) >> 8))
#define PCI_DEV(rid)          ((uint8_t)(((rid) >> 3) & 31))
#define PCI_FN(rid)           ((uint8_t)((rid) & 7))

struct pci_host;
struct pci_host_ops {
    /* width is 1, 2 or 4 bytes, offset aligned to it and below 4096. A function that does not
     * answer reads as all ones. */
    uint32_t (*read)(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width);
    void (*write)(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width, uint32_t v);
};

enum pci_space { PCI_IO, PCI_MEM32, PCI_MEM64 };

struct pci_window {
    enum pci_space space;
    bool prefetchable;
    struct range bus; /* addresses on the bus */
    uint64_t offset;  /* CPU address = bus address + offset (mod 2^64) */
};
#define PCI_WINDOWS 8

/* Virtual functions that a physical function shall have; set before pci_scan, which keeps bus
 * numbers free for them. */
struct pci_vf_wish {
    pci_rid_t pf;
    uint16_t count;
    char why[112]; /* why it cannot be, by pci_scan or pci_sriov_enable; "": it can */
};

struct pci_dev;
TAILQ_HEAD(pci_dev_list, pci_dev);

struct pci_host {
    const struct pci_host_ops *ops;
    const char *name;
    uint16_t segment;
    uint8_t bus_first, bus_last;
    bool other_roots; /* bus_first may not be the only root bus in the range */
    unsigned window_count;
    struct pci_window window[PCI_WINDOWS];
    unsigned wish_count;
    struct pci_vf_wish *wish; /* of virtual functions; the caller's */
    struct pci_dev_list devs; /* in walk order: a bridge before what is behind it */
    unsigned dev_count;
};

struct pci_bar {
    bool present, is_64, prefetchable, io;
    bool no_room;  /* no window had place for it: its function cannot be offered */
    uint64_t size; /* bytes, power of two */
    uint64_t bus;  /* address on the bus; 0: not assigned */
    paddr_t cpu;   /* where the CPU sees it; PADDR_INVALID: not assigned or I/O */
};

/* What a bridge passes on to its secondary bus; size 0: nothing. */
enum pci_pool { PCI_POOL_MEM, PCI_POOL_PREF, PCI_POOLS }; /* the prefetchable one has 64 bits */
struct pci_forward {
    uint64_t bus, size, align;
};

struct pci_msix {
    uint16_t cap;   /* config offset; 0: none */
    uint16_t count; /* vectors */
    uint8_t table_bar, pba_bar;
    uint32_t table_off, pba_off;
};

struct pci_msi {
    uint16_t cap; /* 0: none */
    uint8_t count;
    bool is_64, maskable;
};

/* The virtual functions of a physical function (9.3.3). */
struct pci_sriov {
    uint16_t count;          /* 0: none is wanted */
    uint16_t offset, stride; /* First VF Offset, VF Stride */
    struct pci_bar bar[6];   /* of the first one; those of the others follow, `size` bytes each */
};

struct pci_dev {
    struct pci_host *host;
    struct pci_dev *pf;     /* of a virtual function: its physical function; else NULL */
    struct pci_dev *parent; /* bridge; NULL on the root bus */
    pci_rid_t rid;
    char name[16]; /* "0000:01:00.0" */
    uint16_t vendor, device, subvendor, subdevice;
    uint32_t class_code;           /* 24 bits: class, subclass, interface */
    uint8_t revision, header_type; /* without the multi-function bit */
    bool multifunction, is_bridge, is_pcie;
    uint8_t port_type; /* PCIe Capabilities Register, Device/Port Type (7.5.3.2) */
    uint8_t bus_secondary, bus_subordinate; /* bridges */
    struct pci_forward forward[PCI_POOLS];  /* bridges */
    bool pref_64;                           /* bridges: the prefetchable window has 64 bits */
    bool kept;                              /* its addresses are those that firmware gave */
    struct pci_bar bar[6];
    uint16_t cap_pcie, cap_pm, cap_af; /* config offsets; 0: none */
    uint16_t cap_acs, cap_ats, cap_pasid, cap_pri, cap_sriov, cap_ari;
    struct pci_msi msi;
    struct pci_msix msix;
    struct pci_sriov sriov;
    bool has_flr;   /* PCIe DEVCAP or AF */
    unsigned group; /* isolation group, by pci_assign_groups */
    TAILQ_ENTRY(pci_dev) link;
};

uint32_t pci_read(const struct pci_dev *d, unsigned off, unsigned width);
void pci_write(const struct pci_dev *d, unsigned off, unsigned width, uint32_t v);

/* --- scan.c -------------------------------------------------------------------------------- */
/* Walks the host's buses through bridges. Bus mastering is off on every function the moment it is
 * seen, before anything else is read of it (design I6); ATS, PASID, PRI, virtual functions, MSI and
 * MSI-X are off when its capabilities were read, and INTx always. Bus numbers are assigned where no
 * firmware did it (secondary 0 or out of order). Functions on buses of other roots are not listed:
 * their bus mastering goes off, and no bridge gets a number from theirs on. Everything is bounded:
 * buses, depth, functions, capability chains (48 and 960 links; a loop ends the chain and is
 * logged). -RF_ENOMEM: the walk ended early. -RF_ENOSPC: some bridge got no bus number or is nested
 * too deep; it forwards nothing, and the rest was walked. */
int pci_scan(struct pci_host *h);

/* --- assign.c ------------------------------------------------------------------------------ */
/* Sizes the BARs with decode off, keeps what firmware assigned when it is sound (per function or
 * bridge of the root bus, with all behind it), gives addresses to the rest out of the host's
 * windows, and programs bridge windows. 64-bit prefetchable BARs go above 4 GiB when every bridge
 * on the way can. A BAR for which there is no room stays unassigned (no_room), and is logged: its
 * function cannot be offered. I/O BARs are sized and never decoded, so they have no address and
 * need none. Returns 0. */
int pci_assign(struct pci_host *h);

/* --- sriov.c ------------------------------------------------------------------------------- */
/* Enables the virtual functions that pci_scan found possible and pci_assign found room for, and
 * puts them at the end of the host's list: with the identity, the BARs and the requester ids that
 * SR-IOV gives them (9.2.1), bus mastering off. Takes 100 ms, and at most 1 s more for each. The
 * physical function's memory decode is on from then on. -RF_ENODEV with a reason in wish->why; then
 * none is enabled. */
int pci_sriov_enable(struct pci_dev *pf, struct pci_vf_wish *wish);

/* Forgets the virtual functions of pf, which nobody may use any more, and disables them. */
void pci_sriov_disable(struct pci_dev *pf);

/* --- cap.c --------------------------------------------------------------------------------- */
uint16_t pci_find_cap(const struct pci_dev *d, uint8_t id);      /* 0: none */
uint16_t pci_find_ext_cap(const struct pci_dev *d, uint16_t id); /* 0: none */
/* Length in bytes of a capability of this id as its own header tells, bounded by config space; 0
 * for an id whose length is not known here. */
unsigned pci_cap_size(const struct pci_dev *d, uint16_t off, uint8_t id);

/* --- group.c ------------------------------------------------------------------------------- */
/* Numbers isolation groups over all hosts: functions of which one can reach another without passing
 * the IOMMU (no ACS at a port above it or between functions; what is behind a switch port without
 * ACS reaches all ports of the switch), and all aliases behind a PCIe-to-PCI bridge, are one group.
 * Turns ACS (SV RR CR UF, TB if the port has it) on where it is. */
void pci_assign_groups(struct pci_host *const *hosts, unsigned count);

/* Makes group `b` part of group `a`, which keeps its number: for what only others know, such as an
 * IOMMU that takes both for one. */
void pci_join_groups(struct pci_host *const *hosts, unsigned count, unsigned a, unsigned b);

/* Every requester id that this function's DMA may carry: its own, and those of conventional-PCI
 * bridges above it (7.2). Returns how many (at most max). */
unsigned pci_aliases(const struct pci_dev *d, pci_rid_t *out, unsigned max);

/* The requester ids *first to *last that its MSIs may carry where they meet an interrupt
 * controller: one, or a whole bus. */
void pci_msi_ids(const struct pci_dev *d, pci_rid_t *first, pci_rid_t *last);

/* --- control.c, reset.c -------------------------------------------------------------------- */
/* Command register bits; each also on all bridges above where forwarding needs it. */
void pci_set_bus_master(const struct pci_dev *d, bool on);
void pci_set_memory(const struct pci_dev *d, bool on);
bool pci_bus_master(const struct pci_dev *d);
bool pci_memory(const struct pci_dev *d);

/* Waits for pending transactions, then FLR (6.6.2) or AF FLR or D3hot->D0; waits (bounded, 100 ms
 * and then until config space answers, 1 s). Config space is as after reset: the caller restores
 * BARs with pci_restore. -RF_EOPNOTSUPP: the function has no reset of its own; -RF_ENXIO: it does
 * not answer; -RF_ETIMEDOUT: it no longer does. */
int pci_reset(struct pci_dev *d);
/* ACS, BARs, command register (memory decode only), as they were before the first reset. */
void pci_restore(const struct pci_dev *d);

/* --- msi.c --------------------------------------------------------------------------------- */
/* MSI: `vectors` (power of two, at most msi.count) share one message; data's low bits count.
 * -RF_ENXIO: the function has no MSI; -RF_EINVAL: the message does not fit its registers, or data
 * is not aligned to `vectors`. */
int pci_msi_enable(const struct pci_dev *d, unsigned vectors, uint64_t address, uint32_t data);
void pci_msi_disable(const struct pci_dev *d);
/* MSI-X: the table is memory of the device, mapped by the caller (arch/mmu.h). Entry by entry. */
struct mmio;
void pci_msix_enable(const struct pci_dev *d); /* function mask off, enable on */
void pci_msix_disable(const struct pci_dev *d);
/* Masks the entry and leaves it masked: an address is never half-written while it may be used. */
void pci_msix_set(const struct mmio *table, unsigned vector, uint64_t address, uint32_t data);
void pci_msix_mask(const struct mmio *table, unsigned vector, bool masked);

/* The first device with this name or NULL. */
struct pci_dev *pci_find(struct pci_host *const *hosts, unsigned count, const char *name);

#endif
