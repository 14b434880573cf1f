/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

/* Capabilities that are not what they say. They edit the features once, at probe; no other code
 * knows of them.
 *
 * Known errata of features that this driver never uses, and which therefore need no row: read-only
 * leaves below nested translation (Sapphire Rapids 772415), device-TLB invalidations that must be
 * sent twice (QAT), units of integrated graphics that want no translation. */
struct quirk {
    const char *name;
    bool (*applies)(const struct vtd_features *f, const struct vtd_config *cfg);
    uint64_t cap_set, ecap_clear;
};

static bool is_mobile_4(const struct vtd_features *f, const struct vtd_config *cfg)
{
    return cfg->flush_writes && !(f->cap & CAP_RWBF);
}

/* Interrupt remapping and scalable mode are invalidated by the queue only (VT-d 6.5.2). */
static bool needs_the_queue(const struct vtd_features *f, const struct vtd_config *cfg)
{
    (void)cfg;
    return !(f->ecap & ECAP_QI) && (f->ecap & (ECAP_IR | ECAP_SMTS));
}

static const struct quirk quirks[] = {
    {"Mobile 4 Series RWBF", is_mobile_4, CAP_RWBF, 0},
    {"no queue for what needs one", needs_the_queue, 0, ECAP_IR | ECAP_SMTS},
};

void vtd_apply_quirks(struct vtd_features *f, const struct vtd_config *cfg)
{
    for (size_t i = 0; i < ARRAY_SIZE(quirks); i++) {
        if (!quirks[i].applies(f, cfg))
            continue;
        f->cap |= quirks[i].cap_set;
        f->ecap &= ~quirks[i].ecap_clear;
        f->errata = quirks[i].name;
    }
}
