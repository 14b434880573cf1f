/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/log.h"
#include "lib/pci/bar.h"
#include "lib/pci/forward.h"
#include "lib/pci/item.h"
#include "lib/pci/keep.h"
#include "lib/pci/regs.h"

/* Addresses for what firmware left without. Bridges are measured from the leaves up, the items of
 * the root bus get places in the host's windows, and what is behind a bridge is laid out inside
 * what the bridge got. */

/* --- measuring ----------------------------------------------------------------------------- */

struct extent {
    uint64_t end, align;
};

/* More than any window has. Sums are cut here: sizes that a device makes up cannot wrap. */
#define TOO_MUCH (UINT64_C(1) << 62)

static void extend(const struct pci_item *item, void *arg)
{
    struct extent *e = arg;

    e->end = MIN(align_up(e->end, item->align) + item->size, TOO_MUCH);
    e->align = MAX(e->align, item->align);
}

static void measure(struct pci_dev *bridge, enum pci_pool pool)
{
    struct extent e = {0, PCI_FORWARD_UNIT};

    pci_items_by_align(bridge->host, bridge, pool, extend, &e);
    bridge->forward[pool] =
        (struct pci_forward){.size = align_up(e.end, PCI_FORWARD_UNIT), .align = e.align};
}

/* All bridges below `top` (NULL: all) that are not kept; backwards, so children come first. */
static void measure_below(struct pci_host *h, const struct pci_dev *top, enum pci_pool pool)
{
    struct pci_dev *d;

    TAILQ_FOREACH_REVERSE (d, &h->devs, pci_dev_list, link) {
        if (d->is_bridge && !d->kept && (!top || pci_is_below(d, top)))
            measure(d, pool);
    }
}

/* --- places on the root bus ---------------------------------------------------------------- */

/* The lowest free place inside `within`; 0: there is none. Bus address 0 is never given away: it
 * stands for no address. */
static uint64_t find_gap(const struct pci_item *item, struct range within)
{
    struct pci_host *h = item->dev->host;
    uint64_t at = align_up(MAX(within.start, item->align), item->align);
    struct pci_item hit;
    struct range r;

    while (at >= within.start && range_make(at, item->size, &r) && range_contains(within, r)) {
        if (!pci_item_overlap(h, NULL, r, item->bus, &hit))
            return at;
        uint64_t after = align_up(pci_item_range(&hit).last + 1, item->align);
        if (after <= at)
            return 0;
        at = after;
    }
    return 0;
}

/* A part of the host's windows: above or below 4 GiB, of the prefetchable ones or of the others. */
struct choice {
    bool above, prefetchable;
};

static uint64_t try_windows(const struct pci_item *item, struct choice c)
{
    const struct range half =
        c.above ? (struct range){GIB(4), UINT64_MAX} : (struct range){0, GIB(4) - 1};
    struct pci_host *h = item->dev->host;

    for (unsigned i = 0; i < h->window_count; i++) {
        const struct pci_window *w = &h->window[i];
        struct range part = {MAX(w->bus.start, half.start), MIN(w->bus.last, half.last)};

        if (w->space == PCI_IO || w->prefetchable != c.prefetchable || part.start > part.last)
            continue;
        uint64_t at = find_gap(item, part);
        if (at)
            return at;
    }
    return 0;
}

static uint64_t try_choices(const struct pci_item *item, const struct choice *c, unsigned count)
{
    uint64_t at = 0;

    for (unsigned i = 0; i < count && !at; i++)
        at = try_windows(item, c[i]);
    return at;
}

/* What is prefetchable may lie in any window, the other way round not. The mem pool has 32 bits,
 * but for a 64-bit BAR of the root bus, which no bridge limits. */
static uint64_t find_place(const struct pci_item *item)
{
    static const struct choice pref[] = {
        {true, true}, {true, false}, {false, true}, {false, false}};
    static const struct choice mem[] = {{false, false}, {true, false}};
    const bool wide = item->bar && item->bar->is_64;

    return item->pool == PCI_POOL_PREF ? try_choices(item, pref, ARRAY_SIZE(pref))
                                       : try_choices(item, mem, wide ? 2 : 1);
}

