/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/panic.h"
#include "lib/mem/page.h"
#include "lib/mem/zone.h"

/* What the owner of an allocated block keeps in its metadata: a reference count or a tag. */

bool page_is_managed(paddr_t pa)
{
    return zone_of(pa) != NULL;
}

static __attribute__((noinline, cold, noreturn)) void not_owned(const char *caller, paddr_t pa)
{
    panic("%s: 0x%lx is not the start of an allocated block", caller, pa.v);
}

static __attribute__((noinline, cold, noreturn)) void not_a_page(const char *caller, paddr_t pa,
                                                                 unsigned order)
{
    panic("%s: 0x%lx is a block of order %u: page_split it first", caller, pa.v, order);
}

/* The metadata of a block that somebody owns, or that was quarantined under its other holders. */
static inline struct page_meta *owned(const char *caller, const struct zone *z, paddr_t pa)
{
    struct page_meta *m = z == NULL ? NULL : zone_meta(z, pa.v);
    if (m == NULL || (m->kind != PAGE_USED && m->kind != PAGE_QUARANTINED))
        not_owned(caller, pa);
    return m;
}

static inline struct page_meta *owned_page(const char *caller, const struct zone *z, paddr_t pa)
{
    struct page_meta *m = owned(caller, z, pa);
    if (m->order != 0)
        not_a_page(caller, pa, m->order);
    return m;
}

void page_split(paddr_t pa, unsigned order)
{
    struct page_meta *m = owned(__func__, zone_of(pa), pa);
    if (m->kind != PAGE_USED || m->order != order)
        panic("%s: 0x%lx is not an allocated block of order %u", __func__, pa.v, order);
    for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
        m[i] = (struct page_meta){.kind = PAGE_USED};
}

static inline void ref(struct page_meta *m)
{
    if (m->count != UINT16_MAX)
        m->count++;
}

void page_ref(paddr_t pa)
{
    ref(owned_page(__func__, zone_of(pa), pa));
}

/* True: this was the last reference. */
static inline bool unref(struct page_meta *m)
{
    if (m->kind == PAGE_QUARANTINED || m->count == UINT16_MAX)
        return false;
    if (m->count == 0)
        return true;
    m->count--;
    return false;
}

/* Nobody has a reference any more. True: it was freed. */
static __attribute__((noinline)) bool release(const struct zone *z, uint64_t pa,
                                              struct page_meta *m)
{
    struct page_group *g = zone_group(z, pa);
    if (g->pins == 0) {
        page_free(PADDR(pa), 0);
        return true;
    }
    m->kind = PAGE_ORPHAN;
    g->pins |= GROUP_ORPHANS;
    return false;
}

bool page_unref(paddr_t pa)
{
    const struct zone *z = zone_of(pa);
    struct page_meta *m = owned_page(__func__, z, pa);
    return unref(m) && release(z, pa.v, m);
}

/* ---- rows: by the parts that one zone has ---------------------------------------------------- */

static struct zone *zone_of_row(const char *caller, paddr_t pa)
{
    struct zone *z = zone_of(pa);
    if (z == NULL)
        panic("%s: 0x%lx is nobody's page", caller, pa.v);
    return z;
}

/* Panics before anything is changed. */
static struct page_meta *pages_of_row(const char *caller, const struct zone *z, uint64_t pa,
                                      uint64_t n)
{
    struct page_meta *const first = zone_meta(z, pa);
    for (const struct page_meta *m = first; m < first + n; m++) {
        if (m->kind != PAGE_USED || m->order != 0)
            owned_page(caller, z, PADDR(pa + ((uint64_t)(m - first) << PAGE_LG2)));
    }
    return first;
}

static void ref_pages(const struct zone *z, uint64_t pa, uint64_t end)
{
    const uint64_t n = (end - pa) >> PAGE_LG2;
    struct page_meta *const first = pages_of_row("page_pin_row", z, pa, n);
    for (struct page_meta *m = first; m < first + n; m++)
        ref(m);
}

static void unref_pages(const struct zone *z, uint64_t pa, uint64_t end)
{
    const uint64_t n = (end - pa) >> PAGE_LG2;
    struct page_meta *const first = pages_of_row("page_unref_row", z, pa, n);
    for (struct page_meta *m = first; m < first + n; m++) {
        if (unref(m))
            (void)release(z, pa + ((uint64_t)(m - first) << PAGE_LG2), m);
    }
}

static void pin_groups(const struct zone *z, uint64_t pa, uint64_t end)
{
    struct page_group *const last = zone_group(z, end);
#pragma GCC unroll 8
    for (struct page_group *g = zone_group(z, pa); g < last; g++)
        g->pins++;
}

/* Pages that nothing but the pin kept. */
static void free_orphans(const struct zone *z, uint64_t pa)
{
    for (uint64_t end = pa + PAGE_GROUP; pa < end; pa += PAGE_SIZE) {
        struct page_meta *m = zone_meta(z, pa);
        if (m->kind != PAGE_ORPHAN)
            continue;
        m->kind = PAGE_USED;
        page_free(PADDR(pa), 0);
    }
}

/* Groups of which one was not pinned, or has orphans. */
static __attribute__((noinline)) void settle_groups(const struct zone *z, uint64_t pa, uint64_t end)
{
    for (; pa < end; pa += PAGE_GROUP) {
        struct page_group *g = zone_group(z, pa);
        if ((g->pins & GROUP_UNDERFLOW) != 0)
            panic("page_unpin_row: the group at 0x%lx is not pinned", pa);
        if (g->pins == GROUP_ORPHANS) {
            g->pins = 0;
            free_orphans(z, pa);
        }
    }
}

static void unpin_groups(const struct zone *z, uint64_t pa, uint64_t end)
{
    struct page_group *const last = zone_group(z, end);
    uint64_t any = 0;
#pragma GCC unroll 8
    for (struct page_group *g = zone_group(z, pa); g < last; g++)
        any |= --g->pins;
    if ((any & (GROUP_ORPHANS | GROUP_UNDERFLOW)) != 0)
        settle_groups(z, pa, end);
}

typedef void (*row_fn)(const struct zone *z, uint64_t pa, uint64_t end);

static inline void for_row(const char *caller, paddr_t pa, uint64_t size, row_fn pages,
                           row_fn groups)
{
    while (size != 0) {
        const struct zone *z = zone_of_row(caller, pa);
        const uint64_t end = pa.v + MIN(size, z->pages.last - pa.v + 1);
        const uint64_t first = align_up(pa.v, PAGE_GROUP);
        const uint64_t last = align_down(end, PAGE_GROUP);
        if (first < last) {
            pages(z, pa.v, first);
            groups(z, first, last);
            pages(z, last, end);
        } else {
            pages(z, pa.v, end);
        }
        size -= end - pa.v;
        pa.v = end;
    }
}

void page_unref_row(paddr_t pa, uint64_t size)
{
    for_row(__func__, pa, size, unref_pages, unref_pages);
}

/* Most rows are a page. */
void page_pin_row(paddr_t pa, uint64_t size)
{
    if (size == PAGE_SIZE)
        page_ref(pa);
    else
        for_row(__func__, pa, size, ref_pages, pin_groups);
}

void page_unpin_row(paddr_t pa, uint64_t size)
{
    if (size == PAGE_SIZE)
        page_unref(pa);
    else
        for_row(__func__, pa, size, unref_pages, unpin_groups);
}

unsigned page_refs(paddr_t pa)
{
    return owned_page(__func__, zone_of(pa), pa)->count + 1u;
}

uint16_t *page_tag(paddr_t pa)
{
    return &owned(__func__, zone_of(pa), pa)->count;
}
