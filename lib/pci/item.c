/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/item.h"

#include "lib/pci/bar.h"

#define FORWARDS_AT 6u /* after the BARs */

static bool has_pref_64(const struct pci_dev *bridge)
{
    for (; bridge; bridge = bridge->parent) {
        if (!bridge->pref_64)
            return false;
    }
    return true;
}

/* Only what is both 64-bit and prefetchable may go above 4 GiB behind bridges: their other window
 * has 32 bits (7.5.1.3.8). */
static bool bar_item(struct pci_dev *d, unsigned n, struct pci_item *out)
{
    struct pci_bar *b = &d->bar[n];
    bool pref = b->is_64 && b->prefetchable && has_pref_64(d->parent);

    *out = (struct pci_item){d, b, pref ? PCI_POOL_PREF : PCI_POOL_MEM, b->size, b->size, &b->bus};
    return b->present && !b->io && !b->no_room;
}

static bool forward_item(struct pci_dev *d, enum pci_pool pool, struct pci_item *out)
{
    struct pci_forward *f = &d->forward[pool];

    *out = (struct pci_item){d, NULL, pool, f->size, f->align, &f->bus};
    return f->size != 0;
}

static struct pci_dev *next_child(const struct pci_items *w)
{
    struct pci_dev *d = w->dev ? TAILQ_NEXT(w->dev, link) : TAILQ_FIRST(&w->host->devs);

    while (d && d->parent != w->bridge)
        d = TAILQ_NEXT(d, link);
    return d;
}

bool pci_item_next(struct pci_items *w, struct pci_item *out)
{
    for (;;) {
        if (!w->dev || w->next == FORWARDS_AT + PCI_POOLS) {
            w->dev = next_child(w);
            w->next = 0;
            if (!w->dev)
                return false;
        }
        unsigned n = w->next++;
        if (n < FORWARDS_AT ? bar_item(w->dev, n, out)
                            : forward_item(w->dev, (enum pci_pool)(n - FORWARDS_AT), out))
            return true;
    }
}

/* The largest alignment below `limit` in the pool; 0: there is none. */
static uint64_t next_align(struct pci_host *h, const struct pci_dev *bridge, enum pci_pool pool,
                           uint64_t limit)
{
    struct pci_items w = {.host = h, .bridge = bridge};
    struct pci_item item;
    uint64_t align = 0;

    while (pci_item_next(&w, &item)) {
        if (item.pool == pool && item.align < limit)
            align = MAX(align, item.align);
    }
    return align;
}

void pci_items_by_align(struct pci_host *h, const struct pci_dev *bridge, enum pci_pool pool,
                        pci_item_fn fn, void *arg)
{
    uint64_t align = UINT64_MAX;

    while ((align = next_align(h, bridge, pool, align)) != 0) {
        struct pci_items w = {.host = h, .bridge = bridge};
        struct pci_item item;

        while (pci_item_next(&w, &item)) {
            if (item.pool == pool && item.align == align)
                fn(&item, arg);
        }
    }
}

struct range pci_item_range(const struct pci_item *item)
{
    return (struct range){*item->bus, *item->bus + (item->size - 1)};
}

bool pci_item_overlap(struct pci_host *h, const struct pci_dev *bridge, struct range r,
                      const uint64_t *self, struct pci_item *out)
{
    struct pci_items w = {.host = h, .bridge = bridge};

    while (pci_item_next(&w, out)) {
        if (out->bus != self && *out->bus && range_overlaps(pci_item_range(out), r))
            return true;
    }
    return false;
}

bool pci_is_below(const struct pci_dev *d, const struct pci_dev *top)
{
    while (d && d != top)
        d = d->parent;
    return d != NULL;
}
