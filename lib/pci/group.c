/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/acs.h"
#include "lib/pci/pci.h"
#include "lib/pci/regs.h"

/* Isolation groups. Every function starts as a group of its own; whatever can pass a request to
 * another function before the IOMMU sees it merges their groups. */

/* What a port or function must do for peer-to-peer requests to go up to the root (6.12.1). */
#define ACS_WANTED (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/* Translated requests are never let in (ATS is off), so blocking them costs nothing. */
void pci_enable_acs(const struct pci_dev *d)
{
    if (d->cap_acs == 0)
        return;
    uint32_t cap = pci_read(d, d->cap_acs + PCI_ACS_CAP, 2);
    pci_write(d, d->cap_acs + PCI_ACS_CTRL, 2, cap & (uint32_t)(ACS_WANTED | PCI_ACS_TB));
}

static bool is_type(const struct pci_dev *d, enum pci_port_type type)
{
    return d->is_pcie && d->port_type == type;
}

/* A control that the capability lacks is one that the function need not have, because it cannot do
 * what the control would prevent; but a switch port must have all of them (6.12.1.1). */
static bool has_acs(const struct pci_dev *d)
{
    if (d->cap_acs == 0)
        return false;
    uint32_t cap = pci_read(d, d->cap_acs + PCI_ACS_CAP, 2);
    uint32_t ctrl = pci_read(d, d->cap_acs + PCI_ACS_CTRL, 2);
    uint32_t wanted = is_type(d, PCI_PORT_DOWNSTREAM) ? ACS_WANTED : cap & (uint32_t)ACS_WANTED;
    return cap != 0xffff && (ctrl & wanted) == wanted;
}

/* Whether requests that arrive at d, or come from it, can only go up. A conventional bus is shared
 * by all on it. A port with a link below needs ACS; another function only when it has sisters. A
 * physical function and its virtual ones lack ACS when the device cannot send from one to another
 * (6.12.1.2). */
static bool isolates(const struct pci_dev *d)
{
    if (!d->is_pcie || is_type(d, PCI_PORT_PCIE_TO_PCI) || is_type(d, PCI_PORT_PCI_TO_PCIE))
        return false;
    if (is_type(d, PCI_PORT_ROOT) || is_type(d, PCI_PORT_DOWNSTREAM) || d->multifunction ||
        (d->pf && d->cap_acs))
        return has_acs(d);
    return true;
}

struct all_hosts {
    struct pci_host *const *hosts;
    unsigned count;
};

static void merge(const struct all_hosts *all, unsigned a, unsigned b)
{
    for (unsigned i = 0; i < all->count && a != b; i++) {
        struct pci_dev *d;

        TAILQ_FOREACH (d, &all->hosts[i]->devs, link) {
            if (d->group == b)
                d->group = a;
        }
    }
}

static bool is_sister(const struct pci_dev *a, const struct pci_dev *b)
{
    return (a->rid & ~7u) == (b->rid & ~7u);
}

/* A physical function and its virtual ones. */
static bool is_family(const struct pci_dev *a, const struct pci_dev *b)
{
    return (a->pf ? a->pf : a) == (b->pf ? b->pf : b);
}

/* Whether a request that d does not send up may arrive at s. Access control is of the sender: that
 * s has it does not keep others out. From a switch port without it a request may go to any other
 * port of the switch, from a function to its sisters, and from there on down. Between root ports
 * that are devices of their own there is no way but through the root complex. */
static bool can_reach(const struct pci_dev *d, const struct pci_dev *s)
{
    while (s && s->parent != d->parent)
        s = s->parent;
    if (!s || s == d)
        return s != NULL;
    if (is_family(d, s))
        return d->cap_acs != 0;
    return is_type(d, PCI_PORT_DOWNSTREAM) || (d->multifunction && is_sister(d, s));
}

