/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

#include <string.h>

/* From a requester to its tables: root and context entries (9.1 to 9.4), PASID directory and table
 * (9.5, 9.6). */

static struct context none(uint8_t reason)
{
    return (struct context){.reason = reason};
}

static uint64_t above_haw(const struct vtd_model *m)
{
    return ~0ull << m->cfg.haw;
}

/* ---- one structure, by its cache ------------------------------------------------------------- */

/* Keeps what was read: present entries, and in caching mode absent ones with domain 0 (6.1). */
static void remember(struct vtd_model *m, enum cache_kind kind, uint32_t key, const uint64_t *w,
                     unsigned words, uint16_t did, uint8_t reason)
{
    struct cached c = {.key = key, .did = reason ? 0 : did, .reason = reason};

    if (reason && !bit(m->cfg.cap, 7))
        return;
    memcpy(c.w, w, words * sizeof(*w));
    vtm_add(m, kind, &c);
}

struct place {
    uint64_t link;   /* the word that points to the table */
    unsigned index;  /* of the entry in it */
    unsigned words;  /* of an entry */
    uint8_t no_link; /* the reason when the link is absent, or cannot be followed */
    uint8_t no_read;
};

/* 0, or the reason why there is no such entry. */
static uint8_t read_entry(struct vtd_model *m, const struct place *p, uint64_t *w)
{
    if (!bit(p->link, 0))
        return p->no_link;
    return vtm_read(m, MEM_STRUCTURE, keep(p->link, 63, 12) + 8ull * p->words * p->index, w,
                    p->words)
               ? 0
               : p->no_read;
}

/* ---- contexts -------------------------------------------------------------------------------- */

/* Word 0 of a root entry is for all devices, in scalable mode word 1 for those from 16 on. */
static uint8_t read_context(struct vtd_model *m, uint16_t sid, uint64_t w[4])
{
    bool scalable = is_scalable(m);
    uint64_t root[2];
    struct place p = {.index = sid & 0xff, .words = 2, .no_link = 0x01, .no_read = 0x09};

    memset(w, 0, 4 * sizeof(*w));
    if (!vtm_read(m, MEM_STRUCTURE, keep(m->root, 63, 12) + 16ull * (sid >> 8), root, 2))
        return scalable ? 0x38 : 0x08;
    p.link = root[0];
    if (scalable)
        p = (struct place){root[sid >> 7 & 1], sid & 0x7f, 4, 0x39, 0x40};
    if (bit(p.link, 0) && (p.link & (0xffe | above_haw(m))))
        return scalable ? 0x3a : 0x0a;
    if (!scalable && root[1])
        return 0x0a;
    uint8_t reason = read_entry(m, &p, w);
    if (reason)
        return reason;
    return bit(w[0], 0) ? 0 : scalable ? 0x41 : 0x02;
}

/* Its words, or the reason why it does not translate. */
static uint8_t get_context(struct vtd_model *m, uint16_t sid, bool fresh, uint64_t w[4])
{
    struct cached *c = fresh ? NULL : vtm_find(m, CACHE_CONTEXT, sid);
    uint8_t reason;

    if (c) {
        memcpy(w, c->w, 4 * sizeof(*w));
        return c->reason;
    }
    reason = read_context(m, sid, w);
    if (!fresh)
        remember(m, CACHE_CONTEXT, sid, w, 4, (uint16_t)bits(w[1], 23, 8), reason);
    return reason;
}

/* Levels of AW, when CAP.SAGAW has that width; 0: it has not. */
static uint8_t levels_of(const struct vtd_model *m, uint64_t aw)
{
    return aw >= 1 && aw <= 3 && bit(bits(m->cfg.cap, 12, 8), (unsigned)aw) ? (uint8_t)(aw + 2) : 0;
}

static struct context legacy_context(struct vtd_model *m, const uint64_t w[4])
{
    struct context c = {
        .root = keep(w[0], 63, 12),
        .did = (uint16_t)bits(w[1], 23, 8),
        .levels = levels_of(m, bits(w[1], 2, 0)),
    };

    if (bits(w[0], 11, 4) || (w[0] & above_haw(m)) || bit(w[1], 7) || bits(w[1], 63, 24))
        return none(0x0b);
    if (!c.levels)
        return none(0x03);
    if (bit(w[0], 1) || bits(w[0], 3, 2))
        model_broken(&m->watch, "context %llx: FPD or TT is set", (unsigned long long)w[0]);
    if (c.did == 0 || c.did >> (4 + 2 * bits(m->cfg.cap, 2, 0)))
        model_broken(&m->watch, "domain id %u", c.did);
    return c;
}

