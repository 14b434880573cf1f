/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/item.h"

#include "lib/pci/bar.h"
#include "lib/pci/forward.h"

#define VF_BARS_AT  6u  /* after the function's own BARs */
#define FORWARDS_AT 12u /* after its virtual functions' */

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
static bool make_item(struct pci_dev *d, struct pci_bar *b, bool pref, uint64_t size,
                      struct pci_item *out)
{
    *out = (struct pci_item){d, b, pref ? PCI_POOL_PREF : PCI_POOL_MEM, size, b->size, &b->bus};
    return b->present && !b->io && !b->no_room;
}

static bool may_go_high(const struct pci_dev *d, const struct pci_bar *b)
{
    return b->is_64 && b->prefetchable && has_pref_64(d->parent);
}

static bool bar_item(struct pci_dev *d, struct pci_bar *b, struct pci_item *out)
{
    return make_item(d, b, may_go_high(d, b), b->size, out);
}

/* Virtual functions have their BARs one behind the other (9.2.1.1.1). Small ones lie low: QEMU 10
 * decodes the lower 32 bits of their addresses only. */
static bool vf_bar_item(struct pci_dev *d, struct pci_bar *b, struct pci_item *out)
{
    uint64_t size = b->size * d->sriov.count;

    return make_item(d, b, may_go_high(d, b) && size > PCI_FORWARD_UNIT, size, out);
}

static bool forward_item(struct pci_dev *d, enum pci_pool pool, struct pci_item *out)
{
    struct pci_forward *f = &d->forward[pool];

    *out = (struct pci_item){d, NULL, pool, f->size, f->align, &f->bus};
    return f->size != 0;
}

static bool item_at(struct pci_dev *d, unsigned n, struct pci_item *out)
{
    if (n < VF_BARS_AT)
        return bar_item(d, &d->bar[n], out);
    if (n < FORWARDS_AT)
        return vf_bar_item(d, &d->sriov.bar[n - VF_BARS_AT], out);
    return forward_item(d, (enum pci_pool)(n - FORWARDS_AT), out);
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
        if (item_at(w->dev, w->next++, out))
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
