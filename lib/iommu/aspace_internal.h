/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_ASPACE_INTERNAL_H
#define RF_IOMMU_ASPACE_INTERNAL_H

#include "lib/iommu/aspace.h"
#include "lib/mem/heap.h"

/* Shared by the aspace*.c files only. */

RB_PROTOTYPE(aspace_tree, aspace_map, node, aspace_map_order)

/* The map with the lowest IOVA that overlaps r; NULL: none. */
struct aspace_map *aspace_first_in(const struct iommu_aspace *a, struct range r);

/* ---- aspace_slot.c */
/* Memory for one map at least. -RF_ENOMEM. */
int aspace_slots_reserve(struct iommu_aspace *a);
/* Takes all maps, which were emptied, out of their places, and back. */
void aspace_slots_put_all(struct iommu_aspace *a);
/* What a map is made of beside itself. */
static inline void aspace_map_empty(struct aspace_map *m)
{
    if (m->segs != &m->first_seg)
        heap_free(m->segs);
}
/* A map without a place, or back; NULL: no memory. */
struct aspace_map *aspace_slot_get(struct iommu_aspace *a);
void aspace_slot_put(struct iommu_aspace *a, struct aspace_map *m);
void aspace_slots_free(struct iommu_aspace *a);
/* Puts m in its place; the map that is in the way, or NULL. */
struct aspace_map *aspace_slot_insert(struct iommu_aspace *a, struct aspace_map *m);
void aspace_slot_remove(struct iommu_aspace *a, struct aspace_map *m);

/* The sizes that all domains have in common, and the quantum that follows from them. */
void aspace_set_sizes(struct iommu_aspace *a, uint64_t pgsizes);

/* Windows or aperture changed. */
void aspace_forget_open(struct iommu_aspace *a);

/* prot as the domain's format can express it, or as all domains can: write-only becomes read-write
 * where the format has no write-only. */
unsigned aspace_prot_in(const struct iommu_domain *d, unsigned prot);
unsigned aspace_prot(const struct iommu_aspace *a, unsigned prot);

/* Puts one map, or every doorbell in use, into a domain. aspace_map_into is all or nothing; after
 * an error of aspace_doorbells_into the domain is to be destroyed. */
int aspace_map_into(struct iommu_domain *d, const struct aspace_map *m);
int aspace_doorbells_into(const struct iommu_aspace *a, struct iommu_domain *d);
bool aspace_doorbells_used(const struct iommu_aspace *a);

/* Identity-maps the DIRECT windows of `want`. After an error a part may be mapped: it is taken out
 * with aspace_direct_remove(), or the domain destroyed. */
int aspace_direct_add(struct iommu_domain *d, const struct resv_list *want);

/* Takes the DIRECT windows of `gone` out, but for the parts that `keep` has. One wait. */
int aspace_direct_remove(struct iommu_domain *d, const struct resv_list *gone,
                         const struct resv_list *keep);

/* What the space will be when the group has joined; made without changing anything. */
struct aspace_plan {
    struct iommu_aspace *a;
    struct iommu_group *g;
    struct resv_list windows; /* of the space and the group, SW_MSI among them */
    struct range aperture;
    struct range sw_msi;
    unsigned granule_lg2;
    uint64_t pgsizes;               /* of the domains that there are and of those made so far */
    struct iommu_domain_list fresh; /* made for the group, not yet the space's */
};

/* Checks everything that can be checked before the first change. On an error aspace_why() is set.
 */
int aspace_plan_make(struct aspace_plan *p, struct iommu_aspace *a, struct iommu_group *g);

/* Sets the text that aspace_why() returns, and returns err. */
int aspace_refuse(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *aspace_why(void);

#endif
