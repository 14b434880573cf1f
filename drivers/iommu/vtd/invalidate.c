/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

/* ---- descriptors (VT-d 6.5.2) ---------------------------------------------------------------- */

static struct vtd_desc desc(uint64_t type, uint64_t granularity, uint16_t did)
{
    return (struct vtd_desc){
        {FIELD_PREP(DESC0_TYPE, type) | FIELD_PREP(DESC0_G, granularity) |
             FIELD_PREP(DESC0_DID, did),
         0},
    };
}

static struct vtd_desc context_device(uint16_t did, uint32_t sid)
{
    struct vtd_desc d = desc(DESC_CONTEXT, G_DEVICE, did);

    d.w[0] |= FIELD_PREP(CONTEXT0_SID, sid);
    return d;
}

/* Reads and writes that were translated before are in memory when it completes (6.5.4). */
static struct vtd_desc iotlb(const struct vtd *v, uint64_t granularity, uint16_t did)
{
    struct vtd_desc d = desc(DESC_IOTLB, granularity, did);

    d.w[0] |= (v->feat.cap & CAP_DRD ? IOTLB0_DR : 0) | (v->feat.cap & CAP_DWD ? IOTLB0_DW : 0);
    return d;
}

/* PASID 0, which stands for none. It drains without being asked (6.5.2.4). */
static struct vtd_desc translations(const struct vtd *v, bool pages, uint16_t did)
{
    if (v->feat.mode == VTD_SCALABLE_FS)
        return desc(DESC_PIOTLB, pages ? G_PIOTLB_PAGE : G_PIOTLB_PASID, did);
    return iotlb(v, pages ? G_PAGE : G_DOMAIN, did);
}

static struct vtd_desc pages(const struct vtd *v, uint16_t did, uint64_t iova, unsigned am,
                             bool leaves_only)
{
    struct vtd_desc d = translations(v, true, did);

    d.w[1] = (iova & PAGES1_ADDR) | FIELD_PREP(PAGES1_AM, am) | (leaves_only ? PAGES1_IH : 0);
    return d;
}

/* ---- streams and domains --------------------------------------------------------------------- */

/* From the outermost structure inwards: what is fetched in between is fetched anew (6.5.3.3). */
void vtd_add_stream(const struct vtd *v, struct vtd_batch *b, uint32_t sid, uint16_t did)
{
    vtd_batch_add(b, context_device(did, sid));
    if (vtd_scalable(v))
        vtd_batch_add(b, desc(DESC_PASID, G_PASID_ONE, did));
}

void vtd_add_domain(const struct vtd *v, struct vtd_batch *b, uint16_t did)
{
    vtd_batch_add(b, translations(v, false, did));
}

/* The global IOTLB invalidation takes the first stage's translations with it (6.5.2.3). */
int vtd_invalidate_all(struct vtd *v)
{
    struct vtd_batch b;

    vtd_batch_init(&b);
    vtd_batch_add(&b, desc(DESC_CONTEXT, G_GLOBAL, 0));
    if (vtd_scalable(v))
        vtd_batch_add(&b, desc(DESC_PASID, G_PASID_ALL, 0));
    vtd_batch_add(&b, iotlb(v, G_GLOBAL, 0));
    return vtd_batch_sync(v, &b);
}

/* ---- interrupt entries ----------------------------------------------------------------------- */

static int invalidate_irtes(struct vtd *v, uint64_t what)
{
    struct vtd_batch b;

    vtd_batch_init(&b);
    vtd_batch_add(&b, (struct vtd_desc){{FIELD_PREP(DESC0_TYPE, DESC_IEC) | what, 0}});
    return vtd_batch_sync(v, &b);
}

int vtd_invalidate_irtes(struct vtd *v, uint16_t index, unsigned lg2)
{
    return invalidate_irtes(v,
                            IEC0_SELECT | FIELD_PREP(IEC0_IM, lg2) | FIELD_PREP(IEC0_INDEX, index));
}

int vtd_invalidate_all_irtes(struct vtd *v)
{
    return invalidate_irtes(v, 0);
}

/* ---- flush ----------------------------------------------------------------------------------- */

/* One descriptor takes 2^am pages from a multiple of as many on. */
struct block {
    uint64_t page;
    unsigned am;
};

/* The smallest that has both pages. */
static struct block block_of(uint64_t first, uint64_t last)
{
    unsigned am = first == last ? 0 : log2_floor(first ^ last) + 1;

    return (struct block){first >> am << am, am};
}

/* One block, or two when the range lies across a boundary that would make one much larger than it,
 * or than the unit takes: then each of them begins or ends there, and is at most twice its part. */
static unsigned cover(uint64_t first, uint64_t last, unsigned am_max, struct block out[2])
{
    struct block one = block_of(first, last);
    uint64_t middle;

    if (one.am == 0 || (one.am <= am_max && UINT64_C(1) << one.am <= 2 * (last - first + 1))) {
        out[0] = one;
        return 1;
    }
    middle = one.page + (UINT64_C(1) << (one.am - 1));
    out[0] = block_of(first, middle - 1);
    out[1] = block_of(middle, last);
    return 2;
}

/* False: the unit has no descriptor for a part of it. */
static bool add_range(const struct vtd *v, struct vtd_batch *b, uint16_t did,
                      const struct pt_flush *f)
{
    const unsigned am_max = (unsigned)FIELD_GET(CAP_MAMV, v->feat.cap);
    struct block blocks[2];
    unsigned n = cover(f->iova.start >> PAGE_LG2, f->iova.last >> PAGE_LG2, am_max, blocks);

    for (unsigned i = 0; i < n; i++) {
        if (blocks[i].am > am_max)
            return false;
        vtd_batch_add(b, pages(v, did, blocks[i].page << PAGE_LG2, blocks[i].am, !f->tables));
    }
    return true;
}

static bool add_ranges(const struct vtd *v, struct vtd_batch *b, uint16_t did,
                       const struct pt_gather *g)
{
    if (g->all || !(v->feat.cap & CAP_PSI))
        return false;
    for (unsigned i = 0; i < g->count; i++) {
        if (!add_range(v, b, did, &g->flush[i]))
            return false;
    }
    return true;
}

int vtd_flush(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_gather *g)
{
    struct vtd *v = vtd_of(u);
    struct vtd_batch b;

    if (pt_gather_empty(g))
        return 0;
    vtd_batch_init(&b);
    if (!add_ranges(v, &b, d->asid, g)) {
        vtd_batch_init(&b);
        vtd_add_domain(v, &b, d->asid);
    }
    return vtd_batch_sync(v, &b);
}
