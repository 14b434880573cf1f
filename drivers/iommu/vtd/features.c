/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/strbuf.h"

/* First-stage input is canonical: the lower half of 48 bits (lib/pt/fmt_vtd_fs.c). */
#define FS_BITS       47u
#define FS_LEVELS     4u
#define SS_BITS_BEST  48u /* more are not asked for as long as there is a choice */
#define SID_BITS      16u
#define HAW_MIN       32u
#define HAW_MAX       52u
#define NO_REGS_SINCE 6u /* VER.MAJOR: no register-based invalidation from here on */

bool vtd_is_silent(const struct vtd *v)
{
    uint64_t cap = mmio_read64(&v->regs, VTD_CAP);
    uint64_t ecap = mmio_read64(&v->regs, VTD_ECAP);

    return cap == ecap && (cap == 0 || cap == UINT64_MAX);
}

bool vtd_takes_x2apic(const struct mmio *regs)
{
    uint64_t ecap = mmio_read64(regs, VTD_ECAP);

    return ecap & ECAP_QI && ecap & ECAP_IR && ecap & ECAP_EIM;
}

/* ---- where the registers are ----------------------------------------------------------------- */

static int check_window(struct vtd *v)
{
    struct vtd_features *f = &v->feat;
    uint64_t need;

    f->iva_off = (uint32_t)(16 * FIELD_GET(ECAP_IRO, f->ecap));
    f->frcd_off = (uint32_t)(16 * FIELD_GET(CAP_FRO, f->cap));
    f->frcd_count = (unsigned)FIELD_GET(CAP_NFR, f->cap) + 1;
    need = MAX(f->iva_off + IVA_SIZE, f->frcd_off + f->frcd_count * FRCD_SIZE);
    if (need <= v->regs.size)
        return 0;
    log_err("%s: its register window has %lu bytes, its registers end at %lu (CAP.FRO, CAP.NFR, "
            "ECAP.IRO); map more",
            v->cfg.name, (unsigned long)v->regs.size, (unsigned long)need);
    return -RF_EINVAL;
}

/* ---- how to translate ------------------------------------------------------------------------ */

static unsigned width_of(unsigned levels)
{
    return PAGE_LG2 + 9 * levels;
}

/* The fewest levels of SAGAW (bit 1: 3, bit 2: 4, bit 3: 5) that have all addresses one may use;
 * 0: there is no second stage. */
static uint8_t second_stage_levels(const struct vtd_features *f)
{
    unsigned wanted = MIN((unsigned)FIELD_GET(CAP_MGAW, f->cap) + 1, SS_BITS_BEST);
    uint64_t sagaw = FIELD_GET(CAP_SAGAW, f->cap);
    uint8_t levels = 0;

    for (unsigned i = 1; i <= 3; i++) {
        if (!(sagaw >> i & 1))
            continue;
        levels = (uint8_t)(i + 2);
        if (width_of(levels) >= wanted)
            break;
    }
    return levels;
}

static bool offers(const struct vtd_features *f, enum vtd_mode mode)
{
    switch (mode) {
    case VTD_SCALABLE_FS:
        return f->ecap & ECAP_SMTS && f->ecap & ECAP_FSTS;
    case VTD_SCALABLE_SS:
        return f->ecap & ECAP_SMTS && f->ecap & ECAP_SSTS && f->levels;
    default:
        return f->levels;
    }
}

/* Best first. While translation is on the table mode cannot be changed (RTADDR.TTM, VT-d 11.4.5; a
 * unit with CAP.ESRTPS could, which is not used), and switching it off would let every device pass:
 * a unit that was left on stays in its mode. */
static bool choose_mode(struct vtd *v)
{
    static const enum vtd_mode by_merit[] = {VTD_SCALABLE_FS, VTD_SCALABLE_SS, VTD_LEGACY};
    struct vtd_features *f = &v->feat;
    bool on = vtd_is_on(v, GCMD_TE);
    bool left_scalable = FIELD_GET(RTADDR_TTM, mmio_read64(&v->regs, VTD_RTADDR)) == TTM_SCALABLE;

    for (size_t i = 0; i < ARRAY_SIZE(by_merit); i++) {
        if (!offers(f, by_merit[i]))
            continue;
        if (on && (by_merit[i] != VTD_LEGACY) != left_scalable) {
            f->kept_mode = true;
            continue;
        }
        f->mode = by_merit[i];
        return true;
    }
    return false;
}

static int refuse(const struct vtd *v, const char *why)
{
    log_err("%s: refused: %s", v->cfg.name, why);
    return -RF_ENXIO;
}

static int choose(struct vtd *v)
{
    struct vtd_features *f = &v->feat;

    f->levels = second_stage_levels(f);
    if (FIELD_GET(CAP_ND, f->cap) > ND_MAX)
        return refuse(v, "its number of domains is reserved (CAP.ND = 7)");
    if (!(f->ecap & ECAP_QI) && FIELD_GET(VER_MAJOR, f->ver) >= NO_REGS_SINCE)
        return refuse(v, "it can be told to invalidate in no way (ECAP.QI = 0)");
    if (!choose_mode(v))
        return refuse(
            v, f->kept_mode ? "translation was left on in a table mode that cannot be used; switch "
                              "DMA protection off in the firmware's setup"
                            : "it does not translate: CAP.SAGAW has no width, and ECAP no first "
                              "stage");
    f->remap = f->ecap & ECAP_IR && v->cfg.intr_remap && (!v->cfg.x2apic || f->ecap & ECAP_EIM);
    return 0;
}

