/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

#include <stdlib.h>

struct cached *vtm_find(const struct vtd_model *m, enum cache_kind kind, uint32_t key)
{
    for (struct cached *c = m->caches[kind]; c; c = c->next)
        if (c->key == key)
            return c;
    return NULL;
}

struct cached *vtm_add(struct vtd_model *m, enum cache_kind kind, const struct cached *c)
{
    struct cached *mine = malloc(sizeof(*mine));

    *mine = *c;
    mine->next = m->caches[kind];
    m->caches[kind] = mine;
    return mine;
}

/* ---- what an invalidation takes away (6.5.2) ------------------------------------------------- */

struct inv {
    const struct vtd_model *m;
    const uint64_t *d;
};

typedef bool (*hits_t)(const struct inv *i, const struct cached *c);

static void drop(struct vtd_model *m, enum cache_kind kind, hits_t hits, const struct inv *i)
{
    struct cached **p = &m->caches[kind];

    while (*p) {
        struct cached *c = *p;

        if (hits(i, c)) {
            *p = c->next;
            free(c);
        } else {
            p = &c->next;
        }
    }
}

static bool always(const struct inv *i, const struct cached *c)
{
    (void)i;
    (void)c;
    return true;
}

static bool same_domain(const struct inv *i, const struct cached *c)
{
    return c->did == bits(i->d[0], 31, 16);
}

/* Device-selective: the domain has to be that of the entry as it was read; a scalable-mode context
 * has none. */
static bool context_hits(const struct inv *i, const struct cached *c)
{
    switch (bits(i->d[0], 5, 4)) {
    case 1:
        return true;
    case 2:
        return same_domain(i, c);
    default:
        return c->key == bits(i->d[0], 47, 32) && (is_scalable(i->m) || same_domain(i, c));
    }
}

static bool pasid_hits(const struct inv *i, const struct cached *c)
{
    switch (bits(i->d[0], 5, 4)) {
    case 0:
        return same_domain(i, c);
    case 1:
        return same_domain(i, c) && bits(i->d[0], 51, 32) == 0;
    default:
        return true;
    }
}

static bool in_pages(const struct inv *i, const struct cached *c)
{
    unsigned am = (unsigned)bits(i->d[1], 5, 0);
    uint64_t first = keep(i->d[1], 63, 12) >> (12 + am) << (12 + am);
    uint64_t last = first + (1ull << (12 + am)) - 1;

    return c->iova <= last && first <= c->iova + (c->size - 1);
}

/* First-stage translations go with PASID-based invalidations and the global one. */
static bool page_hits(const struct inv *i, const struct cached *c)
{
    bool by_pasid = bits(i->d[0], 3, 0) == VTD_INV_PIOTLB;
    unsigned g = (unsigned)bits(i->d[0], 5, 4);

    if (!by_pasid && g == 1)
        return true;
    if (c->fs != by_pasid || !same_domain(i, c) || (by_pasid && bits(i->d[0], 51, 32) != 0))
        return false;
    return g == 2 || in_pages(i, c);
}

/* The hint says that no table was changed. */
static bool table_hits(const struct inv *i, const struct cached *c)
{
    bool pages = bits(i->d[0], 5, 4) == 3;

    return page_hits(i, c) && !(pages && bit(i->d[1], 6));
}

static bool irte_hits(const struct inv *i, const struct cached *c)
{
    unsigned im = (unsigned)bits(i->d[0], 31, 27);

    return !bit(i->d[0], 4) || c->key >> im == bits(i->d[0], 47, 32) >> im;
}

void vtm_invalidate(struct vtd_model *m, const uint64_t desc[2])
{
    const struct inv i = {m, desc};

    switch (bits(desc[0], 3, 0)) {
    case VTD_INV_CONTEXT:
        drop(m, CACHE_CONTEXT, context_hits, &i);
        break;
    case VTD_INV_PASID:
        drop(m, CACHE_PASID, pasid_hits, &i);
        break;
    case VTD_INV_IOTLB:
    case VTD_INV_PIOTLB:
        drop(m, CACHE_PAGE, page_hits, &i);
        drop(m, CACHE_TABLE, table_hits, &i);
        break;
    case VTD_INV_IEC:
        drop(m, CACHE_IRTE, irte_hits, &i);
        break;
    default:
        break;
    }
}

void vtm_caches_free(struct vtd_model *m)
{
    for (unsigned kind = 0; kind < CACHE_KINDS; kind++)
        drop(m, kind, always, NULL);
}
