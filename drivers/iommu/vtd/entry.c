/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "arch/barrier.h"
#include "arch/dma.h"

/* ---- encoders -------------------------------------------------------------------------------- */

static void clear_words(uint64_t *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        w[i] = 0;
}

/* AW: 1 for 3 levels, 2 for 4, 3 for 5 (9.3, 9.6). */
static uint64_t address_width(const struct iommu_domain *d)
{
    return d->pt.top_level - 1u;
}

void vtd_ctx_legacy(const struct iommu_domain *d, uint64_t ctx[CTX_WORDS])
{
    ctx[0] = ENTRY_P | (d->pt.root.v & ENTRY_PTR);
    ctx[1] = FIELD_PREP(CTX1_AW, address_width(d)) | FIELD_PREP(CTX1_DID, d->asid);
}

void vtd_ctx_scalable(paddr_t pasid_dir, uint64_t ctx[SM_CTX_WORDS])
{
    clear_words(ctx, SM_CTX_WORDS);
    ctx[0] = ENTRY_P | (pasid_dir.v & ENTRY_PTR);
}

/* PWSNP and PGSNP are reserved where walks cannot snoop, and snooping cannot be forced (9.6). */
static uint64_t snooping(const struct vtd *v)
{
    return (v->feat.ecap & ECAP_SMPWC ? PASID1_PWSNP : 0) |
           (v->feat.ecap & ECAP_SC ? PASID1_PGSNP : 0);
}

void vtd_pasid_entry(const struct vtd *v, const struct iommu_domain *d, uint64_t e[PASID_WORDS])
{
    clear_words(e, PASID_WORDS);
    e[1] = FIELD_PREP(PASID1_DID, d->asid) | snooping(v);
    if (v->feat.mode == VTD_SCALABLE_FS) {
        /* AW is the second stage's (9.6), but QEMU 10 takes the input width from it here too. */
        e[0] = ENTRY_P | FIELD_PREP(PASID0_PGTT, PGTT_FS) | FIELD_PREP(PASID0_AW, address_width(d));
        e[2] = d->pt.root.v & ENTRY_PTR; /* FSPM 0: 4 levels; SRE, WPE, EAFE 0 */
    } else {
        e[0] = ENTRY_P | FIELD_PREP(PASID0_PGTT, PGTT_SS) |
               FIELD_PREP(PASID0_AW, address_width(d)) | (d->pt.root.v & ENTRY_PTR);
    }
}

/* ---- writers --------------------------------------------------------------------------------- */

/* Entries go from absent to present and back, never from one domain to another: the rest of an
 * absent entry is ignored, and the word with P is the last to come and the first to go (6.2). All
 * of it lies in one cache line. */
void vtd_entry_publish(const struct vtd *v, uint64_t *entry, const uint64_t *value, unsigned words)
{
    for (unsigned i = 1; i < words; i++)
        dma_store64(&entry[i], value[i]);
    dma_wmb();
    dma_store64(&entry[0], value[0]);
    dma_wmb();
    vtd_clean(v, entry, words * sizeof(*entry));
}

void vtd_entry_retract(const struct vtd *v, uint64_t *entry)
{
    dma_store64(&entry[0], 0);
    dma_wmb();
    vtd_clean(v, entry, sizeof(*entry));
}
