/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/panic.h"
#include "lib/mem/page.h"
#include "lib/mem/zone.h"

/* What the owner of an allocated block keeps in its metadata: a reference count or a tag. */

bool page_is_managed(paddr_t pa)
{
    return zone_of(pa) != NULL;
}

/* The metadata of a block that somebody owns, or that was quarantined under its other holders. */
static struct page_meta *owned(const char *caller, paddr_t pa)
{
    struct zone *z = zone_of(pa);
    struct page_meta *m = z == NULL ? NULL : zone_meta(z, pa.v);
    if (m == NULL || (m->kind != PAGE_USED && m->kind != PAGE_QUARANTINED))
        panic("%s: 0x%lx is not the start of an allocated block", caller, pa.v);
    return m;
}

static struct page_meta *owned_page(const char *caller, paddr_t pa)
{
    struct page_meta *m = owned(caller, pa);
    if (m->order != 0)
        panic("%s: 0x%lx is a block of order %u: page_split it first", caller, pa.v, m->order);
    return m;
}

void page_split(paddr_t pa, unsigned order)
{
    struct page_meta *m = owned(__func__, pa);
    if (m->kind != PAGE_USED || m->order != order)
        panic("%s: 0x%lx is not an allocated block of order %u", __func__, pa.v, order);
    for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
        m[i] = (struct page_meta){.kind = PAGE_USED};
}

void page_ref(paddr_t pa)
{
    struct page_meta *m = owned_page(__func__, pa);
    if (m->count != UINT16_MAX)
        m->count++;
}

bool page_unref(paddr_t pa)
{
    struct page_meta *m = owned_page(__func__, pa);
    if (m->kind == PAGE_QUARANTINED || m->count == UINT16_MAX)
        return false;
    if (m->count != 0) {
        m->count--;
        return false;
    }
    page_free(pa, 0);
    return true;
}

unsigned page_refs(paddr_t pa)
{
    return owned_page(__func__, pa)->count + 1u;
}

uint16_t *page_tag(paddr_t pa)
{
    return &owned(__func__, pa)->count;
}
