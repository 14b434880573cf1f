/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/regs.h"
#include "drivers/iommu/smmuv3/state.h"

/* Errata, by SMMU_IIDR (6.3.7). They edit the features once, at probe; no other code knows of them.
 *
 * Known errata of features that this driver never uses, and which therefore need no row: MMU-600
 * r0p0-r0p2 1076982 (CMD_SYNC with SIG_SEV), MMU-600 1209401 and MMU-700 2268618 (nested
 * translation), MMU-700 broadcast TLB maintenance, HiSilicon Hi161x (CMD_PREFETCH_CONFIG). An SMMU
 * without page 1 (Cavium ThunderX2) cannot be told by IIDR: smmuv3_config.page0_only. */
struct quirk {
    uint32_t mask;
    uint32_t value;
    const char *name;
    void (*edit)(struct smmuv3_features *f);
};

#define IIDR_ARM             0x43bu
#define IIDR_PRODUCT_MMU_700 0x487u

/* Invalidations without a CMD_SYNC among them may stop the command queue for good: at most 63
 * commands may precede one. */
static void sync_each_63(struct smmuv3_features *f)
{
    f->batch_max = 63;
}

static const struct quirk quirks[] = {
    {IIDR_PRODUCTID | IIDR_IMPLEMENTER,
     FIELD_PREP(IIDR_PRODUCTID, IIDR_PRODUCT_MMU_700) | FIELD_PREP(IIDR_IMPLEMENTER, IIDR_ARM),
     "MMU-700 2268618 2812531", sync_each_63},
};

void smmuv3_apply_quirks(struct smmuv3_features *f)
{
    for (size_t i = 0; i < ARRAY_SIZE(quirks); i++) {
        if ((f->iidr & quirks[i].mask) != quirks[i].value)
            continue;
        quirks[i].edit(f);
        f->errata = quirks[i].name;
    }
}
