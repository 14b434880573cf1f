/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"

/* Root table, context tables, PASID tables. A context table is made when the first of its devices
 * is attached, and stays. */
#define BUSES          256u
#define SID_COUNT      0x10000u
#define DEVFN          MASK(7, 0)
#define DEVFN_SCALABLE MASK(6, 0) /* in one of the two tables of a bus */
#define TABLE_WORDS    (PAGE_SIZE / sizeof(uint64_t))

/* A directory, and behind it the one table that is needed: for PASIDs 0 to 63. */
#define PASID_ORDER 1u

void vtd_clean(const struct vtd *v, const void *p, size_t n)
{
    if (v->feat.ecap & ECAP_C)
        return;
    dma_clean(p, n);
    dma_sync();
}

/* ---- root ------------------------------------------------------------------------------------ */

int vtd_root_alloc(struct vtd *v)
{
    paddr_t pa = page_alloc_zeroed(0);

    if (!paddr_valid(pa))
        return trace(-RF_ENOMEM);
    v->root = paddr_to_ptr(pa);
    vtd_clean(v, v->root, PAGE_SIZE);
    return 0;
}

void vtd_root_free(struct vtd *v)
{
    if (v->root)
        page_free(ptr_to_paddr(v->root), 0);
    v->root = NULL;
}

uint64_t vtd_root_address(const struct vtd *v)
{
    return (ptr_to_paddr(v->root).v & RTADDR_RTA) |
           FIELD_PREP(RTADDR_TTM, vtd_scalable(v) ? TTM_SCALABLE : TTM_LEGACY);
}

/* The word of the root table that points to the stream's context table. */
static uint64_t *root_slot(const struct vtd *v, uint32_t sid)
{
    unsigned half = vtd_scalable(v) ? sid >> 7 & 1 : 0;

    return &v->root[(sid >> 8) * ROOT_WORDS + half];
}

/* ---- contexts -------------------------------------------------------------------------------- */

uint64_t *vtd_context(const struct vtd *v, uint32_t sid)
{
    uint64_t link = v->root && sid < SID_COUNT ? dma_load64(root_slot(v, sid)) : 0;
    uint64_t *table;

    if (!(link & ENTRY_P))
        return NULL;
    table = paddr_to_ptr(PADDR(link & ENTRY_PTR));
    return vtd_scalable(v) ? &table[FIELD_GET(DEVFN_SCALABLE, sid) * SM_CTX_WORDS]
                           : &table[FIELD_GET(DEVFN, sid) * CTX_WORDS];
}

static int link_table(struct vtd *v, uint32_t sid)
{
    paddr_t pa = page_alloc_zeroed(0);
    uint64_t *slot = root_slot(v, sid);

    if (!paddr_valid(pa))
        return trace(-RF_ENOMEM);
    vtd_clean(v, paddr_to_ptr(pa), PAGE_SIZE);
    dma_wmb();
    dma_store64(slot, ENTRY_P | pa.v);
    dma_wmb();
    vtd_clean(v, slot, sizeof(*slot));
    return 0;
}

int vtd_make_context(struct vtd *v, uint32_t sid, uint64_t **ctx)
{
    int err = 0;

    if (sid >= SID_COUNT) {
        log_err("%s: stream %x is no requester id", v->cfg.name, sid);
        return -RF_ERANGE;
    }
    if (!vtd_context(v, sid))
        err = link_table(v, sid);
    *ctx = vtd_context(v, sid);
    return err;
}

/* ---- PASID tables ---------------------------------------------------------------------------- */

static uint64_t *pasid_table(paddr_t dir)
{
    return paddr_to_ptr(paddr_add(dir, PAGE_SIZE));
}

/* Nothing points to it yet. */
int vtd_pasid_alloc(struct vtd *v, const struct iommu_domain *d, paddr_t *dir)
{
    uint64_t entry[PASID_WORDS];
    uint64_t *words;

    *dir = page_alloc_zeroed(PASID_ORDER);
    if (!paddr_valid(*dir))
        return trace(-RF_ENOMEM);
    vtd_pasid_entry(v, d, entry);
    vtd_entry_publish(v, pasid_table(*dir), entry, PASID_WORDS);
    words = paddr_to_ptr(*dir);
    dma_store64(&words[0], ENTRY_P | paddr_add(*dir, PAGE_SIZE).v);
    dma_wmb();
    vtd_clean(v, words, PAGE_SIZE << PASID_ORDER);
    return 0;
}

void vtd_pasid_free(paddr_t dir, bool unused)
{
    if (unused)
        page_free(dir, PASID_ORDER);
    else
        page_quarantine(dir, PASID_ORDER);
}

uint16_t vtd_pasid_did(paddr_t dir)
{
    return (uint16_t)FIELD_GET(PASID1_DID, dma_load64(&pasid_table(dir)[1]));
}

/* ---- the end --------------------------------------------------------------------------------- */

/* A table of contexts that nothing points to any more, and the tables of its streams: the unit may
 * have them cached for ever. */
static void lose_contexts(const struct vtd *v, uint64_t link)
{
    const uint64_t *table = paddr_to_ptr(PADDR(link & ENTRY_PTR));

    for (size_t i = 0; vtd_scalable(v) && i < TABLE_WORDS; i += SM_CTX_WORDS) {
        uint64_t ctx = dma_load64(&table[i]);

        if (ctx & ENTRY_P)
            vtd_pasid_free(PADDR(ctx & ENTRY_PTR), false);
    }
    page_quarantine(PADDR(link & ENTRY_PTR), 0);
}

void vtd_deny_all(struct vtd *v)
{
    for (unsigned i = 0; v->root && i < BUSES * ROOT_WORDS; i++) {
        uint64_t link = dma_load64(&v->root[i]);

        dma_store64(&v->root[i], 0);
        if (link & ENTRY_P)
            lose_contexts(v, link);
    }
    if (v->root)
        vtd_clean(v, v->root, PAGE_SIZE);
}
