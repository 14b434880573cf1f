/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_iort.h"

#include "lib/base/err.h"

/* SMMU nodes (DEN 0049E.e 3.1.1.2 and 3.1.1.3). */

#define BASE_AT 16u

#define V2_SPAN_AT   24u
#define V2_MODEL_AT  32u
#define V2_FLAGS_AT  36u
#define V2_GLOBAL_AT 40u /* offset of the global interrupts */
#define V2_CONTEXTS  44u /* how many context interrupts, and the offset of them */
#define V2_COHERENT  2u
#define IRQ_SIZE     8u
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

static const enum hw_smmu_part v2_models[] = {
    HW_SMMU_V1, HW_SMMU_V2, HW_SMMU_V1, HW_SMMU_MMU500, HW_SMMU_MMU401, HW_SMMU_CAVIUM,
};

static struct hw_irq v2_irq(struct acpi_span node, uint32_t off)
{
    const struct acpi_span irq = acpi_rest(node, off);

    return (struct hw_irq){acpi_u32(irq, 0), (acpi_u32(irq, 4) & IRQ_EDGE) != 0};
}

/* The interrupts of the first context banks. */
static int read_contexts(struct acpi_walk *w, struct acpi_span node, struct hw_iommu *u)
{
    const uint32_t count = acpi_u32(node, V2_CONTEXTS), at = acpi_u32(node, V2_CONTEXTS + 4);

    if (at > node.len || (node.len - at) / IRQ_SIZE < count)
        return acpi_refuse(w, node, -RF_EINVAL, "%u context interrupts at %#x of %#x", count, at,
                           node.len);
    for (uint32_t i = 0; i < MIN(count, HW_CONTEXTS); i++)
        u->context[i] = v2_irq(node, at + i * IRQ_SIZE);
    return 0;
}

int iort_smmuv2(struct acpi_walk *w, struct acpi_span node, void *ctx)
{
    const uint32_t irqs = acpi_u32(node, V2_GLOBAL_AT), model = acpi_u32(node, V2_MODEL_AT);
    struct hw_iommu u = {
        .kind = HW_SMMUV2,
        .coherent = (acpi_u32(node, V2_FLAGS_AT) & V2_COHERENT) != 0,
        .combined = v2_irq(node, irqs),
    };
    int err;

    (void)ctx;
    if (irqs > node.len || node.len - irqs < IRQ_SIZE)
        return acpi_refuse(w, node, -RF_EINVAL, "the global interrupts at %#x of %#x", irqs,
                           node.len);
    if (model >= ARRAY_SIZE(v2_models))
        return acpi_refuse(w, node, -RF_EINVAL, "SMMU model %u is not known", model);
    u.part = v2_models[model];
    err = read_contexts(w, node, &u);
    return err ? err : add_smmu(w, node, u, acpi_u64(node, V2_SPAN_AT));
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
