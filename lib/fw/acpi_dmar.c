/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include "lib/base/err.h"

/* DMAR (VT-d 8): remapping units, reserved memory, and what is said about ATS. */

#define HAW_AT        36u /* host address width - 1 */
#define FLAGS_AT      37u
#define STRUCTURES_AT 48u

#define INTR_REMAP     1u
#define X2APIC_OPT_OUT 2u
#define DMA_OPT_IN     4u

#define DRHD_SCOPES  16u
#define RMRR_SCOPES  24u
#define OTHER_SCOPES 8u /* ATSR, SATC, SIDP */
#define RHSA_SIZE    20u
#define ANDD_NAME    8u

#define INCLUDE_PCI_ALL 1u
#define SIZE_LG2        0xfu /* of the registers, in pages of 4 KiB */
#define ATC_REQUIRED    1u

static int check_include_all(struct acpi_walk *w, struct acpi_span s, const struct hw_iommu *u)
{
    for (unsigned i = 0; u->include_all && i < w->hw->iommu_count; i++) {
        const struct hw_iommu *o = &w->hw->iommu[i];

        if (o->include_all && o->segment == u->segment)
            return acpi_refuse(w, s, -RF_EINVAL, "%s has INCLUDE_PCI_ALL of segment %u too",
                               o->name, u->segment);
    }
    return 0;
}

/* Firmware writes no address for a unit that it has switched off. Its devices are still its own,
 * and not of the unit that has INCLUDE_PCI_ALL. */
static int locate(struct acpi_walk *w, struct acpi_span s, struct hw_iommu *u)
{
    const uint64_t base = acpi_u64(s, 8), size = PAGE_SIZE << (acpi_u8(s, 5) & SIZE_LG2);

    if (!(u->name = acpi_name(w, s, "vtd@%lx", base)))
        return -RF_ENOSPC;
    u->disabled = base == 0;
    if (!u->disabled)
        return acpi_registers(w, s, base, size, PAGE_SIZE, "IOMMU registers", &u->regs);
    acpi_odd(w, s, "a unit without registers: nothing isolates the devices that it covers");
    return 0;
}

static int visit_drhd(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct hwdesc *hw = w->hw;
    struct hw_iommu u = {
        .kind = HW_VTD,
        .coherent = true,
        .segment = acpi_u16(s, 6),
        .include_all = (acpi_u8(s, 4) & INCLUDE_PCI_ALL) != 0,
    };
    int err;

    (void)ctx;
    if (hw->iommu_count == HW_IOMMUS)
        return acpi_refuse(w, s, -RF_ENOSPC, "more than %u IOMMUs", HW_IOMMUS);
    if ((err = check_include_all(w, s, &u)) || (err = locate(w, s, &u)) ||
        (err = acpi_scopes(w, acpi_rest(s, DRHD_SCOPES), u.segment, &u.scopes)))
        return err;
    hw->iommu[hw->iommu_count++] = u;
    return 0;
}

/* Identity mappings are made of whole pages, so a region of a part of one would open the rest too
 * (VT-d 8.4 asks for pages). */
static int check_region(struct acpi_walk *w, struct acpi_span s, uint64_t base, uint64_t limit)
{
    const unsigned bits = w->hw->dmar.address_bits;
    const struct range msi = {HW_X86_MSI_FIRST, HW_X86_MSI_LAST};
    const struct range r = {base, limit};

    if (limit <= base || !is_aligned(base, PAGE_SIZE) || !is_aligned(limit + 1, PAGE_SIZE))
        return acpi_refuse(w, s, -RF_EINVAL, "a region %#lx..%#lx, which is no whole pages", base,
                           limit);
    if (bits < 64 && limit >> bits != 0)
        return acpi_refuse(w, s, -RF_EINVAL, "a region %#lx..%#lx, and addresses have %u bits",
                           base, limit, bits);
    if (range_overlaps(r, msi))
        return acpi_refuse(w, s, -RF_EINVAL, "a region %#lx..%#lx in the interrupt address range",
                           base, limit);
    return acpi_claim(w, s, r, "a reserved region");
}

static int visit_rmrr(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct hwdesc *hw = w->hw;
    struct hw_iova win = {
        .iova = {acpi_u64(s, 8), acpi_u64(s, 16)},
        .direct = true,
        .in_use = true,
        .name = "rmrr",
    };
    int err = check_region(w, s, win.iova.start, win.iova.last);

    (void)ctx;
    if (err || (err = acpi_scopes(w, acpi_rest(s, RMRR_SCOPES), acpi_u16(s, 6), &win.scopes)))
        return err;
    if (win.scopes.count == 0) {
        acpi_odd(w, s, "a reserved region %#lx..%#lx of no device: it is left out", win.iova.start,
                 win.iova.last);
        return 0;
    }
    if (hw->iova_count == HW_IOVAS)
        return acpi_refuse(w, s, -RF_ENOSPC, "more than %u reserved regions", HW_IOVAS);
    hw->iova[hw->iova_count++] = win;
    return 0;
}

/* Scopes of which nothing is needed, because ATS stays off: checked, and not kept. */
static int visit_other_scopes(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct hw_scopes scopes;
    int err = acpi_scopes(w, acpi_rest(s, OTHER_SCOPES), acpi_u16(s, 6), &scopes);

    (void)ctx;
    if (!err)
        w->hw->scope_count = scopes.first;
    return err;
}

static int visit_satc(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    if (acpi_u8(s, 4) & ATC_REQUIRED)
        acpi_odd(w, s,
                 "devices that need their own translation cache: ATS stays off, and they may "
                 "not work");
    return visit_other_scopes(w, s, ctx);
}

static int visit_andd(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    (void)ctx;
    for (uint32_t i = ANDD_NAME; i < s.len; i++) {
        if (acpi_u8(s, i) == 0)
            return 0;
    }
    return acpi_refuse(w, s, -RF_EINVAL, "the name of an ACPI device is not terminated");
}

static int visit_rhsa(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    (void)w;
    (void)s;
    (void)ctx;
    return 0; /* which memory is near: of no use to one core */
}

int acpi_dmar(struct acpi_walk *w, const struct acpi_table *t)
{
    static const struct acpi_kind kinds[] = {
        {0, DRHD_SCOPES, "DRHD", visit_drhd},
        {1, RMRR_SCOPES, "RMRR", visit_rmrr},
        {2, OTHER_SCOPES, "ATSR", visit_other_scopes},
        {3, RHSA_SIZE, "RHSA", visit_rhsa},
        {4, ANDD_NAME, "ANDD", visit_andd},
        {5, OTHER_SCOPES, "SATC", visit_satc},
        {6, OTHER_SCOPES, "SIDP", visit_other_scopes},
    };
    static const struct acpi_list structures = {2, 2, 2, ARRAY_SIZE(kinds), kinds};
    const struct acpi_span all = acpi_whole(t);
    const uint8_t flags = acpi_u8(all, FLAGS_AT);

    if (all.len < STRUCTURES_AT)
        return acpi_refuse(w, all, -RF_EINVAL, "%u bytes, the fixed part alone has %u", all.len,
                           STRUCTURES_AT);
    w->hw->dmar = (struct hw_dmar){
        .present = true,
        .intr_remap = (flags & INTR_REMAP) != 0,
        .x2apic_opt_out = (flags & X2APIC_OPT_OUT) != 0,
        .dma_opt_in = (flags & DMA_OPT_IN) != 0,
        .address_bits = acpi_u8(all, HAW_AT) + 1u,
    };
    return acpi_each(w, acpi_rest(all, STRUCTURES_AT), &structures, NULL);
}
