/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

/* First stage (9.7) and second stage (9.8), and the caches of what they found: translations by
 * requester, tables by domain. */

struct walk {
    struct vtd_model *m;
    struct context c;
    uint64_t iova;
    uint16_t sid;
    bool write, fresh;
    unsigned shift; /* log2 of what one entry of the present level maps */
};

static bool legacy(const struct walk *w)
{
    return !is_scalable(w->m);
}

/* Reasons by stage and mode. */
static uint8_t no_table(const struct walk *w)
{
    return w->c.fs ? 0x70 : legacy(w) ? 0x07 : 0x78;
}

static uint8_t reserved_bits(const struct walk *w)
{
    return w->c.fs ? 0x72 : legacy(w) ? 0x0c : 0x7a;
}

static uint8_t not_allowed(const struct walk *w)
{
    if (w->c.fs)
        return w->write ? 0x85 : 0x86;
    return !legacy(w) ? 0x79 : w->write ? 0x05 : 0x06;
}

static uint8_t absent(const struct walk *w)
{
    return w->c.fs ? 0x71 : not_allowed(w);
}

/* ---- entries --------------------------------------------------------------------------------- */

static bool is_present(const struct walk *w, uint64_t e)
{
    return w->c.fs ? bit(e, 0) : bits(e, 1, 0) != 0;
}

static bool allows(const struct walk *w, uint64_t e)
{
    if (w->c.fs)
        return !w->write || bit(e, 1);
    return bit(e, w->write ? 1 : 0);
}

static bool superpage_exists(const struct walk *w)
{
    uint64_t cap = w->m->cfg.cap;

    if (w->shift == 21)
        return w->c.fs || bit(cap, 34);
    return w->shift == 30 && bit(cap, w->c.fs ? 56 : 35);
}

/* Bit 11 is SNP of a second-stage leaf: reserved where snooping cannot be forced. */
static bool has_reserved(const struct walk *w, uint64_t e, bool leaf)
{
    uint64_t reserved = ~0ull << w->m->cfg.haw & keep(~0ull, 51, 12);

    if (leaf && w->shift > 12)
        reserved |= keep(~0ull, w->shift - 1, 13);
    if (!w->c.fs && (!leaf || !bit(w->m->cfg.ecap, 7)))
        reserved |= 1 << 11;
    return (e & reserved) || (bit(e, 7) && w->shift > 12 && !superpage_exists(w));
}

/* What this kernel must not ask for, or leave to the hardware. */
static void check_wishes(const struct walk *w, uint64_t e, bool leaf)
{
    uint64_t known = keep(~0ull, 51, 12) | (leaf && w->shift > 12 ? 0x80 : 0);

    known |= w->c.fs ? 0x27 | (leaf ? 0x40 : 0) : 0x3 | (leaf ? 0x800 : 0);
    if (e & ~known)
        model_broken(&w->m->watch, "entry %llx has bits that nobody wants", (unsigned long long)e);
    if (w->c.fs && (!bit(e, 5) || (leaf && bit(e, 1) && !bit(e, 6))))
        model_broken(&w->m->watch, "entry %llx: the hardware would have to set A or D",
                     (unsigned long long)e);
    if (leaf && !w->c.fs && bit(w->m->cfg.ecap, 7) && !bit(e, 11))
        model_broken(&w->m->watch, "leaf %llx does not force snooping, and could",
                     (unsigned long long)e);
}

/* ---- caches ---------------------------------------------------------------------------------- */

static struct cached *find_table(const struct walk *w)
{
    for (struct cached *c = w->m->caches[CACHE_TABLE]; c; c = c->next)
        if (c->key == w->shift && c->did == w->c.did && c->fs == w->c.fs && c->iova <= w->iova &&
            w->iova - c->iova < c->size)
            return c;
    return NULL;
}

static struct cached entry_of(const struct walk *w, uint64_t e, uint32_t key, uint8_t reason)
{
    return (struct cached){
        .w = {e},
        .iova = w->iova >> w->shift << w->shift,
        .size = 1ull << w->shift,
        .key = key,
        .did = w->c.did,
        .reason = reason,
        .fs = w->c.fs,
        .snooped = w->c.fs ? w->c.snoop : bit(e, 11),
    };
}

