/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

/* What the identification registers do not tell, by the part that firmware names; with its errata.
 * They edit the features once, at probe; no other code knows of them.
 *
 * Known errata of features that this driver never uses, and which therefore need no row: bypassing
 * streams of Qualcomm's firmware (nothing bypasses here, and a register that does not hold what
 * blocks is found at take-over), Calxeda's secure aliases, parts whose several instances have to be
 * programmed alike (NVIDIA: not among the parts, so never driven). */

struct part {
    const char *name;
    uint8_t version;
    uint32_t idr2_set, idr2_clear;
    const char *errata;
    int (*edit)(struct smmuv2 *s);
};

/* Prefetched translations may outlive their invalidation: 562869, 826419, 841119, 1047329. */
static int stop_prefetch(struct smmuv2 *s)
{
    s->feat.no_prefetch = true;
    return 0;
}

/* The interconnect takes no 64-bit accesses (582743): without VMSAv8-64 formats every invalidation
 * is a 32-bit access, and what remains can be written in halves. */
static int avoid_64_bits(struct smmuv2 *s)
{
    s->feat.split64 = true;
    return stop_prefetch(s);
}

/* Units share one TLB: ASIDs and VMIDs have to differ between them (27704). */
#define CAVIUM_ASID_BITS 5u
#define CAVIUM_UNITS     (1u << (8 - CAVIUM_ASID_BITS))

static bool is_cavium(const struct iommu_unit *u, const struct iommu_unit *like)
{
    return u->ops == like->ops &&
           CONTAINER_OF(u, const struct smmuv2, unit)->cfg.part == SMMUV2_PART_CAVIUM;
}

static int part_asids(struct smmuv2 *s)
{
    const struct iommu_unit *u;
    unsigned started = 0;

    LIST_FOREACH (u, &iommu_units, link)
        started += is_cavium(u, &s->unit);
    if (started == CAVIUM_UNITS) {
        log_err("%s: refused: it shares its TLB with %u others, which use all address-space ids",
                s->cfg.name, started);
        return -RF_ENXIO;
    }
    s->feat.asid_bits = CAVIUM_ASID_BITS;
    s->feat.asid_base = (uint8_t)(started << CAVIUM_ASID_BITS);
    return 0;
}

#define PTFSV8 (IDR2_PTFSV8_4K | IDR2_PTFSV8_16K | IDR2_PTFSV8_64K)

/* Bits of IDR2 that SMMUv1 reserves are not believed. */
static const struct part parts[] = {
    [SMMUV2_PART_V1] = {"generic", 1, 0, PTFSV8, NULL, NULL},
    [SMMUV2_PART_MMU401] = {"MMU-401", 1, IDR2_PTFSV8_64K, PTFSV8, NULL, NULL},
    [SMMUV2_PART_V2] = {"generic", 2, 0, 0, NULL, NULL},
    [SMMUV2_PART_MMU500] = {"MMU-500", 2, 0, 0, "MMU-500 562869 826419 841119 1047329",
                            stop_prefetch},
    [SMMUV2_PART_AP806] = {"AP806 MMU-500", 2, 0, PTFSV8, "AP806 582743, MMU-500 826419",
                           avoid_64_bits},
    [SMMUV2_PART_CAVIUM] = {"ThunderX", 2, 0, 0, "ThunderX 27704", part_asids},
};

const char *smmuv2_part_name(enum smmuv2_part part)
{
    return parts[part].name;
}

uint8_t smmuv2_part_version(enum smmuv2_part part)
{
    return parts[part].version;
}

int smmuv2_apply_quirks(struct smmuv2 *s)
{
    const struct part *p = &parts[s->cfg.part];
    struct smmuv2_features *f = &s->feat;

    f->idr2 = (f->idr2 & ~p->idr2_clear) | p->idr2_set;
    f->errata = p->errata;
    return p->edit ? p->edit(s) : 0;
}
