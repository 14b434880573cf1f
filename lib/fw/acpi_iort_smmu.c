/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_iort.h"

#include "lib/base/err.h"

/* SMMU nodes (DEN 0049E.e 3.1.1.2 and 3.1.1.3). */

#define BASE_AT 16u

#define V2_SPAN_AT   24u
#define V2_FLAGS_AT  36u
#define V2_GLOBAL_AT 40u /* offset of the global interrupts */
#define V2_COHERENT  2u
#define IRQ_EDGE     1u

#define V3_FLAGS_AT   24u
#define V3_MODEL_AT   40u
#define V3_EVENT_AT   44u
#define V3_PRI_AT     48u
#define V3_GERR_AT    52u
#define V3_SYNC_AT    56u
#define V3_COHACC     1u
#define V3_HI161X     1u
#define V3_CN99XX     2u
#define V3_SIZE       0x20000u /* two pages of 64 KiB (IHI 0070 6.1) */
#define V3_PAGE0_SIZE 0x10000u

static int add_smmu(struct acpi_walk *w, struct acpi_span node, struct hw_iommu u, uint64_t size)
{
    struct hwdesc *hw = w->hw;
    const uint64_t base = acpi_u64(node, BASE_AT);
    int err = acpi_registers(w, node, base, size, KIB(4), "IOMMU registers", &u.regs);

    if (err)
        return err;
    if (hw->iommu_count == HW_IOMMUS)
        return acpi_refuse(w, node, -RF_ENOSPC, "more than %u IOMMUs", HW_IOMMUS);
    u.name = acpi_name(w, node, u.kind == HW_SMMUV3 ? "smmuv3@%lx" : "smmu@%lx", base);
    if (!u.name)
        return -RF_ENOSPC;
    u.phandle = node.at;
    hw->iommu[hw->iommu_count++] = u;
    return 0;
}

int iort_smmuv2(struct acpi_walk *w, struct acpi_span node, void *ctx)
{
    const uint32_t irqs = acpi_u32(node, V2_GLOBAL_AT);
    const struct hw_iommu u = {
        .kind = HW_SMMUV2,
        .coherent = (acpi_u32(node, V2_FLAGS_AT) & V2_COHERENT) != 0,
        .combined = {acpi_u32(acpi_rest(node, irqs), 0),
                     (acpi_u32(acpi_rest(node, irqs), 4) & IRQ_EDGE) != 0},
    };

    (void)ctx;
    if (irqs > node.len || node.len - irqs < 8)
        return acpi_refuse(w, node, -RF_EINVAL, "the global interrupts at %#x of %#x", irqs,
                           node.len);
    return add_smmu(w, node, u, acpi_u64(node, V2_SPAN_AT));
}

/* All SMMUv3 interrupts are edges (IHI 0070 3.18). */
static struct hw_irq edge(struct acpi_span node, uint32_t off)
{
    return (struct hw_irq){acpi_u32(node, off), acpi_u32(node, off) != 0};
}

int iort_smmuv3(struct acpi_walk *w, struct acpi_span node, void *ctx)
{
    const uint32_t model = acpi_u32(node, V3_MODEL_AT);
    const struct hw_iommu u = {
        .kind = HW_SMMUV3,
        .coherent = (acpi_u32(node, V3_FLAGS_AT) & V3_COHACC) != 0,
        .broken_prefetch = model == V3_HI161X,
        .page0_only = model == V3_CN99XX,
        .eventq = edge(node, V3_EVENT_AT),
        .priq = edge(node, V3_PRI_AT),
        .gerror = edge(node, V3_GERR_AT),
        .cmdq_sync = edge(node, V3_SYNC_AT),
    };

    (void)ctx;
    return add_smmu(w, node, u, u.page0_only ? V3_PAGE0_SIZE : V3_SIZE);
}
