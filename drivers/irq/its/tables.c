/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/its/regs.h"
#include "drivers/irq/its/state.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"

/* The tables that the ITS keeps devices and collections in (IHI 0069 5.2). What is in an entry is
 * the ITS's own business; a device's is found by its id, in one table or in two levels. */

#define FLAT_MAX KIB(64) /* a table of devices up to this is not worth two levels */
#define L1_ENTRY sizeof(uint64_t)

static const uint64_t page_sizes[] = {KIB(4), KIB(16), KIB(64)}; /* by BASER.Page_Size */

/* ---- what a GITS_BASERn keeps ---------------------------------------------------------------- */

static uint64_t swap(const struct its *s, unsigned n, uint64_t value)
{
    mmio_write64(&s->cfg.regs, GITS_BASER(n), value);
    return mmio_read64(&s->cfg.regs, GITS_BASER(n));
}

static bool keeps_page_size(const struct its *s, unsigned n, unsigned code)
{
    return FIELD_GET(BASER_PAGE_SIZE, swap(s, n, FIELD_PREP(BASER_PAGE_SIZE, code))) == code;
}

static bool keeps_two_levels(const struct its *s, unsigned n, unsigned code)
{
    return swap(s, n, BASER_INDIRECT | FIELD_PREP(BASER_PAGE_SIZE, code)) & BASER_INDIRECT;
}

/* ---- shape ----------------------------------------------------------------------------------- */

struct shape {
    unsigned code; /* of the page size */
    bool two_level;
    uint64_t bytes; /* whole pages */
    uint64_t ids;
};

/* A table of `ids` entries in one level, or as much of it as a register can tell of. */
static struct shape flat(unsigned code, uint64_t ids, uint64_t entry)
{
    const uint64_t page = page_sizes[code];
    const uint64_t bytes = MIN(align_up(ids * entry, page), page * BASER_PAGES_MAX);

    return (struct shape){code, false, bytes, MIN(ids, bytes / entry)};
}

static struct shape two_level(unsigned code, uint64_t ids, uint64_t entry)
{
    const uint64_t page = page_sizes[code], in_page = page / entry;
    const uint64_t l1 = (ids + in_page - 1) / in_page * L1_ENTRY;
    const uint64_t bytes = MIN(align_up(l1, page), page * BASER_PAGES_MAX);

    return (struct shape){code, true, bytes, MIN(ids, bytes / L1_ENTRY * in_page)};
}

/* The smallest pages with which there is room for all, else those with which there is most. */
static struct shape choose(const struct its *s, unsigned n, uint64_t ids, uint64_t entry)
{
    struct shape best = {0};

    for (unsigned code = 0; code < ARRAY_SIZE(page_sizes) && best.ids < ids; code++) {
        if (!keeps_page_size(s, n, code))
            continue;
        struct shape one = flat(code, ids, entry);
        struct shape two = two_level(code, ids, entry);
        if ((one.bytes > FLAT_MAX || one.ids < ids) && keeps_two_levels(s, n, code))
            one = two;
        if (one.ids > best.ids)
            best = one;
    }
    return best;
}

/* ---- one table ------------------------------------------------------------------------------- */

static uint64_t attributes_of(bool uncached, bool shared)
{
    if (uncached)
        return FIELD_PREP(GITS_INNER_CACHE, CACHE_DEVICE);
    return shared ? FIELD_PREP(GITS_INNER_CACHE, CACHE_RAWAWB) | FIELD_PREP(GITS_SHARE, SHARE_INNER)
                  : FIELD_PREP(GITS_INNER_CACHE, CACHE_NONE);
}

