/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/state.h"

/* ---- commands -------------------------------------------------------------------------------- */

struct smmuv3_cmd smmuv3_cmd_cfgi_ste(uint32_t sid, bool leaf)
{
    return (struct smmuv3_cmd){
        {FIELD_PREP(CMD0_OP, CMD_CFGI_STE) | FIELD_PREP(CFGI0_SID, sid), leaf ? CFGI1_LEAF : 0},
    };
}

struct smmuv3_cmd smmuv3_cmd_cfgi_all(void)
{
    return (struct smmuv3_cmd){
        {FIELD_PREP(CMD0_OP, CMD_CFGI_ALL), FIELD_PREP(CFGI1_RANGE, CFGI_RANGE_ALL)},
    };
}

struct smmuv3_cmd smmuv3_cmd_tlbi_all(unsigned op)
{
    return (struct smmuv3_cmd){{FIELD_PREP(CMD0_OP, op), 0}};
}

/* VMID 0 is matched where stage 2 exists and must be 0 where it does not (4.4.2). */
static struct smmuv3_cmd tlbi_asid(uint16_t asid)
{
    return (struct smmuv3_cmd){
        {FIELD_PREP(CMD0_OP, CMD_TLBI_NH_ASID) | FIELD_PREP(TLBI0_VMID, 0) |
             FIELD_PREP(TLBI0_ASID, asid),
         0},
    };
}

static struct smmuv3_cmd tlbi_va(uint16_t asid, uint64_t iova, bool leaf)
{
    return (struct smmuv3_cmd){
        {FIELD_PREP(CMD0_OP, CMD_TLBI_NH_VA) | FIELD_PREP(TLBI0_VMID, 0) |
             FIELD_PREP(TLBI0_ASID, asid),
         (iova & TLBI1_ADDR) | (leaf ? TLBI1_LEAF : 0)},
    };
}

/* ---- what has to go, in whole granules ------------------------------------------------------- */

struct span {
    uint64_t iova;
    uint64_t pages; /* granules; at most 2^36, as input addresses have 48 bits */
    uint64_t step;  /* granules that one command without a range covers */
    bool leaf;      /* only last-level entries were changed */
    uint8_t ttl;    /* architecture level of the leaves, 1 to 3; 0: mixed */
};

/* Level of a leaf of 2^leaf_lg2 bytes: each level of tables adds granule_lg2 - 3 bits. */
static uint8_t leaf_level(unsigned leaf_lg2, unsigned granule_lg2)
{
    return (uint8_t)(3 - (leaf_lg2 - granule_lg2) / (granule_lg2 - 3));
}

/* The hint and the wide step count only on leaves of one size whose range is aligned to it: else
 * what a command covers is unpredictable (4.4.1). Where tables were unlinked nothing is assumed. */
static struct span span_of(const struct pt_flush *f, unsigned granule_lg2)
{
    uint64_t granule = UINT64_C(1) << granule_lg2;
    uint64_t start = align_down(f->iova.start, granule);
    uint64_t pages = ((f->iova.last - start) >> granule_lg2) + 1;
    struct span sp = {.iova = start, .pages = pages, .step = 1, .leaf = !f->tables};

    if (f->tables || f->leaf_lg2 < granule_lg2)
        return sp;
    if (!is_aligned(start | pages << granule_lg2, UINT64_C(1) << f->leaf_lg2))
        return sp;
    sp.ttl = leaf_level(f->leaf_lg2, granule_lg2);
    sp.step = UINT64_C(1) << (f->leaf_lg2 - granule_lg2);
    return sp;
}

/* ---- range commands (IDR3.RIL, 4.4.1.1) ------------------------------------------------------ */

#define NUM_MAX   32u /* TLBI0_NUM + 1 */
#define SCALE_MAX 31u

/* One command covers num << scale granules. */
struct stride {
    uint64_t num;
    unsigned scale;
};

/* The five lowest bits from the lowest set one on, so that the rest is a multiple of 32 times as
 * much: at most one command for five bits of the length. */
static struct stride next_stride(uint64_t pages)
{
    unsigned scale = MIN((unsigned)__builtin_ctzll(pages), SCALE_MAX);
    uint64_t num = pages >> scale;

