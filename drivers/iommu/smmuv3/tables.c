/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/regs.h"
#include "drivers/iommu/smmuv3/state.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"
#include "lib/mem/page.h"

/* Stream table (3.3.1) and context descriptors. A level 2 table holds the entries of 256 streams,
 * of one PCI bus that is, and is made when the first of them is attached. */
#define SPLIT       8u
#define L2_STES     (1u << SPLIT)
#define L2_ORDER    2u
#define L1STD_BYTES 8u

/* A table smaller than this number of stream ids is not worth a retry with less memory. */
#define SID_BITS_MIN 8u

static void clean(const struct smmuv3 *s, const void *p, size_t n)
{
    if (s->unit.caps.coherent)
        return;
    dma_clean(p, n);
    dma_sync();
}

static void deny_stes(const struct smmuv3 *s, uint64_t *stes, size_t n)
{
    uint64_t deny[STE_WORDS];

    smmuv3_ste_abort(deny);
    for (size_t i = 0; i < n; i++)
        dma_store64(&stes[i * STE_WORDS], deny[0]);
    clean(s, stes, n * STE_SIZE);
}

/* ---- the table ------------------------------------------------------------------------------- */

static size_t top_entries(const struct smmuv3_strtab *t)
{
    return (size_t)1 << (t->two_level ? t->sid_bits - SPLIT : t->sid_bits);
}

static size_t top_bytes(const struct smmuv3_strtab *t)
{
    return top_entries(t) * (t->two_level ? L1STD_BYTES : STE_SIZE);
}

static int alloc_top(struct smmuv3_strtab *t)
{
    size_t bytes = top_bytes(t);

    t->order = (uint8_t)(bytes <= PAGE_SIZE ? 0 : log2_ceil(bytes) - PAGE_LG2);
    t->pa = page_alloc_zeroed(t->order);
    if (!paddr_valid(t->pa))
        return -RF_ENOMEM;
    t->top = paddr_to_ptr(t->pa);
    return 0;
}

/* With less memory the table covers fewer streams; the others are refused as C_BAD_STREAMID. */
int smmuv3_strtab_init(struct smmuv3 *s)
{
    struct smmuv3_strtab *t = &s->strtab;
    int err;

    *t = (struct smmuv3_strtab){.sid_bits = s->feat.sid_bits, .two_level = s->feat.two_level};
    err = alloc_top(t);
    while (err && t->sid_bits > SID_BITS_MIN) {
        t->sid_bits--;
        t->two_level = t->two_level && t->sid_bits > SPLIT;
        err = alloc_top(t);
    }
    if (err)
        return trace(err);
    if (t->sid_bits != s->feat.sid_bits)
        log_warn("%s: memory for %u-bit stream ids only; devices above stay blocked", s->cfg.name,
                 t->sid_bits);
    s->unit.caps.sid_bits = t->sid_bits;
    if (t->two_level)
        clean(s, t->top, top_bytes(t));
    else
        deny_stes(s, t->top, top_entries(t));
    return 0;
}

static uint64_t *l2_table(const struct smmuv3_strtab *t, size_t i)
{
    uint64_t desc = dma_load64(&t->top[i]);

    return FIELD_GET(L1STD_SPAN, desc) ? paddr_to_ptr(PADDR(desc & L1STD_L2PTR)) : NULL;
}

static void give_back(paddr_t pa, unsigned order, bool hardware_is_off)
{
    if (hardware_is_off)
        page_free(pa, order);
    else
        page_quarantine(pa, order);
}

void smmuv3_strtab_fini(struct smmuv3 *s, bool hardware_is_off)
{
    struct smmuv3_strtab *t = &s->strtab;

    if (!t->top)
        return;
    for (size_t i = 0; t->two_level && i < top_entries(t); i++) {
        const uint64_t *l2 = l2_table(t, i);

        if (l2)
            give_back(ptr_to_paddr(l2), L2_ORDER, hardware_is_off);
    }
    give_back(t->pa, t->order, hardware_is_off);
    t->top = NULL;
}

uint64_t smmuv3_strtab_base(const struct smmuv3 *s)
{
    return (s->strtab.pa.v & STRTAB_BASE_ADDR) | (s->unit.caps.coherent ? STRTAB_BASE_RA : 0);
}

uint32_t smmuv3_strtab_base_cfg(const struct smmuv3 *s)
{
    const struct smmuv3_strtab *t = &s->strtab;

    if (!t->two_level)
        return (uint32_t)(FIELD_PREP(STRTAB_FMT, STRTAB_FMT_LINEAR) |
                          FIELD_PREP(STRTAB_LOG2SIZE, t->sid_bits));
    return (uint32_t)(FIELD_PREP(STRTAB_FMT, STRTAB_FMT_2LEVEL) | FIELD_PREP(STRTAB_SPLIT, SPLIT) |
                      FIELD_PREP(STRTAB_LOG2SIZE, t->sid_bits));
}