static void merge_reached(const struct all_hosts *all, const struct pci_dev *d)
{
    const struct pci_dev *s;

    if (isolates(d))
        return;
    TAILQ_FOREACH (s, &d->host->devs, link) {
        if (s->group != d->group && can_reach(d, s))
            merge(all, d->group, s->group);
    }
}

static void merge_aliases(const struct all_hosts *all, const struct pci_dev *d)
{
    pci_rid_t rid[8];
    unsigned n = pci_aliases(d, rid, ARRAY_SIZE(rid));
    const struct pci_dev *s;

    TAILQ_FOREACH (s, &d->host->devs, link) {
        for (unsigned i = 0; i < n; i++) {
            if (s->rid == rid[i] && s->group != d->group)
                merge(all, s->group, d->group);
        }
    }
}

/* Consecutive numbers in walk order. Until then a group is named by one of its members, counted
 * from `count` up, so that old and new names cannot meet. */
static void renumber(const struct all_hosts *all, unsigned count)
{
    unsigned next = 0;

    for (unsigned i = 0; i < all->count; i++) {
        struct pci_dev *d;

        TAILQ_FOREACH (d, &all->hosts[i]->devs, link) {
            if (d->group >= count)
                merge(all, next++, d->group);
        }
    }
}

static void each_dev(const struct all_hosts *all,
                     void (*fn)(const struct all_hosts *all, const struct pci_dev *d))
{
    for (unsigned i = 0; i < all->count; i++) {
        const struct pci_dev *d;

        TAILQ_FOREACH (d, &all->hosts[i]->devs, link)
            fn(all, d);
    }
}

void pci_assign_groups(struct pci_host *const *hosts, unsigned count)
{
    const struct all_hosts all = {hosts, count};
    unsigned total = 0, next;

    for (unsigned i = 0; i < count; i++)
        total += hosts[i]->dev_count;
    next = total;
    for (unsigned i = 0; i < count; i++) {
        struct pci_dev *d;

        TAILQ_FOREACH (d, &hosts[i]->devs, link) {
            pci_enable_acs(d);
            d->group = next++;
        }
    }
    each_dev(&all, merge_reached);
    each_dev(&all, merge_aliases);
    renumber(&all, total);
}

void pci_join_groups(struct pci_host *const *hosts, unsigned count, unsigned a, unsigned b)
{
    merge(&(const struct all_hosts){hosts, count}, a, b);
}

static unsigned add_alias(pci_rid_t *out, unsigned n, unsigned max, pci_rid_t rid)
{
    for (unsigned i = 0; i < n; i++) {
        if (out[i] == rid)
            return n;
    }
    if (n < max)
        out[n++] = rid;
    return n;
}

/* A PCIe-to-PCI bridge takes requests over with its secondary bus and device 0 (PCI Express to PCI
 * Bridge Specification 2.3), a conventional bridge with its own id. */
unsigned pci_aliases(const struct pci_dev *d, pci_rid_t *out, unsigned max)
{
    unsigned n = add_alias(out, 0, max, d->rid);

    for (const struct pci_dev *b = d->parent; b; b = b->parent) {
        if (!b->is_pcie)
            n = add_alias(out, n, max, b->rid);
        else if (b->port_type == PCI_PORT_PCIE_TO_PCI)
            n = add_alias(out, n, max, PCI_RID(b->bus_secondary, 0, 0));
    }
    return n;
}

/* A bridge from PCI Express may keep the id of a PCI-X function, so that all of its bus counts. */
void pci_msi_ids(const struct pci_dev *d, pci_rid_t *first, pci_rid_t *last)
{
    *first = *last = d->rid;
    for (const struct pci_dev *b = d->parent; b; b = b->parent) {
        if (!b->is_pcie) {
            *first = *last = b->rid;
        } else if (b->port_type == PCI_PORT_PCIE_TO_PCI) {
            *first = PCI_RID(b->bus_secondary, 0, 0);
            *last = PCI_RID(b->bus_secondary, 31, 7);
        }
    }
}
