/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/barrier.h"
#include "lib/base/err.h"
#include "lib/pt/engine.h"

/* Most calls are for one page, and come back to where others were: then the table that has its
 * entry is remembered. By that the page is inside the input space, and nothing can be missing on
 * the way to it. All else is for pt_map.c and pt_unmap.c. */

/* The entry of the page; NULL: it is not one page, or `near` does not know its table. */
static inline uint64_t *find_page(const struct pt *pt, const struct pt_near *near, uint64_t iova,
                                  uint64_t size)
{
    const uint64_t offset = iova - near->start;
    if (size != pt->page_size || (offset & pt->not_offset) != 0 || near->pages == NULL)
        return NULL;
    return &near->pages[offset >> pt->cfg.granule_lg2];
}

static inline void publish(const struct pt *pt, const uint64_t *entry)
{
    if (pt->cfg.coherent) {
        dma_wmb();
        return;
    }
    dma_clean(entry, sizeof(*entry));
    dma_sync();
}

int pt_map(struct pt *pt, uint64_t iova, paddr_t pa, uint64_t size, unsigned prot)
{
    const struct pt_near *near = pt_near(pt, iova);
    uint64_t *entry = find_page(pt, near, iova, size);
    if (entry == NULL || (pa.v & pt->not_output) != 0 || prot != pt->page_prot)
        return pt_map_far(pt, iova, pa, size, prot);
    if (pt_is_valid(pt, dma_load64(entry)))
        return -RF_EEXIST;
    dma_store64(entry, pt->page_bits + pa.v);
    pt->leaves++;
    pt_live_add(pt, near->live, 1);
    publish(pt, entry);
    return 0;
}

bool pt_keep(struct pt *pt, uint16_t *live)
{
    if (*live == 0 && pt->kept < pt->cfg.keep) {
        *live = PT_KEPT;
        pt->kept++;
    }
    return *live == PT_KEPT;
}

int pt_unmap(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g, uint64_t *unmapped)
{
    const struct pt_near *near = pt_near(pt, iova);
    uint64_t *entry = find_page(pt, near, iova, size);
    if (entry == NULL || !pt_is_valid(pt, dma_load64(entry)))
        return pt_unmap_far(pt, iova, size, g, unmapped);
    dma_store64(entry, 0);
    pt_note_run(pt, g, pt->cfg.granule_lg2, iova, 1);
    pt_live_sub(near->live, 1);
    if (*near->live == 0 && !pt_keep(pt, near->live))
        pt_unlink_empty(pt, g, pt_entry_span(pt->cfg.granule_lg2, iova));
    publish(pt, entry);
    if (unmapped != NULL)
        *unmapped = size;
    return 0;
}