    if (scale < SCALE_MAX)
        num &= NUM_MAX - 1;
    return (struct stride){.num = MIN(num, NUM_MAX), .scale = scale};
}

/* NUM, SCALE and TTL all 0 is refused as CERROR_ILL. It would be the first command of a span
 * without a hint whose length is 1 modulo 32: one granule more then. */
static uint64_t range_pages(const struct span *sp)
{
    return sp->ttl == 0 && sp->pages % NUM_MAX == 1 ? sp->pages + 1 : sp->pages;
}

static uint64_t tlbi_tg(unsigned granule_lg2)
{
    return (granule_lg2 - 10) / 2;
}

static struct smmuv3_cmd tlbi_range(uint16_t asid, const struct span *sp, struct stride st,
                                    unsigned granule_lg2)
{
    struct smmuv3_cmd cmd = tlbi_va(asid, sp->iova, sp->leaf);

    cmd.w[0] |= FIELD_PREP(TLBI0_NUM, st.num - 1) | FIELD_PREP(TLBI0_SCALE, st.scale);
    cmd.w[1] |= FIELD_PREP(TLBI1_TG, tlbi_tg(granule_lg2)) | FIELD_PREP(TLBI1_TTL, sp->ttl);
    return cmd;
}

static int add_ranges(struct smmuv3 *s, struct smmuv3_batch *b, const struct iommu_domain *d,
                      struct span sp)
{
    unsigned granule_lg2 = d->pt.cfg.granule_lg2;
    uint64_t left = range_pages(&sp);
    int err = 0;

    while (left && !err) {
        struct stride st = next_stride(left);
        uint64_t done = st.num << st.scale;

        err = smmuv3_batch_add(s, b, tlbi_range(d->asid, &sp, st, granule_lg2));
        sp.iova += done << granule_lg2;
        left -= done;
    }
    return err;
}

static int add_pages(struct smmuv3 *s, struct smmuv3_batch *b, const struct iommu_domain *d,
                     const struct span *sp)
{
    int err = 0;

    for (uint64_t i = 0; i < sp->pages && !err; i += sp->step)
        err = smmuv3_batch_add(s, b,
                               tlbi_va(d->asid, sp->iova + (i << d->pt.cfg.granule_lg2), sp->leaf));
    return err;
}

/* ---- flush ----------------------------------------------------------------------------------- */

/* From as many commands on as a table has entries, the whole address space goes. Measured with 4
 * KiB pages: 512 commands are 41,000 instructions of the CPU and 512 reads of 16 bytes by the unit;
 * to fetch 512 neighbouring translations again are 515 reads of 8 bytes, and only if all are used.
 */
static bool whole_asid(const struct smmuv3 *s, const struct iommu_domain *d,
                       const struct pt_gather *g)
{
    uint64_t limit = UINT64_C(1) << (d->pt.cfg.granule_lg2 - 3);
    uint64_t n = 0;

    if (g->all || s->feat.range_inv) /* ranges need at most 8 commands each */
        return g->all;
    for (unsigned i = 0; i < g->count && n < limit; i++) {
        struct span sp = span_of(&g->flush[i], d->pt.cfg.granule_lg2);

        n += sp.pages / sp.step;
    }
    return n >= limit;
}

static int add_span(struct smmuv3 *s, struct smmuv3_batch *b, const struct iommu_domain *d,
                    const struct pt_flush *f)
{
    struct span sp = span_of(f, d->pt.cfg.granule_lg2);

    return s->feat.range_inv ? add_ranges(s, b, d, sp) : add_pages(s, b, d, &sp);
}

/* The tables in memory are published by the barrier before CMDQ_PROD is written. */
int smmuv3_flush(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_gather *g)
{
    struct smmuv3 *s = smmuv3_of(u);
    struct smmuv3_batch b;
    int err = 0;

    if (pt_gather_empty(g))
        return 0;
    smmuv3_batch_init(&b);
    if (whole_asid(s, d, g))
        err = smmuv3_batch_add(s, &b, tlbi_asid(d->asid));
    else
        for (unsigned i = 0; i < g->count && !err; i++)
            err = add_span(s, &b, d, &g->flush[i]);
    return err ? err : smmuv3_batch_sync(s, &b);
}