/* ---- PASID tables ---------------------------------------------------------------------------- */

static uint8_t read_pasid(struct vtd_model *m, const uint64_t ctx[4], uint64_t w[8])
{
    uint64_t dir[1];
    struct place p = {.index = 0, .words = 8, .no_link = 0x51, .no_read = 0x58};
    uint8_t reason;

    memset(w, 0, 8 * sizeof(*w));
    if (!vtm_read(m, MEM_STRUCTURE, keep(ctx[0], 63, 12), dir, 1))
        return 0x50;
    if (bit(dir[0], 0) && (dir[0] & (0xffc | above_haw(m))))
        return 0x52;
    p.link = dir[0];
    reason = read_entry(m, &p, w);
    return reason ? reason : bit(w[0], 0) ? 0 : 0x59;
}

static uint8_t get_pasid(struct vtd_model *m, uint16_t sid, const uint64_t ctx[4], bool fresh,
                         uint64_t w[8])
{
    struct cached *c = fresh ? NULL : vtm_find(m, CACHE_PASID, sid);
    uint8_t reason;

    if (c) {
        memcpy(w, c->w, 8 * sizeof(*w));
        return c->reason;
    }
    reason = read_pasid(m, ctx, w);
    if (!fresh)
        remember(m, CACHE_PASID, sid, w, 8, (uint16_t)bits(w[1], 15, 0), reason);
    return reason;
}

static bool pasid_reserved(const struct vtd_model *m, const uint64_t w[8])
{
    bool fs = bits(w[0], 8, 6) == 1;
    uint64_t w1 =
        0xffff | (bit(m->cfg.ecap, 48) ? 1ull << 23 : 0) | (bit(m->cfg.ecap, 7) ? 1ull << 24 : 0);

    if ((w[0] & above_haw(m)) || bits(w[0], 11, 10) || bit(w[0], 5) || (w[1] & ~w1))
        return true;
    if (fs ? w[2] & (0xfff | above_haw(m)) : w[2])
        return true;
    return w[3] || w[4] || w[5] || w[6] || w[7];
}

static struct context pasid_context(struct vtd_model *m, const uint64_t w[8])
{
    bool fs = bits(w[0], 8, 6) == 1, ss = bits(w[0], 8, 6) == 2;
    struct context c = {
        .root = fs ? keep(w[2], 63, 12) : keep(w[0], 63, 12),
        .did = (uint16_t)bits(w[1], 15, 0),
        .levels = fs ? 4 : levels_of(m, bits(w[0], 4, 2)),
        .fs = fs,
        .snoop = bit(w[1], 24),
    };

    if (pasid_reserved(m, w))
        return none(0x5a);
    if (!(fs && bit(m->cfg.ecap, 47)) && !(ss && bit(m->cfg.ecap, 46)))
        return none(0x5b);
    if (!c.levels)
        return none(0x5b);
    if (bit(m->cfg.ecap, 48) && !bit(w[1], 23))
        model_broken(&m->watch, "PASID entry: PWSNP is 0, and software does not clean its tables");
    if (bit(w[0], 1) || bit(w[0], 9) || c.did == 0)
        model_broken(&m->watch, "PASID entry: FPD, SSADE or domain id 0");
    return c;
}

static void check_scalable(struct vtd_model *m, const uint64_t w[4])
{
    if (bits(w[0], 11, 1) || w[1] || w[2] || w[3])
        model_broken(&m->watch,
                     "scalable context %llx %llx: FPD, DTE, PASIDE, PRE, PDTS or RID_PASID is set",
                     (unsigned long long)w[0], (unsigned long long)w[1]);
}

struct context vtm_context(struct vtd_model *m, uint16_t sid, bool fresh)
{
    uint64_t ctx[4], pasid[8];
    uint8_t reason = get_context(m, sid, fresh, ctx);

    if (reason)
        return none(reason);
    if (!is_scalable(m))
        return legacy_context(m, ctx);
    check_scalable(m, ctx);
    reason = get_pasid(m, sid, ctx, fresh, pasid);
    return reason ? none(reason) : pasid_context(m, pasid);
}
