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

static void ref(struct page_meta *m)
{
    if (m->count != UINT16_MAX)
        m->count++;
}

void page_ref(paddr_t pa)
{
    ref(owned_page(__func__, pa));
}

/* True: this was the last reference. */
static bool unref(struct page_meta *m)
{
    if (m->kind == PAGE_QUARANTINED || m->count == UINT16_MAX)
        return false;
    if (m->count == 0)
        return true;
    m->count--;
    return false;
}

bool page_unref(paddr_t pa)
{
    bool last = unref(owned_page(__func__, pa));
    if (last)
        page_free(pa, 0);
    return last;
}

/* The pages of a row that one zone has. */
struct row {
    struct page_meta *meta;
    uint64_t pages;
};

static struct row row_at(const char *caller, paddr_t pa, uint64_t size)
{
    struct row row = {.meta = owned_page(caller, pa)};
    row.pages = MIN(size, zone_of(pa)->pages.last - pa.v + 1) >> PAGE_LG2;
    for (uint64_t i = 1; i < row.pages; i++) {
        if (row.meta[i].kind != PAGE_USED || row.meta[i].order != 0)
            owned_page(caller, paddr_add(pa, i << PAGE_LG2));
    }
    return row;
}

void page_ref_row(paddr_t pa, uint64_t size)
{
    for (uint64_t off = 0; off < size;) {
        struct row row = row_at(__func__, paddr_add(pa, off), size - off);
        for (uint64_t i = 0; i < row.pages; i++)
            ref(&row.meta[i]);
        off += row.pages << PAGE_LG2;
    }
}

void page_unref_row(paddr_t pa, uint64_t size)
{
    for (uint64_t off = 0; off < size;) {
        struct row row = row_at(__func__, paddr_add(pa, off), size - off);
        for (uint64_t i = 0; i < row.pages; i++, off += PAGE_SIZE) {
            if (unref(&row.meta[i]))
                page_free(paddr_add(pa, off), 0);
        }
    }
}

unsigned page_refs(paddr_t pa)
{
    return owned_page(__func__, pa)->count + 1u;
}

uint16_t *page_tag(paddr_t pa)
{
    return &owned(__func__, pa)->count;
}