/* The largest BAR in the pool behind the bridge is what most likely has no room. */
static void give_up_largest(struct pci_dev *bridge, enum pci_pool pool)
{
    struct pci_bar *largest = NULL;
    struct pci_dev *d;

    TAILQ_FOREACH (d, &bridge->host->devs, link) {
        struct pci_items w = {.host = d->host, .bridge = d};
        struct pci_item item;

        while (d->is_bridge && pci_is_below(d, bridge) && pci_item_next(&w, &item)) {
            if (item.bar && item.pool == pool && (!largest || item.size > largest->size))
                largest = item.bar;
        }
    }
    if (largest)
        largest->no_room = true;
    measure_below(bridge->host, bridge, pool);
}

static void place(const struct pci_item *item, void *arg)
{
    struct pci_item it = *item;

    (void)arg;
    if (it.dev->kept || *it.bus)
        return;
    while (it.size && !(*it.bus = find_place(&it))) {
        if (it.bar) {
            it.bar->no_room = true;
            return;
        }
        give_up_largest(it.dev, it.pool);
        it.size = it.dev->forward[it.pool].size;
        it.align = it.dev->forward[it.pool].align;
    }
}

/* --- inside bridges ------------------------------------------------------------------------ */

static void lay_out(const struct pci_item *item, void *arg)
{
    uint64_t *at = arg;

    *item->bus = align_up(*at, item->align);
    *at = *item->bus + item->size;
}

static void lay_out_behind(struct pci_dev *bridge)
{
    for (unsigned pool = 0; pool < PCI_POOLS; pool++) {
        uint64_t at = bridge->forward[pool].bus;

        pci_items_by_align(bridge->host, bridge, (enum pci_pool)pool, lay_out, &at);
    }
}

/* --- telling the devices ------------------------------------------------------------------- */

static paddr_t cpu_address(const struct pci_host *h, const struct pci_bar *b)
{
    for (unsigned i = 0; i < h->window_count && b->bus; i++) {
        const struct pci_window *w = &h->window[i];

        if (w->space != PCI_IO && range_has(w->bus, b->bus))
            return PADDR(b->bus + w->offset);
    }
    return PADDR_INVALID;
}

static void finish_bars(const struct pci_dev *d, const char *of_what, struct pci_bar *bars,
                        unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        struct pci_bar *b = &bars[n];

        if (!b->present || b->io)
            continue;
        b->cpu = cpu_address(d->host, b);
        if (b->no_room)
            log_warn("%s: no window has room for %sBAR %u (0x%lx bytes): it cannot be used",
                     d->name, of_what, n, b->size);
    }
}

static void write_dev(struct pci_dev *d)
{
    finish_bars(d, "", d->bar, pci_bar_count(d));
    finish_bars(d, "VF ", d->sriov.bar, ARRAY_SIZE(d->sriov.bar));
    pci_check_msix(d);
    pci_write_bars(d);
    if (d->is_bridge)
        pci_write_forwards(d);
}

int pci_assign(struct pci_host *h)
{
    struct pci_dev *d;

    TAILQ_FOREACH (d, &h->devs, link) {
        pci_size_bars(d);
        if (d->is_bridge)
            pci_read_forwards(d);
    }
    pci_keep_sound(h);
    for (unsigned pool = 0; pool < PCI_POOLS; pool++) {
        measure_below(h, NULL, (enum pci_pool)pool);
        pci_items_by_align(h, NULL, (enum pci_pool)pool, place, NULL);
    }
    TAILQ_FOREACH (d, &h->devs, link) {
        if (d->is_bridge && !d->kept)
            lay_out_behind(d);
    }
    TAILQ_FOREACH (d, &h->devs, link)
        write_dev(d);
    return 0;
}