/* ---- capabilities ---------------------------------------------------------------------------- */

static uint64_t leaf_sizes(const struct vtd_features *f)
{
    if (f->mode == VTD_SCALABLE_FS)
        return KIB(4) | MIB(2) | (f->cap & CAP_FS1GP ? GIB(1) : 0);
    return KIB(4) | (f->cap & CAP_SS2M ? MIB(2) : 0) | (f->cap & CAP_SS1G ? GIB(1) : 0);
}

/* The tables of a domain hang below PASID-table entries in scalable mode, where SMPWC speaks. */
static bool walks_snoop(const struct vtd_features *f)
{
    return f->mode == VTD_LEGACY ? f->ecap & ECAP_C : f->ecap & ECAP_SMPWC;
}

static void fill_caps(struct vtd *v)
{
    const struct vtd_features *f = &v->feat;
    bool fs = f->mode == VTD_SCALABLE_FS;
    unsigned mgaw = (unsigned)FIELD_GET(CAP_MGAW, f->cap) + 1;

    v->unit.caps = (struct iommu_caps){
        .format = fs ? &pt_vtd_fs : &pt_vtd_ss,
        .granules = KIB(4),
        .ias = (uint8_t)(fs ? FS_BITS : MIN(width_of(f->levels), mgaw)),
        .oas = (uint8_t)MIN(MAX(v->cfg.haw, HAW_MIN), HAW_MAX),
        .sid_bits = SID_BITS,
        .asid_bits = (uint8_t)(4 + 2 * FIELD_GET(CAP_ND, f->cap)),
        .coherent = walks_snoop(f),
        .snoop = !fs && f->ecap & ECAP_SC,
        .levels = fs ? FS_LEVELS : f->levels,
        .flush_maps = f->cap & (CAP_CM | CAP_RWBF),
        .leaf_sizes = leaf_sizes(f),
        .msi_window = {MSI_ADDR_BASE, MSI_ADDR_LAST},
    };
}

int vtd_read_features(struct vtd *v)
{
    struct vtd_features *f = &v->feat;
    int err;

    *f = (struct vtd_features){
        .ver = mmio_read32(&v->regs, VTD_VER),
        .cap = mmio_read64(&v->regs, VTD_CAP),
        .ecap = mmio_read64(&v->regs, VTD_ECAP),
    };
    vtd_apply_quirks(f, &v->cfg);
    err = check_window(v);
    if (!err)
        err = choose(v);
    if (err)
        return err;
    fill_caps(v);
    return 0;
}

/* ---- the boot report ------------------------------------------------------------------------- */

static void describe_translation(const struct vtd *v, struct strbuf *b)
{
    static const char *const modes[] = {
        [VTD_LEGACY] = "legacy mode, second stage",
        [VTD_SCALABLE_SS] = "scalable mode, second stage",
        [VTD_SCALABLE_FS] = "scalable mode, first stage",
    };
    const struct vtd_features *f = &v->feat;
    const struct iommu_caps *c = &v->unit.caps;

    strbuf_printf(
        b, "VT-d %u.%u: %s%s, %u levels, %u-bit in, %u-bit out, pages 4K%s%s, %s walks%s%s",
        (unsigned)FIELD_GET(VER_MAJOR, f->ver), (unsigned)FIELD_GET(VER_MINOR, f->ver),
        modes[f->mode], f->kept_mode ? " (as it was left on)" : "", c->levels, c->ias, c->oas,
        c->leaf_sizes & MIB(2) ? " 2M" : "", c->leaf_sizes & GIB(1) ? " 1G" : "",
        c->coherent ? "coherent" : "non-coherent", f->ecap & ECAP_SC ? ", snooping forced" : "",
        f->cap & CAP_CM ? ", caching mode" : "");
}

static const char *remapping(const struct vtd *v)
{
    if (v->feat.remap)
        return v->cfg.x2apic ? "interrupts remapped (x2APIC)" : "interrupts remapped (xAPIC)";
    if (!(v->feat.ecap & ECAP_IR))
        return "interrupts not remapped: it cannot";
    return v->cfg.intr_remap ? "interrupts not remapped: no x2APIC (ECAP.EIM = 0)"
                             : "interrupts not remapped: firmware says no";
}

static void describe_tables(const struct vtd *v, struct strbuf *b)
{
    const struct vtd_features *f = &v->feat;

    strbuf_printf(b, "\n%u-bit domain ids, invalidation by %s, ", v->unit.caps.asid_bits,
                  v->queue.base ? "queue" : "registers");
    if (f->cap & CAP_PSI)
        strbuf_printf(b, "up to 2^%u pages", (unsigned)FIELD_GET(CAP_MAMV, f->cap));
    else
        strbuf_printf(b, "of whole domains");
    strbuf_printf(b, "%s, %u fault record%s, %s%s",
                  f->cap & CAP_DWD && f->cap & CAP_DRD ? ", drained" : "", f->frcd_count,
                  f->frcd_count == 1 ? "" : "s", remapping(v),
                  f->ecap & ECAP_DT ? ", ATS off" : "");
    if (f->errata)
        strbuf_printf(b, ", errata: %s", f->errata);
}

void vtd_describe(const struct iommu_unit *u, char *text, size_t n)
{
    const struct vtd *v = CONTAINER_OF(u, const struct vtd, unit);
    struct strbuf b;

    strbuf_init(&b, text, n);
    describe_translation(v, &b);
    describe_tables(v, &b);
}
