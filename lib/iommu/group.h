/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_GROUP_H
#define RF_IOMMU_GROUP_H

#include "lib/iommu/unit.h"
#include "lib/iommu/window.h"

struct iommu_aspace;

/* One stream id by which a device masters the bus; a device with aliases has several. */
struct iommu_endpoint {
    struct iommu_unit *unit;
    uint32_t sid;
    const char *name;            /* of the device, for reports: "nvme 0000:01:00.0" */
    bool shared;                 /* other devices have the same stream */
    struct iommu_domain *domain; /* NULL: denied */
    TAILQ_ENTRY(iommu_endpoint) link;
};

TAILQ_HEAD(iommu_endpoint_list, iommu_endpoint);

/* The smallest set of functions that can be isolated from the rest: given away whole or not. */
struct iommu_group {
    unsigned id;
    struct iommu_endpoint_list endpoints;
    struct resv_list windows;    /* of all its members */
    bool msi_isolated;           /* an interrupt controller tells its MSIs from others' */
    const char *refusal;         /* why it may never be given away, in words; NULL: it may */
    struct iommu_aspace *aspace; /* attached to; NULL: every stream denied */
    LIST_ENTRY(iommu_group) link;
};

LIST_HEAD(iommu_group_list, iommu_group);
extern struct iommu_group_list iommu_groups;

struct iommu_group *iommu_group_get(unsigned id);  /* finds or makes; NULL: no memory */
struct iommu_group *iommu_group_find(unsigned id); /* NULL: none */

/* Adds a stream. A stream that the group has already is fine: devices behind a PCIe-to-PCI bridge
 * share one (the first name stays, and that there are others). The unit's MSI window becomes one of
 * the group's. -RF_EINVAL: another group has this (unit, sid); -RF_ENOMEM; -RF_ENOSPC: too many
 * windows. The name must stay valid. */
int iommu_group_add(struct iommu_group *g, struct iommu_unit *u, uint32_t sid, const char *name);

/* The endpoint of a stream, for reports and fault decoding; NULL: nobody's. */
const struct iommu_endpoint *iommu_endpoint_find(const struct iommu_unit *u, uint32_t sid);
struct iommu_group *iommu_group_of(const struct iommu_unit *u, uint32_t sid);

#endif
