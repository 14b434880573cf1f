/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_DOMAIN_H
#define RF_IOMMU_DOMAIN_H

#include "lib/iommu/unit.h"

/* One translation table and ASID on one unit, used by any number of streams. */
struct iommu_domain {
    struct iommu_unit *unit;
    struct pt pt;
    uint16_t asid;                 /* 1 .. 2^asid_bits - 1; reused only after a whole-ASID flush */
    unsigned streams;              /* attached now */
    LIST_ENTRY(iommu_domain) link; /* in its aspace */
};
LIST_HEAD(iommu_domain_list, iommu_domain);

/* granule_lg2 is one bit of caps.granules. -RF_ENOMEM, -RF_ENOSPC (ASIDs), -RF_EINVAL, -RF_ENODEV
 * (unit dead). */
int iommu_domain_create(struct iommu_unit *u, unsigned granule_lg2, struct iommu_domain **out);

/* No stream is attached. Flushes the whole ASID, then frees the tables; when that flush fails the
 * tables and the ASID stay in quarantine. */
void iommu_domain_destroy(struct iommu_domain *d);

/* How many domains there are on all units, with those whose ASID is in quarantine. */
unsigned iommu_domain_count(void);

/* As pt_map, with PT_USER added, and with the largest leaves that fit; also -RF_ENODEV (unit dead),
 * and where the unit keeps what was not mapped (caps.flush_maps), or empty tables have to go first,
 * being in the way or the only memory that is left, the errors of iommu_domain_sync: nothing is
 * mapped then. */
int iommu_domain_map(struct iommu_domain *d, uint64_t iova, paddr_t pa, uint64_t size,
                     unsigned prot);

/* As pt_unmap: nothing is safe to reuse before iommu_domain_sync(d, g) returned 0. */
int iommu_domain_unmap(struct iommu_domain *d, uint64_t iova, uint64_t size, struct pt_gather *g);

/* One invalidation, one wait, then the gather's tables are freed. On an error (-RF_ETIMEDOUT,
 * -RF_EIO) they are quarantined, the unit is killed (everything blocked), and the caller
 * quarantines its data pages. */
int iommu_domain_sync(struct iommu_domain *d, struct pt_gather *g);

/* iommu_domain_unmap and iommu_domain_sync in one; no empty table is kept there. */
int iommu_domain_remove(struct iommu_domain *d, uint64_t iova, uint64_t size);

/* Lets a stream in, or denies it again. A stream that cannot be denied kills its unit. */
int iommu_domain_attach(struct iommu_domain *d, uint32_t sid);
int iommu_domain_detach(struct iommu_domain *d, uint32_t sid);

#endif
