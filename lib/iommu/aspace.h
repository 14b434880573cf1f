/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_ASPACE_H
#define RF_IOMMU_ASPACE_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "lib/iommu/domain.h"
#include "lib/iommu/group.h"
#include "lib/irq/msi.h"

/* An IOVA space: the maps that a workload made, the windows that nobody may map, the doorbells, and
 * the domains (one a unit) that all hold the same translations: every map, every doorbell in use
 * and the identity maps of DIRECT windows. A map overlaps neither another map nor a window, and
 * doorbells are inside the SW_MSI window, so nothing can be given out twice. */

struct aspace_seg {
    paddr_t pa;
    uint64_t size; /* bytes, multiple of the quantum */
};

struct aspace_map;

/* Called for the memory of every map, after its invalidation completed (ok) or did not (!ok: the
 * memory must never be used again). Pieces that follow one another, and are smaller than a
 * PAGE_GROUP together, come in one call. */
typedef void (*aspace_release_t)(void *ctx, paddr_t pa, uint64_t size, bool ok);

/* Most maps are one physical piece, which is in the map itself. */
struct aspace_map {
    RB_ENTRY(aspace_map) node;
    TAILQ_ENTRY(aspace_map) link;
    struct range iova;
    unsigned prot;         /* effective: PT_READ, PT_WRITE or both; PT_DEVICE of registers */
    const void *registers; /* whose they are; NULL: memory */
    bool revoked;          /* its registers went away: only the IOVAs are still taken */
    bool lost;             /* a unit died that may hold on to it: never to be used again */
    uint64_t filled;       /* bytes of the pieces */
    uint64_t edges;        /* where they begin, in memory and in the map: all these numbers or-ed */
    unsigned seg_count, seg_room;
    struct aspace_seg *segs; /* physical pieces in IOVA order */
    struct aspace_seg first_seg;
};
RB_HEAD(aspace_tree, aspace_map);
TAILQ_HEAD(aspace_list, aspace_map);

/* A page of an MSI controller's frame, mapped in every domain at the same IOVA. */
struct aspace_doorbell {
    paddr_t page;  /* aligned to size */
    uint64_t size; /* bytes: the granule */
    uint64_t iova; /* never the same number as page */
    unsigned refs; /* 0: slot free */
};
#define ASPACE_DOORBELLS 16

struct aspace_config {
    unsigned granule_lg2;         /* wanted granule; 0: the smallest that every unit has */
    bool allow_unsafe_interrupts; /* a group whose MSIs are not isolated may live beside one of
                                   * another space; both spaces must allow it */
    aspace_release_t release;
    void *release_ctx;
    unsigned map_limit; /* maps at most; 65535 as Linux when 0 */
};

struct iommu_aspace {
    struct aspace_config cfg;
    struct aspace_tree maps;
    struct aspace_list order; /* the same, by IOVA */
    struct aspace_map *near;  /* where the last call was; NULL: nowhere */
    struct range open;        /* usable, and around the last map; last < start: unknown */
    struct aspace_list spare; /* maps that are none */
    struct aspace_chunk *chunks;
    unsigned map_count;
    uint64_t mapped_bytes;
    struct iommu_domain_list domains;
    struct resv_list windows; /* of all attached groups, SW_MSI among them */
    struct range aperture;    /* what every domain can translate */
    struct range sw_msi;      /* last == 0: not placed, or the hardware has an MSI window */
    uint64_t pgsizes;         /* bitmap of leaf sizes common to all domains; 0 before any attach */
    uint64_t quantum;         /* smallest unit of a map in bytes: max(CPU page, smallest leaf) */
    struct aspace_doorbell doorbells[ASPACE_DOORBELLS];
    unsigned group_count;
};

void aspace_init(struct iommu_aspace *a, const struct aspace_config *cfg);

/* Unmaps everything and frees the rest. No group is attached any more. */
void aspace_fini(struct iommu_aspace *a);

/* Gives the group this space: merges its windows, makes a domain if none fits its unit, maps DIRECT
 * windows, then every user map, then every doorbell at the same IOVA, and only then attaches the
 * streams. On any error the space, the group and the hardware are as before; *why (never NULL on an
 * error, good until the next attach) says what was in the way in words.
 * The first group fixes the granule. The SW_MSI window is placed where neither window nor map is;
 * it moves when a window of a later group is in its way and no doorbell is in use.
 *   -RF_EINVAL  attached already; a window hits an existing map or doorbells in use; no common
 *               page size; no usable IOVA; a DIRECT window that is not made of whole granules
 *   -RF_EPERM   group->refusal, or MSIs not isolated and another space's group shares the doorbell
 *   -RF_ENOSPC  no place for the doorbell window, too many windows, or no ASID
 *   -RF_ENODEV (unit dead), -RF_ENOMEM, -RF_ETIMEDOUT, and what iommu_ops.attach returns */
