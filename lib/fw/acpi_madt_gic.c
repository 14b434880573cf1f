/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/fw/acpi_walk.h"

#include "lib/base/err.h"

/* MADT (5.2.12.14 to 5.2.12.18), the Arm part: GIC, MSI frames, ITSs. Sizes of register blocks are
 * not in the table; they are the architecture's (IHI 0048, IHI 0069). */

#define GICC_ENABLED     1u
#define GICC_NONCOHERENT 16u
#define FLAGS_AT         2u /* of redistributors and ITSs, from ACPI 6.6 on */
#define NONCOHERENT      1u
#define GICC_BASE        32u
#define GICC_GICR        60u /* from ACPI 5.1 on */
#define GICV2_DIST       0x1000u
#define GICV2_CPU        0x2000u
#define GICV3_DIST       0x10000u
#define GICV3_REDIST     0x20000u
#define V2M_SIZE         0x1000u
#define ITS_SIZE         0x20000u
#define SPI_OVERRIDE     1u

#define V2M_ALONE_LG2 12 /* ACPI does not tell what else is near: the frame's own page is safe */
#define ITS_ALONE_LG2 16

static bool has_redist(const struct hw_gic *gic, uint64_t base)
{
    for (unsigned i = 0; i < gic->redist_count; i++) {
        if (gic->redist[i].start == base)
            return true;
    }
    return false;
}

static int add_redist(struct acpi_walk *w, struct acpi_span s, uint64_t base, uint64_t size)
{
    struct hw_gic *gic = &w->hw->gic;
    struct range r;
    int err = acpi_registers(w, s, base, size, KIB(4), "GIC redistributors", &r);

    if (err)
        return err;
    if (gic->redist_count == HW_REDISTS)
        return acpi_refuse(w, s, -RF_ENOSPC, "more than %u regions of redistributors", HW_REDISTS);
    gic->redist[gic->redist_count++] = r;
    return 0;
}

/* A machine has redistributors one by one here, or in regions (GICR). That of a CPU that is off
 * need not answer. */
int acpi_gicc(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct acpi_gic *gic = &((struct acpi_madt *)ctx)->gic;
    const uint64_t redist = acpi_u64(s, GICC_GICR);
    const uint32_t flags = acpi_u32(s, 12);

    if (gic->cpu == 0)
        gic->cpu = acpi_u64(s, GICC_BASE);
    if (!(flags & GICC_ENABLED))
        return 0;
    w->hw->cpu_count++;
    w->hw->gic.noncoherent |= (flags & GICC_NONCOHERENT) != 0;
    if (gic->has_gicr || redist == 0 || has_redist(&w->hw->gic, redist))
        return 0;
    return add_redist(w, s, redist, GICV3_REDIST);
}

int acpi_gicd(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct acpi_gic *gic = &((struct acpi_madt *)ctx)->gic;

    if (gic->dist.table)
        return acpi_refuse(w, s, -RF_EINVAL, "a second GIC distributor");
    gic->dist = s;
    return 0;
}

int acpi_gicr(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct acpi_gic *gic = &((struct acpi_madt *)ctx)->gic;

    if (!gic->has_gicr)
        w->hw->gic.redist_count = 0;
    gic->has_gicr = true;
    w->hw->gic.noncoherent |= (acpi_u8(s, FLAGS_AT) & NONCOHERENT) != 0;
    return add_redist(w, s, acpi_u64(s, 4), acpi_u32(s, 12));
}

static int add_msi(struct acpi_walk *w, struct acpi_span s, struct hw_msi_frame f, uint64_t size)
{
    struct hwdesc *hw = w->hw;
    const bool its = f.kind == HW_MSI_ITS;
    const uint64_t base = acpi_u64(s, 8);
    int err = acpi_registers(w, s, base, size, size == ITS_SIZE ? KIB(64) : KIB(4),
                             its ? "ITS" : "MSI frame", &f.regs);

    if (err)
        return err;
    if (hw->msi_count == HW_MSI_FRAMES)
        return acpi_refuse(w, s, -RF_ENOSPC, "more than %u MSI frames", HW_MSI_FRAMES);
    if (!(f.name = acpi_name(w, s, "%s@%lx", its ? "its" : "v2m", base)))
        return -RF_ENOSPC;
    hw->msi[hw->msi_count++] = f;
    return 0;
}

int acpi_gic_msi(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    struct hw_msi_frame f = {.kind = HW_MSI_V2M, .alone_lg2 = V2M_ALONE_LG2};

    (void)ctx;
    if (acpi_u32(s, 16) & SPI_OVERRIDE) {
        f.spi_count = acpi_u16(s, 20);
        f.spi_base = acpi_u16(s, 22);
    }
    if ((f.spi_base == 0) != (f.spi_count == 0))
        return acpi_refuse(w, s, -RF_EINVAL, "an MSI frame with %u interrupts from %u on",
                           f.spi_count, f.spi_base);
    return add_msi(w, s, f, V2M_SIZE);
}

int acpi_gic_its(struct acpi_walk *w, struct acpi_span s, void *ctx)
{
    const struct hw_msi_frame f = {
        .kind = HW_MSI_ITS,
        .phandle = acpi_u32(s, 4),
        .alone_lg2 = ITS_ALONE_LG2,
        .noncoherent = (acpi_u8(s, FLAGS_AT) & NONCOHERENT) != 0,
    };

    (void)ctx;
    for (unsigned i = 0; i < w->hw->msi_count; i++) {
        const struct hw_msi_frame *o = &w->hw->msi[i];

        if (o->kind == HW_MSI_ITS && o->phandle == f.phandle)
            return acpi_refuse(w, s, -RF_EINVAL, "%s has ITS id %u too", o->name, f.phandle);
    }
    return add_msi(w, s, f, ITS_SIZE);
}

/* Old tables leave the version out: redistributors tell (5.2.12.15). GICv4 is a GICv3 and more. */
static unsigned version_of(const struct hwdesc *hw, const struct acpi_gic *gic)
{
    unsigned version = acpi_u8(gic->dist, 20);

    if (version == 0)
        return hw->gic.redist_count ? 3 : 2;
    return MIN(version, 3);
}

int acpi_gic_finish(struct acpi_walk *w, const struct acpi_gic *gic)
{
    struct hw_gic *hw = &w->hw->gic;
    const bool v3 = version_of(w->hw, gic) == 3;
    int err;

    if (!gic->dist.table)
        return 0;
    err = acpi_registers(w, gic->dist, acpi_u64(gic->dist, 8), v3 ? GICV3_DIST : GICV2_DIST, KIB(4),
                         "GIC distributor", &hw->dist);
    if (!err && !v3)
        err = acpi_registers(w, gic->dist, gic->cpu, GICV2_CPU, KIB(4), "GIC CPU interface",
                             &hw->cpu);
    if (err)
        return err;
    if (v3 && hw->redist_count == 0)
        return acpi_refuse(w, gic->dist, -RF_EINVAL, "a GICv3 without redistributors");
    hw->version = v3 ? 3 : 2;
    return 0;
}