/* ---- its entries ----------------------------------------------------------------------------- */

static bool sid_in_range(const struct smmuv3 *s, uint32_t sid)
{
    return s->strtab.top && ((uint64_t)sid >> s->strtab.sid_bits) == 0;
}

uint64_t *smmuv3_strtab_ste(const struct smmuv3 *s, uint32_t sid)
{
    const struct smmuv3_strtab *t = &s->strtab;
    uint64_t *l2;

    if (!sid_in_range(s, sid))
        return NULL;
    if (!t->two_level)
        return &t->top[(size_t)sid * STE_WORDS];
    l2 = l2_table(t, sid >> SPLIT);
    return l2 ? &l2[(size_t)(sid % L2_STES) * STE_WORDS] : NULL;
}

static void set_l1std(const struct smmuv3 *s, uint32_t sid, uint64_t desc)
{
    uint64_t *slot = &s->strtab.top[sid >> SPLIT];

    dma_wmb();
    dma_store64(slot, desc);
    clean(s, slot, L1STD_BYTES);
}

/* The SMMU may have cached that there was no table: the non-leaf form drops that (5.1.1). When that
 * fails the next attach starts again; the table is not used again, as it may be cached by then. */
static int link_l2(struct smmuv3 *s, uint32_t sid)
{
    paddr_t pa = page_alloc_zeroed(L2_ORDER);
    int err;

    if (!paddr_valid(pa))
        return trace(-RF_ENOMEM);
    deny_stes(s, paddr_to_ptr(pa), L2_STES);
    set_l1std(s, sid, FIELD_PREP(L1STD_SPAN, SPLIT + 1) | (pa.v & L1STD_L2PTR));
    err = smmuv3_command_sync(s, smmuv3_cmd_cfgi_ste(sid, false));
    if (err) {
        set_l1std(s, sid, 0);
        page_quarantine(pa, L2_ORDER);
    }
    return err;
}

int smmuv3_strtab_make_ste(struct smmuv3 *s, uint32_t sid, uint64_t **ste)
{
    int err = 0;

    if (!sid_in_range(s, sid)) {
        log_err("%s: stream %x is beyond its %u-bit stream ids", s->cfg.name, sid,
                s->strtab.sid_bits);
        return -RF_ERANGE;
    }
    if (!smmuv3_strtab_ste(s, sid))
        err = link_l2(s, sid);
    *ste = smmuv3_strtab_ste(s, sid);
    return err;
}

void smmuv3_strtab_abort_all(struct smmuv3 *s)
{
    const struct smmuv3_strtab *t = &s->strtab;

    if (!t->top)
        return;
    if (!t->two_level) {
        deny_stes(s, t->top, top_entries(t));
        return;
    }
    for (size_t i = 0; i < top_entries(t); i++) {
        uint64_t *l2 = l2_table(t, i);

        if (l2)
            deny_stes(s, l2, L2_STES);
    }
}

/* ---- context descriptors --------------------------------------------------------------------- */

static struct smmuv3_cd_page *cd_page_make(struct smmuv3 *s)
{
    struct smmuv3_cd_page *page = heap_alloc(sizeof(*page));

    if (!page)
        return NULL;
    page->pa = page_alloc_zeroed(0);
    if (!paddr_valid(page->pa)) {
        heap_free(page);
        return NULL;
    }
    clean(s, paddr_to_ptr(page->pa), PAGE_SIZE);
    SLIST_INSERT_HEAD(&s->cd_pages, page, link);
    return page;
}

static struct smmuv3_cd_page *cd_page_with_room(struct smmuv3 *s)
{
    struct smmuv3_cd_page *page;

    SLIST_FOREACH (page, &s->cd_pages, link)
        if (~page->used)
            return page;
    return cd_page_make(s);
}

uint64_t *smmuv3_cd_alloc(struct smmuv3 *s)
{
    struct smmuv3_cd_page *page = cd_page_with_room(s);
    unsigned i;

    if (!page)
        return NULL;
    i = (unsigned)__builtin_ctzll(~page->used);
    page->used |= BIT(i);
    return paddr_to_ptr(paddr_add(page->pa, i * CD_SIZE));
}

/* Nothing points to it, in memory or in a cache. */
void smmuv3_cd_free(struct smmuv3 *s, paddr_t cd)
{
    uint64_t *word = paddr_to_ptr(cd);
    struct smmuv3_cd_page *page;

    dma_store64(word, dma_load64(word) & ~CD0_V);
    clean(s, word, CD_SIZE);
    SLIST_FOREACH (page, &s->cd_pages, link)
        if (page->pa.v == align_down(cd.v, PAGE_SIZE))
            page->used &= ~BIT((cd.v - page->pa.v) / CD_SIZE);
}