int aspace_attach(struct iommu_aspace *a, struct iommu_group *g, const char **why);

/* Denies every stream of the group, then drops its domain if nobody else uses it and widens the
 * usable ranges again. Maps and doorbells stay. When a unit cannot be told, it is killed, and every
 * map that there is now will be released as lost. */
void aspace_detach(struct iommu_aspace *a, struct iommu_group *g);

static inline uint64_t aspace_quantum(const struct iommu_aspace *a)
{
    return a->quantum;
}

/* A map is made in steps, so that its place is looked for once: begin takes the place, add_piece
 * fills it in IOVA order, commit writes the tables of every domain, all or nothing. What was begun
 * and is not committed is cancelled; its pieces are the caller's.
 *
 * prot is PT_READ, PT_WRITE or both; write-only becomes read-write where a domain's format has no
 * write-only (ARM stage 1), as drivers written for Linux expect, and aspace_map.prot tells. The
 * first check of begin that fails decides, in Linux's order:
 *   -RF_EINVAL  prot, or iova not a multiple of the quantum
 *   -RF_EEXIST  it overlaps a map
 *   -RF_ENOSPC  map_limit is reached
 *   -RF_ERANGE  above the aperture, -RF_EINVAL: in a reserved window; neither is known before the
 *               first attach
 *   -RF_ENOMEM */
int aspace_map_begin(struct iommu_aspace *a, struct range iova, unsigned prot,
                     struct aspace_map **out);

/* A neighbour of the last piece becomes part of it. -RF_EINVAL: size 0; -RF_EOVERFLOW: it
 * wraps; -RF_ENOMEM. */
int aspace_map_add(struct aspace_map *m, paddr_t pa, uint64_t size);

/* The pieces are registers of this owner: Device memory. */
void aspace_map_registers(struct aspace_map *m, const void *owner);

/* -RF_EINVAL: a piece is not a multiple of the quantum, or they do not sum up to the range;
 * -RF_ENOMEM, -RF_ENODEV (a unit is dead), and pt_map's. After
 * -RF_ETIMEDOUT or -RF_EIO a unit died while a half-made map was undone: the pieces must never be
 * used again. */
int aspace_map_commit(struct iommu_aspace *a, struct aspace_map *m);
void aspace_map_cancel(struct iommu_aspace *a, struct aspace_map *m);

/* Takes every map of these registers out of every domain under one wait each. Their IOVAs stay
 * taken, and translate nothing, until they are unmapped; a domain that is made later does not get
 * them. The registers may go away when this returns, also after -RF_ETIMEDOUT or -RF_EIO: a unit
 * was killed then, which blocks its devices. */
int aspace_revoke(struct iommu_aspace *a, const void *registers);

/* Unmaps every map wholly inside r under one wait a domain; -RF_EINVAL with nothing changed when r
 * cuts one. *bytes gets their sum, also 0 (success: nothing was there). -RF_ETIMEDOUT / -RF_EIO:
 * the maps are gone, their memory is quarantined, the unit is dead. */
int aspace_unmap(struct iommu_aspace *a, struct range r, uint64_t *bytes);

/* The map that holds iova, else the first one above it; NULL: none. */
const struct aspace_map *aspace_at_or_above(const struct iommu_aspace *a, uint64_t iova);

/* The map that holds iova, or the nearest one (for fault reports); NULL: there are none. */
const struct aspace_map *aspace_find(const struct iommu_aspace *a, uint64_t iova);
const struct aspace_map *aspace_nearest(const struct iommu_aspace *a, uint64_t iova);

/* Usable IOVA ranges; the number, at most max. None are known before the first attach: 0. */
unsigned aspace_usable(const struct iommu_aspace *a, struct range *out, unsigned max);

/* Makes the doorbell of c reachable and gives the address a device must write for the message m: in
 * the SW_MSI window and never equal to the physical one, or, where the hardware has an MSI window,
 * the physical one. Counted: each get needs a put.
 *   -RF_EPERM   the granule is larger than what may be exposed around the frame
 *               (msi_controller.alone_lg2)
 *   -RF_ENOSPC  window full;  -RF_ENOMEM;  -RF_ENODEV  no group is attached, or a unit is dead */
int aspace_doorbell_get(struct iommu_aspace *a, const struct msi_controller *c,
                        struct msi_message m, uint64_t *iova);
void aspace_doorbell_put(struct iommu_aspace *a, struct msi_message m);

#endif
