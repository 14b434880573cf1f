/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_iort.h"

#include "lib/base/err.h"

/* IORT (DEN 0049E.e): the nodes, and those that need no other. */

#define FIXED       48u
#define LARGEST     0x10000u /* nodes are looked for by walking: this bounds how long it takes */
#define FIRST_AT    40u
#define NODE_LENGTH 1u

#define ITS_GROUP_MIN 20u
#define COMPONENT_MIN 29u /* then its name */
#define RC_MIN        32u
#define SMMUV2_MIN    60u
#define SMMUV3_MIN    60u
#define RMR_MIN       28u

static int visit_its_group(struct acpi_walk *w, struct acpi_span node, void *ctx)
{
    const uint64_t count = acpi_u32(node, 16);

    (void)ctx;
    if (count == 0 || ITS_GROUP_MIN + 4 * count > node.len)
        return acpi_refuse(w, node, -RF_EINVAL, "a group of %u ITSs in %u bytes", (uint32_t)count,
                           node.len);
    return 0;
}

/* Devices that are no PCI functions are never let in. */
static int visit_component(struct acpi_walk *w, struct acpi_span node, void *ctx)
{
    (void)ctx;
    for (uint32_t i = COMPONENT_MIN; i < node.len; i++) {
        if (acpi_u8(node, i) == 0)
            return 0;
    }
    return acpi_refuse(w, node, -RF_EINVAL, "the name of a component is not terminated");
}

/* In two passes: whatever comes first in the table, SMMUs are known when others refer to them.
 * PMCGs are counters, which nobody reads. */
static const struct acpi_kind first_pass[] = {
    {IORT_ITS_GROUP, ITS_GROUP_MIN, "ITS group", visit_its_group},
    {IORT_NAMED_COMPONENT, COMPONENT_MIN, "named component", visit_component},
    {IORT_SMMUV2, SMMUV2_MIN, "SMMUv1/v2", iort_smmuv2},
    {IORT_SMMUV3, SMMUV3_MIN, "SMMUv3", iort_smmuv3},
};
static const struct acpi_kind second_pass[] = {
    {IORT_ROOT_COMPLEX, RC_MIN, "root complex", iort_root_complex},
    {IORT_RMR, RMR_MIN, "RMR", iort_rmr},
};
static const struct acpi_list passes[] = {
    {1, NODE_LENGTH, 2, ARRAY_SIZE(first_pass), first_pass},
    {1, NODE_LENGTH, 2, ARRAY_SIZE(second_pass), second_pass},
};

static struct acpi_span nodes_of(const struct acpi_table *t)
{
    return acpi_rest(acpi_whole(t), acpi_u32(acpi_whole(t), FIRST_AT));
}

bool iort_node_at(const struct acpi_table *t, uint32_t offset, struct acpi_span *out)
{
    struct acpi_span s = nodes_of(t);

    while (s.len != 0 && s.at < offset)
        s = acpi_rest(s, MAX(acpi_u16(s, NODE_LENGTH), 1));
    *out = acpi_part(s, 0, acpi_u16(s, NODE_LENGTH));
    return s.len != 0 && s.at == offset;
}

int iort_smmu_at(const struct hwdesc *hw, uint32_t offset)
{
    for (unsigned i = 0; i < hw->iommu_count; i++) {
        if (hw->iommu[i].kind != HW_VTD && hw->iommu[i].phandle == offset)
            return (int)i;
    }
    return -1;
}

/* Nodes are counted by their lengths: the number in the table is one more thing that could lie. */
int acpi_iort(struct acpi_walk *w, const struct acpi_table *t)
{
    const uint32_t first = acpi_u32(acpi_whole(t), FIRST_AT);
    int err = 0;

    if (t->len > LARGEST)
        return acpi_refuse(w, acpi_whole(t), -RF_ENOSPC, "more than %u bytes", LARGEST);
    if (first < FIXED || first > t->len)
        return acpi_refuse(w, acpi_rest(acpi_whole(t), FIRST_AT), -RF_EINVAL,
                           "the nodes begin at %#x of %#x", first, t->len);
    for (unsigned i = 0; i < ARRAY_SIZE(passes) && !err; i++)
        err = acpi_each(w, nodes_of(t), &passes[i], NULL);
    return err;
}
