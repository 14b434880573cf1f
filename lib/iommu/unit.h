/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_UNIT_H
#define RF_IOMMU_UNIT_H

#include <sys/queue.h>

#include "lib/iommu/fault.h"
#include "lib/irq/msi.h"
#include "lib/pt/pt.h"

struct iommu_domain;
struct iommu_unit;

/* What a unit can do, after errata were taken off at probe: no other code knows about errata. */
struct iommu_caps {
    const struct pt_format *format;
    uint64_t granules; /* bitmap of granule lg2: bit 12, 14, 16 */
    uint8_t ias;       /* input address bits */
    uint8_t oas;       /* output address bits */
    uint8_t sid_bits;  /* stream ids are 0 .. 2^sid_bits - 1 */
    uint8_t asid_bits; /* address-space ids are 1 .. 2^asid_bits - 1 */
    bool coherent;     /* the walker snoops the CPU's caches */
    bool snoop;        /* as struct pt_config */
    uint8_t levels;    /* as struct pt_config */
    bool
        flush_maps; /* it may keep that an address was not mapped: a map is flushed like an unmap */
    uint64_t leaf_sizes;     /* as struct pt_config */
    struct range msi_window; /* writes there are interrupts, never translated; last = 0: none */
};

/* Hardware operations. They do not map: lib/pt does, and tells by a gather what must be flushed.
 * Each returns 0 or a negative error, waits a bounded time, and leaves the hardware as before or
 * denying more when it fails. */
struct iommu_ops {
    /* Blocks every stream first, whatever state firmware left (before anything else is read), then
     * reads the features into caps, errata applied. -RF_ENODEV: not this kind of unit; -RF_ENXIO:
     * it lacks what Ringfence needs; -RF_ETIMEDOUT. */
    int (*probe)(struct iommu_unit *u);
    /* Own tables and queues; every stream denied; translation on. */
    int (*enable)(struct iommu_unit *u);
    /* Blocks every stream for ever, also when the unit no longer answers. */
    void (*quiesce)(struct iommu_unit *u);
    /* Lets the stream into the domain: translation by the domain's tables and ASID from the return
     * on. -RF_ERANGE: no such stream; -RF_EBUSY: it is attached; -RF_ENOMEM; -RF_ETIMEDOUT. */
    int (*attach)(struct iommu_unit *u, uint32_t sid, const struct iommu_domain *d);
    /* Back to deny. On an error the stream is denied as far as hardware can be told. */
    int (*detach)(struct iommu_unit *u, uint32_t sid);
    /* Invalidates what g names for the domain and WAITS ONCE until the hardware has told that it is
     * over. An empty gather costs nothing. -RF_ETIMEDOUT, -RF_EIO. */
    int (*flush)(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_gather *g);
    /* Takes up to max records off the fault queue; the number taken. Also recovers the unit from
     * global errors, which it logs itself. */
    unsigned (*faults)(struct iommu_unit *u, struct iommu_fault *out, unsigned max);
    /* Interrupt remapping hardware only; NULL: MSIs are translated like any write. Makes *out: the
     * interrupts of `parent`, which nobody but `who` can raise through it. It lives until
     * power-off. -RF_EOPNOTSUPP: interrupt remapping is off, as the report says; -RF_EINVAL: `who`
     * is not expressible; -RF_ENOMEM. */
    int (*msi_route)(struct iommu_unit *u, struct msi_source who, struct msi_controller *parent,
                     struct msi_controller **out);
};

struct iommu_unit {
    const struct iommu_ops *ops;
    const char *name; /* "smmuv3@9050000" */
    struct iommu_caps caps;
    uint8_t *asid_map;    /* owned by domain.c */
    bool dead;            /* an invalidation did not complete: every stream is blocked for ever */
    uint64_t fault_count; /* records taken since boot */
    LIST_ENTRY(iommu_unit) link;
};

/* Probes (which denies) and enables; then the unit is in iommu_units. On an error the unit is left
 * blocking as far as it could be reached. */
int iommu_unit_start(struct iommu_unit *u);

LIST_HEAD(iommu_unit_list, iommu_unit);
extern struct iommu_unit_list iommu_units;

/* Blocks all of it: after a wait that failed, and when the machine goes down. Sets dead. */
void iommu_unit_kill(struct iommu_unit *u, const char *why);

#endif
