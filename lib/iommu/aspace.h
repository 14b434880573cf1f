/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_ASPACE_H
#define RF_IOMMU_ASPACE_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "lib/iommu/domain.h"
#include "lib/iommu/group.h"
#include "lib/irq/msi.h"

/* An IOVA space: the maps that a workload made, the windows that nobody may map, the doorbells, and
 * the domains (one a unit) that all hold the same translations. Maps, windows and doorbells are
 * entries of ONE tree, so nothing can be handed out twice. */

struct aspace_seg {
    paddr_t pa;
    uint64_t size; /* bytes, multiple of the quantum */
};

/* Called once for every map, after its invalidation completed (ok) or did not (!ok: the memory must
 * never be used again). */
typedef void (*aspace_release_t)(void *ctx, const struct aspace_seg *segs, unsigned count, bool ok);

struct aspace_map {
    RB_ENTRY(aspace_map) node;
    struct range iova;
    unsigned prot;
    void *cookie;       /* the caller's, e.g. the user address */
    unsigned seg_count;
    struct aspace_seg segs[]; /* physical pieces in IOVA order */
};
RB_HEAD(aspace_tree, aspace_map);

/* A page of an MSI controller's frame, mapped in every domain at the same IOVA. */
struct aspace_doorbell {
    paddr_t page; /* granule aligned */
    uint64_t iova;
    unsigned refs; /* 0: slot free */
};
#define ASPACE_DOORBELLS 16

struct aspace_config {
    unsigned granule_lg2;         /* wanted granule; 0: the smallest that every unit has */
    bool allow_unsafe_interrupts; /* group whose MSIs are not isolated may join a foreign neighbour */
    aspace_release_t release;
    void *release_ctx;
    unsigned map_limit;           /* maps at most; 65535 as Linux when 0 */
};

struct iommu_aspace {
    struct aspace_config cfg;
    struct aspace_tree maps;
    unsigned map_count;
    uint64_t mapped_bytes;
    LIST_HEAD(, iommu_domain) domains;
    struct resv_list windows;  /* of all attached groups, SW_MSI among them */
    struct range aperture;     /* what every domain can translate */
    struct range sw_msi;
    uint64_t pgsizes;          /* bitmap of leaf sizes common to all domains; 0 before any attach */
    struct aspace_doorbell doorbells[ASPACE_DOORBELLS];
    unsigned group_count;
};

void aspace_init(struct iommu_aspace *a, const struct aspace_config *cfg);

/* Unmaps everything and frees the rest. No group is attached any more. */
void aspace_fini(struct iommu_aspace *a);

/* Gives the group this space: merges its windows, makes a domain if none fits its unit, maps DIRECT
 * windows, then every user map, then every doorbell at the same IOVA, and only then attaches the
 * streams. On any error the space, the group and the hardware are as before; *why (never NULL on an
 * error) says what was in the way in words.
 *   -RF_EINVAL   attached already, a window hits an existing map, no common page size, no usable IOVA
 *   -RF_EPERM    group->refusal, or MSIs not isolated and another space's group shares the doorbell
 *   -RF_ENOSPC   no place for the doorbell window, or no ASID;  -RF_ENOMEM, -RF_ETIMEDOUT */
int aspace_attach(struct iommu_aspace *a, struct iommu_group *g, const char **why);

/* Denies every stream of the group, then drops its domain if nobody else uses it and widens the
 * usable ranges again. */
void aspace_detach(struct iommu_aspace *a, struct iommu_group *g);

/* Smallest unit of a map in bytes: max(CPU page, smallest leaf common to all domains). */
uint64_t aspace_quantum(const struct iommu_aspace *a);

/* Maps the pieces in every domain, all or nothing. Checks in Linux's order: overlap -RF_EEXIST, limit
 * -RF_ENOSPC, outside the usable ranges -RF_EINVAL (or -RF_ERANGE above the aperture), memory
 * -RF_ENOMEM, then pt_map's. segs sum up to the range; copied. */
int aspace_map(struct iommu_aspace *a, struct range iova, const struct aspace_seg *segs,
               unsigned count, unsigned prot, void *cookie);

/* Unmaps every map wholly inside r under one wait a domain; -RF_EINVAL with nothing changed when r
 * cuts one. *bytes gets their sum, also 0 (success: nothing was there). -RF_ETIMEDOUT / -RF_EIO: the
 * maps are gone, their memory is quarantined, the unit is dead. */
int aspace_unmap(struct iommu_aspace *a, struct range r, uint64_t *bytes);

/* The map that holds iova, or the nearest one (for fault reports); NULL: there are none. */
const struct aspace_map *aspace_find(const struct iommu_aspace *a, uint64_t iova);
const struct aspace_map *aspace_nearest(const struct iommu_aspace *a, uint64_t iova);

/* Usable IOVA ranges; the number, at most max. */
unsigned aspace_usable(const struct iommu_aspace *a, struct range *out, unsigned max);

/* Makes the doorbell of c reachable and gives the address a device must write for the message m.
 * Counted: each get needs a put. -RF_ENOSPC (window full), -RF_ENOMEM, -RF_EPERM when the granule is
 * larger than what may be exposed around the frame (msi_controller.alone_lg2). */
int aspace_doorbell_get(struct iommu_aspace *a, const struct msi_controller *c,
                        struct msi_message m, uint64_t *iova);
void aspace_doorbell_put(struct iommu_aspace *a, struct msi_message m);

#endif