static struct walked fault(uint8_t reason)
{
    return (struct walked){.reason = reason};
}

/* Caching mode: that there is nothing is kept, for the page that was asked for. */
static struct walked miss(struct walk *w, uint8_t reason)
{
    if (!w->fresh && bit(w->m->cfg.cap, 7)) {
        w->shift = 12;
        struct cached c = entry_of(w, 0, w->sid, reason);
        vtm_add(w->m, CACHE_PAGE, &c);
    }
    return fault(reason);
}

/* ---- the walk -------------------------------------------------------------------------------- */

static bool read_level(const struct walk *w, uint64_t table, uint64_t *e)
{
    struct cached *c = w->fresh ? NULL : find_table(w);

    if (c) {
        *e = c->w[0];
        return true;
    }
    return vtm_read(w->m, MEM_PAGING, table + 8 * (w->iova >> w->shift & 511), e, 1);
}

static struct walked judge(const struct walk *w, const struct cached *c)
{
    uint64_t low = w->iova - c->iova;

    if (w->c.fs && !bit(c->w[0], 2))
        return fault(0x81);
    if (!allows(w, c->w[0]))
        return fault(not_allowed(w));
    return (struct walked){.paddr = keep(c->w[0], 51, 12) + low, .snooped = c->snooped};
}

static struct walked leaf(struct walk *w, uint64_t e)
{
    struct cached c = entry_of(w, e, w->sid, 0);

    check_wishes(w, e, true);
    if (keep(e, 51, 12) <= 0xfeefffff && keep(e, 51, 12) + c.size > 0xfee00000)
        return fault(legacy(w) ? 0x0e : 0x87);
    if (!w->fresh)
        vtm_add(w->m, CACHE_PAGE, &c);
    return judge(w, &c);
}

static struct walked walk(struct walk *w)
{
    uint64_t table = w->c.root, e;

    for (w->shift = 12 + 9 * (w->c.levels - 1u);; w->shift -= 9) {
        if (!read_level(w, table, &e))
            return fault(no_table(w));
        if (!is_present(w, e))
            return miss(w, absent(w));
        bool is_leaf = w->shift == 12 || bit(e, 7);
        if (has_reserved(w, e, is_leaf))
            return fault(reserved_bits(w));
        if (is_leaf)
            return leaf(w, e);
        check_wishes(w, e, false);
        if (!allows(w, e))
            return fault(not_allowed(w));
        if (!w->fresh && !find_table(w)) {
            struct cached c = entry_of(w, e, w->shift, 0);
            vtm_add(w->m, CACHE_TABLE, &c);
        }
        table = keep(e, 51, 12);
    }
}

static uint8_t check_address(const struct walk *w)
{
    unsigned width = 12 + 9u * w->c.levels, mgaw = (unsigned)bits(w->m->cfg.cap, 21, 16) + 1;

    if (w->c.fs) {
        uint64_t top = w->iova >> 47;

        return top == 0 || top == 0x1ffff ? 0 : 0x80;
    }
    if (width > mgaw)
        width = mgaw;
    return w->iova >> width == 0 ? 0 : legacy(w) ? 0x04 : 0x84;
}

static struct cached *find_page(const struct walk *w)
{
    for (struct cached *c = w->m->caches[CACHE_PAGE]; c; c = c->next)
        if (c->key == w->sid && c->iova <= w->iova && w->iova - c->iova < c->size)
            return c;
    return NULL;
}

/* A translation that is kept does not need the context that it came from. */
struct walked vtm_translate(struct vtd_model *m, uint16_t sid, uint64_t iova, bool write,
                            bool fresh)
{
    struct walk w = {.m = m, .iova = iova, .sid = sid, .write = write, .fresh = fresh};
    struct cached *hit = fresh ? NULL : find_page(&w);
    uint8_t reason;

    if (hit) {
        w.c.fs = hit->fs;
        return hit->reason ? fault(absent(&w)) : judge(&w, hit);
    }
    w.c = vtm_context(m, sid, fresh);
    reason = w.c.reason ? w.c.reason : check_address(&w);
    return reason ? fault(reason) : walk(&w);
}
