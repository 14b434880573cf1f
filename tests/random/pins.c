/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/mem/page.h"
#include "tests/random/reference.h"
#include "tests/random/space.h"
#include "tests/random/verdict.h"

/* Memory that devices hold, whatever the program does with it meanwhile: who may pin what, and how
 * often a page is held. */

/* ---- what is refused ------------------------------------------------------------------------- */

/* n pages of the program in pieces that are neighbours: each of whole granules? */
static bool is_contiguous(unsigned first, uint64_t n)
{
    uint64_t start = space_page(first);

    for (uint64_t i = 1; i <= n; i++) {
        uint64_t end = space_page((unsigned)(first + i - 1)) + PAGE_SIZE;

        if (i < n && space_page((unsigned)(first + i)) == end)
            continue;
        if (!is_aligned(start | end, ref.granule))
            return false;
        start = i < n ? space_page((unsigned)(first + i)) : 0;
    }
    return true;
}

/* With the granule of a page all memory will do, also what is not there yet. */
long ref_want_pin(uint64_t vaddr, uint64_t size, bool write)
{
    if (!space_allows(vaddr, size, write))
        return -RF_EFAULT;
    if (ref.granule == PAGE_SIZE)
        return 0;
    return is_contiguous((unsigned)((vaddr - USER_BASE) / PAGE_SIZE), size / PAGE_SIZE)
               ? 0
               : -RF_EINVAL;
}

/* ---- what is counted ------------------------------------------------------------------------- */

struct uses {
    unsigned pages;  /* counted in the page */
    unsigned groups; /* or, by a map of 2 MiB or more, perhaps in the group that it is in */
};

static struct uses uses_of(uint64_t pa)
{
    struct uses u = {space_uses(pa), 0};
    const struct ref_map *m;

    for (unsigned c = 0; c < CONTAINERS; c++)
        LIST_FOREACH (m, &ref.container[c].maps, link) {
            uint64_t pages = range_size(m->iova) / PAGE_SIZE;
            unsigned *n = pages * PAGE_SIZE < MIB(2) ? &u.pages : &u.groups;

            for (uint64_t i = 0; i < pages; i++)
                *n += m->pa[i] == pa;
        }
    return u;
}

static bool is_free(uint64_t pa)
{
    paddr_t got = page_alloc_at(PADDR(pa), 0);

    if (paddr_valid(got))
        page_free(got, 0);
    return got.v == pa;
}

/* What is in quarantine no longer counts its users. */
static void check_page(uint64_t pa)
{
    struct uses u = uses_of(pa);

    if (is_free(pa))
        verdict_fail("page 0x%lx is free, and has %u users", pa, u.pages + u.groups);
    if (!space_is_intact(pa))
        verdict_fail("page 0x%lx, which has %u users, was given to somebody else", pa,
                     u.pages + u.groups);
    if (u.groups == 0 && !ref.ever_in_danger && page_refs(PADDR(pa)) != u.pages)
        verdict_fail("page 0x%lx has %u references, the reference %u", pa, page_refs(PADDR(pa)),
                     u.pages);
}

static void check_map(const struct ref_map *m, unsigned turn)
{
    if (m->registers < 0)
        check_page(m->pa[turn % (range_size(m->iova) / PAGE_SIZE)]);
}

/* A page of the program, and one of the map whose turn it is. */
void ref_check_pins(unsigned turn)
{
    const struct ref_container *c = &ref.container[turn % CONTAINERS];
    const struct ref_map *m;
    unsigned i = turn * 7 % USER_PAGES, n = 0;

    space_check(i);
    if (space_page(i))
        check_page(space_page(i));
    LIST_FOREACH (m, &c->maps, link)
        if (n++ == turn / CONTAINERS % c->count)
            check_map(m, turn);
}

/* ---- what is lost ---------------------------------------------------------------------------- */

void ref_lose(unsigned c)
{
    const struct ref_map *m;

    LIST_FOREACH (m, &ref.container[c].maps, link)
        for (uint64_t i = 0; m->sure == MAYBE && i < range_size(m->iova) / PAGE_SIZE; i++)
            if (m->registers < 0)
                ref.lost[(m->pa[i] - RAM_BASE) / PAGE_SIZE] = true;
}

void ref_check_lost(void)
{
    for (uint64_t i = 0; i < ARRAY_SIZE(ref.lost); i++)
        if (ref.lost[i] && is_free(RAM_BASE + i * PAGE_SIZE))
            verdict_fail("page 0x%lx is free, and a dead unit may go on using it",
                         RAM_BASE + i * PAGE_SIZE);
}