/* The register keeps what attributes it has: one without shareability does not snoop. */
static int install(struct its *s, unsigned n, struct its_table *t, const struct shape *shape)
{
    const paddr_t pa = ptr_to_paddr(t->base);
    const uint64_t value = GITS_VALID | (t->two_level ? BASER_INDIRECT : 0) | (pa.v & BASER_ADDR) |
                           FIELD_PREP(BASER_PAGE_SIZE, shape->code) |
                           FIELD_PREP(GITS_PAGES, shape->bytes / t->page - 1);
    const uint64_t same = GITS_VALID | BASER_INDIRECT | BASER_ADDR | BASER_PAGE_SIZE | GITS_PAGES;
    const bool uncached = s->feat.uncached;
    uint64_t kept;

    t->clean = s->cfg.noncoherent || uncached;
    its_clean(true, t->base, shape->bytes);
    dma_sync(); /* it is all 0 before the ITS knows of it */
    kept = swap(s, n, value | attributes_of(uncached, !t->clean));
    if (!t->clean && FIELD_GET(GITS_SHARE, kept) == SHARE_NONE) {
        t->clean = true;
        kept = swap(s, n, value | attributes_of(uncached, false));
    }
    if (pa.v & ~BASER_ADDR || (kept ^ value) & same) {
        log_err("%s: GITS_BASER%u keeps 0x%lx of 0x%lx", s->cfg.name, n, kept, value);
        return -RF_ERANGE;
    }
    return 0;
}

static int make(struct its *s, unsigned n, struct its_table *t, uint64_t ids)
{
    const uint64_t entry = FIELD_GET(BASER_ENTRY, mmio_read64(&s->cfg.regs, GITS_BASER(n))) + 1;
    const struct shape shape = choose(s, n, ids, entry);
    paddr_t pa;

    if (shape.ids == 0) {
        log_err("%s: GITS_BASER%u keeps no page size", s->cfg.name, n);
        return -RF_ERANGE;
    }
    *t = (struct its_table){
        .number = n,
        .order = log2_ceil(MAX(shape.bytes, page_sizes[shape.code])) - PAGE_LG2,
        .page = page_sizes[shape.code],
        .entry = (uint32_t)entry,
        .ids = shape.ids,
        .two_level = shape.two_level,
    };
    pa = page_alloc_zeroed(t->order);
    if (!paddr_valid(pa))
        return trace(-RF_ENOMEM);
    t->base = paddr_to_ptr(pa);
    return install(s, n, t, &shape);
}

/* Each kind at most once: what this driver does not use, a table of virtual processors, has none.
 */
int its_tables_init(struct its *s)
{
    int err = 0;

    for (unsigned n = 0; n < GITS_BASERS && !err; n++) {
        uint64_t type = FIELD_GET(BASER_TYPE, swap(s, n, 0));

        if (type == BASER_TYPE_DEVICES && !s->devices.base)
            err = make(s, n, &s->devices, UINT64_C(1) << s->feat.device_bits);
        else if (type == BASER_TYPE_COLLECTS && !s->collections.base)
            err = make(s, n, &s->collections, ITS_COLLECTION + 1);
    }
    if (!err && !s->collections.base && s->feat.hcc <= ITS_COLLECTION) {
        log_err("%s: it has no place for a collection", s->cfg.name);
        err = -RF_ENODEV;
    }
    return err;
}

static void drop(struct its *s, struct its_table *t)
{
    if (!t->base)
        return;
    (void)swap(s, t->number, 0);
    page_free(ptr_to_paddr(t->base), t->order);
    t->base = NULL;
}

void its_tables_fini(struct its *s)
{
    drop(s, &s->devices);
    drop(s, &s->collections);
}

/* ---- devices --------------------------------------------------------------------------------- */

/* A page of the second level, which stays: others' entries may be in it. */
static int add_page(const struct its_table *t, uint64_t *l1)
{
    const unsigned order = log2_ceil(t->page) - PAGE_LG2;
    paddr_t pa = page_alloc_zeroed(order);

    if (!paddr_valid(pa))
        return trace(-RF_ENOMEM);
    its_clean(true, paddr_to_ptr(pa), t->page);
    dma_sync();
    dma_store64(l1, L1_VALID | (pa.v & L1_ADDR));
    its_clean(t->clean, l1, sizeof(*l1));
    return 0;
}

/* Without a table of devices the ITS has them all in itself. */
bool its_tables_have(const struct its *s, uint32_t id)
{
    return id < UINT64_C(1) << s->feat.device_bits && (!s->devices.base || id < s->devices.ids);
}

int its_tables_add_device(const struct its *s, uint32_t id)
{
    const struct its_table *t = &s->devices;

    if (!t->two_level)
        return 0;
    uint64_t *l1 = &t->base[id / (t->page / t->entry)];
    return dma_load64(l1) & L1_VALID ? 0 : add_page(t, l1);
}
