/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/keep.h"

#include "lib/pci/item.h"

static bool in_window(const struct pci_host *h, struct range r)
{
    for (unsigned i = 0; i < h->window_count; i++) {
        if (h->window[i].space != PCI_IO && range_contains(h->window[i].bus, r))
            return true;
    }
    return false;
}

static bool in_forward(const struct pci_dev *bridge, enum pci_pool pool, struct range r)
{
    const struct pci_forward *f = &bridge->forward[pool];
    struct range window;

    return range_make(f->bus, f->size, &window) && range_contains(window, r);
}

static bool is_sound_item(const struct pci_item *item)
{
    const struct pci_dev *d = item->dev;
    struct pci_item other;
    struct range r;

    if (*item->bus == 0 || !is_aligned(*item->bus, item->align) ||
        !range_make(*item->bus, item->size, &r))
        return false;
    if (pci_item_overlap(d->host, d->parent, r, item->bus, &other))
        return false;
    return d->parent ? in_forward(d->parent, item->pool, r) : in_window(d->host, r);
}

/* All items of the bus behind `bridge` that belong to `top` or lie behind it. */
static bool is_sound_bus(const struct pci_dev *bridge, const struct pci_dev *top)
{
    struct pci_items w = {.host = top->host, .bridge = bridge};
    struct pci_item item;

    while (pci_item_next(&w, &item)) {
        if (pci_is_below(item.dev, top) && !is_sound_item(&item))
            return false;
    }
    return true;
}

static bool is_sound(const struct pci_dev *top)
{
    const struct pci_dev *d;

    if (!is_sound_bus(NULL, top))
        return false;
    TAILQ_FOREACH (d, &top->host->devs, link) {
        if (d->is_bridge && pci_is_below(d, top) && !is_sound_bus(d, top))
            return false;
    }
    return true;
}

static void forget(struct pci_dev *d)
{
    for (unsigned i = 0; i < ARRAY_SIZE(d->bar); i++)
        d->bar[i].bus = d->sriov.bar[i].bus = 0;
    for (unsigned i = 0; i < PCI_POOLS; i++)
        d->forward[i] = (struct pci_forward){0};
}

void pci_keep_sound(struct pci_host *h)
{
    struct pci_dev *top, *d;

    TAILQ_FOREACH (top, &h->devs, link) {
        if (top->parent)
            continue;
        bool sound = is_sound(top);
        TAILQ_FOREACH (d, &h->devs, link) {
            if (!pci_is_below(d, top))
                continue;
            d->kept = sound;
            if (!sound)
                forget(d);
        }
    }
}
