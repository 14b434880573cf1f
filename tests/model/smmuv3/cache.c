/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- configuration structures ---------------------------------------------------------------- */

const uint64_t *sm3_cache_find(const struct cached_words *list, uint32_t key)
{
    for (; list; list = list->next)
        if (list->key == key)
            return list->w;
    return NULL;
}

const uint64_t *sm3_cache_add(struct cached_words **list, uint32_t key, const uint64_t *w,
                              unsigned n)
{
    struct cached_words *c = calloc(1, sizeof(*c));

    c->key = key;
    memcpy(c->w, w, n * sizeof(*w));
    c->next = *list;
    *list = c;
    return c->w;
}

void sm3_cache_drop(struct cached_words **list, uint32_t first, uint32_t last)
{
    while (*list) {
        struct cached_words *c = *list;

        if (first <= c->key && c->key <= last) {
            *list = c->next;
            free(c);
        } else {
            list = &c->next;
        }
    }
}

/* ---- translations ---------------------------------------------------------------------------- */

void sm3_tlb_add(struct smmuv3_model *m, const struct tlb_entry *e)
{
    struct tlb_entry *c = malloc(sizeof(*c));

    *c = *e;
    c->next = m->tlb;
    m->tlb = c;
}

/* What a TLBI takes away: entries for which every test that it asks for holds. */
struct tlbi {
    bool by_asid, by_address;
    bool tables; /* pointers to tables too, not only translations */
    uint16_t asid;
    uint64_t first, last;
    uint8_t granule; /* 0: any */
    uint8_t level;   /* of translations; 0: any */
};

static bool overlaps(const struct tlb_entry *e, const struct tlbi *t)
{
    return e->iova <= t->last && t->first <= e->iova + (e->size - 1);
}

static bool matches(const struct tlb_entry *e, const struct tlbi *t)
{
    if (t->by_asid && e->asid != t->asid)
        return false;
    if (!t->by_address)
        return true;
    if (!overlaps(e, t) || (t->granule && e->granule != t->granule))
        return false;
    if (e->table)
        return t->tables && (!t->level || e->level < t->level);
    return !t->level || e->level == t->level;
}

static void tlb_drop(struct smmuv3_model *m, const struct tlbi *t)
{
    struct tlb_entry **p = &m->tlb;

    while (*p) {
        struct tlb_entry *e = *p;

        if (matches(e, t)) {
            *p = e->next;
            free(e);
        } else {
            p = &e->next;
        }
    }
}

/* ---- commands (4.3, 4.4) --------------------------------------------------------------------- */

static void drop_streams(struct smmuv3_model *m, uint32_t first, uint32_t last, bool leaf)
{
    unsigned split = (unsigned)bits(m->strtab_cfg, 10, 6);

    sm3_cache_drop(&m->stes, first, last);
    sm3_cache_drop(&m->cds, first, last);
    if (!leaf) /* an L1STD is kept under the first stream id it is for */
        sm3_cache_drop(&m->l1stds, first >> split << split, last);
}

static void apply_ste_range(struct smmuv3_model *m, const uint64_t cmd[2])
{
    uint32_t sid = (uint32_t)bits(cmd[0], 63, 32);
    unsigned range = (unsigned)bits(cmd[1], 4, 0);
    uint32_t low = range == 31 ? ~0u : (2u << range) - 1;

    drop_streams(m, sid & ~low, sid | low, false);
}

static struct tlbi decode_va(const struct smmuv3_model *m, const uint64_t cmd[2], bool by_asid)
{
    struct tlbi t = {.by_asid = by_asid, .by_address = true};
    unsigned tg = bit(m->cfg.idr3, 10) ? (unsigned)bits(cmd[1], 11, 10) : 0;

    t.asid = (uint16_t)bits(cmd[0], 63, 48);
    t.tables = !bit(cmd[1], 0);
    t.first = keep(cmd[1], 63, 12);
    t.last = t.first;
    if (tg == 0)
        return t;
    t.granule = (uint8_t)(10 + 2 * tg);
    t.level = (uint8_t)bits(cmd[1], 9, 8);
    t.last += ((bits(cmd[0], 16, 12) + 1) << bits(cmd[0], 24, 20) << t.granule) - 1;
    return t;
}

void sm3_cache_apply(struct smmuv3_model *m, const uint64_t cmd[2])
{
    struct tlbi t = {0};

    switch (bits(cmd[0], 7, 0)) {
    case SMMU_OP_CFGI_STE:
        drop_streams(m, (uint32_t)bits(cmd[0], 63, 32), (uint32_t)bits(cmd[0], 63, 32),
                     bit(cmd[1], 0));
        return;
    case SMMU_OP_CFGI_ALL:
        apply_ste_range(m, cmd);
        return;
    case SMMU_OP_CFGI_CD:
    case SMMU_OP_CFGI_CD_ALL:
        sm3_cache_drop(&m->cds, (uint32_t)bits(cmd[0], 63, 32), (uint32_t)bits(cmd[0], 63, 32));
        return;
    case SMMU_OP_TLBI_NH_ASID:
        t.by_asid = true;
        t.asid = (uint16_t)bits(cmd[0], 63, 48);
        break;
    case SMMU_OP_TLBI_NH_VA:
        t = decode_va(m, cmd, true);
        break;
    case SMMU_OP_TLBI_NH_VAA:
        t = decode_va(m, cmd, false);
        break;
    case SMMU_OP_TLBI_NH_ALL:
    case SMMU_OP_TLBI_NSNH_ALL:
        break;
    default:
        return;
    }
    tlb_drop(m, &t);
}

void sm3_cache_free(struct smmuv3_model *m)
{
    struct tlbi everything = {0};

    drop_streams(m, 0, ~0u, false);
    tlb_drop(m, &everything);
}
