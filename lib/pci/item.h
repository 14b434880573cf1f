/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_ITEM_H
#define RF_PCI_ITEM_H

#include "lib/pci/pci.h"

/* Private to lib/pci: what takes address space on a bus is an item, either a memory BAR of a
 * function or what a bridge forwards. */
struct pci_item {
    struct pci_dev *dev;
    struct pci_bar *bar; /* NULL: dev->forward[pool] */
    enum pci_pool pool;
    uint64_t size, align;
    uint64_t *bus; /* its address; 0: none yet */
};

/* Steps through the items of the bus behind `bridge` (NULL: the root bus). Items of size 0, I/O
 * BARs and BARs that were given up are no items. Start with {.host, .bridge}. */
struct pci_items {
    struct pci_host *host;
    const struct pci_dev *bridge;
    struct pci_dev *dev;
    unsigned next;
};
bool pci_item_next(struct pci_items *w, struct pci_item *out);

/* Calls fn for each item of one pool on the bus, those with the larger alignment first: sizes that
 * are powers of two then lie without holes. */
typedef void (*pci_item_fn)(const struct pci_item *item, void *arg);
void pci_items_by_align(struct pci_host *h, const struct pci_dev *bridge, enum pci_pool pool,
                        pci_item_fn fn, void *arg);

/* The bus addresses of an item that has one. */
struct range pci_item_range(const struct pci_item *item);

/* An item of the bus, with an address, that overlaps r and is not `self`. False: there is none. */
bool pci_item_overlap(struct pci_host *h, const struct pci_dev *bridge, struct range r,
                      const uint64_t *self, struct pci_item *out);

/* Whether d is `top` or behind it. */
bool pci_is_below(const struct pci_dev *d, const struct pci_dev *top);

#endif
