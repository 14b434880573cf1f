/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_FW_ACPI_IORT_H
#define RF_FW_ACPI_IORT_H

#include "lib/fw/acpi_walk.h"

/* Private to lib/fw: nodes of an IORT (DEN 0049E.e 3.1) and the maps of ids between them. */

enum iort_type {
    IORT_ITS_GROUP,
    IORT_NAMED_COMPONENT,
    IORT_ROOT_COMPLEX,
    IORT_SMMUV2, /* and v1 */
    IORT_SMMUV3,
    IORT_PMCG,
    IORT_RMR,
};

/* Ids [in, in + len) of a node are [out, out + len) at the node `target`. */
struct iort_map {
    uint64_t in, len, out;
    uint32_t target; /* offset in the table */
    bool single;     /* whatever comes in, `out` goes out */
};
#define IORT_MAPS HW_IDMAPS

/* The maps of a node, at most IORT_MAPS. */
int iort_maps(struct acpi_walk *w, struct acpi_span node, struct iort_map *out, unsigned *count);

/* The node that begins at an offset of the table. False: none does. */
bool iort_node_at(const struct acpi_table *t, uint32_t offset, struct acpi_span *out);

/* Index in hw->iommu of the SMMU whose node begins there; -1: it is none. */
int iort_smmu_at(const struct hwdesc *hw, uint32_t offset);

/* Visits, of a node each. The SMMUs come first: the others refer to them. */
int iort_smmuv2(struct acpi_walk *w, struct acpi_span node, void *ctx);
int iort_smmuv3(struct acpi_walk *w, struct acpi_span node, void *ctx);
int iort_root_complex(struct acpi_walk *w, struct acpi_span node, void *ctx);
int iort_rmr(struct acpi_walk *w, struct acpi_span node, void *ctx);

#endif
