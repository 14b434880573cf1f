/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/pci/function.h"
#include "lib/pci/regs.h"
#include "lib/pci/roots.h"
#include "lib/pci/sriov.h"

/* The walk through the buses. */

#define DEPTH_MAX 24 /* bridges in a row; each is one call deep */

struct walk {
    struct pci_host *host;
    unsigned depth;
    int error; /* the first that let the walk go on */
};

/* One device of a bus, all its functions. */
static int scan_device(struct walk *w, struct pci_dev *bridge, unsigned bus, unsigned dev)
{
    for (unsigned fn = 0; fn < 8; fn++) {
        pci_rid_t rid = PCI_RID(bus, dev, fn);
        struct pci_dev *d;

        if (pci_is_absent(w->host, rid)) {
            if (fn == 0)
                return 0;
            continue;
        }
        if (!(d = pci_take(w->host, bridge, rid)))
            return -RF_ENOMEM;
        if (fn == 0 && !d->multifunction)
            return 0;
    }
    return 0;
}

static bool has_link_below(const struct pci_dev *bridge)
{
    return bridge->is_pcie &&
           (bridge->port_type == PCI_PORT_ROOT || bridge->port_type == PCI_PORT_DOWNSTREAM);
}

/* Behind a link there is one device, number 0 (7.3.1); it may answer for the other numbers too. */
static unsigned devices_of(const struct pci_dev *bridge)
{
    return bridge && has_link_below(bridge) ? 1 : 32;
}

/* Functions above 7 exist only behind a port that forwards ARI (6.13). Nothing looks for them. */
static void stop_ari(const struct pci_dev *bridge)
{
    const unsigned reg = bridge->cap_pcie + PCI_EXP_DEVCTL2;

    if (!has_link_below(bridge) ||
        pci_cap_size(bridge, bridge->cap_pcie, PCI_CAP_ID_PCIE) < PCI_EXP_DEVCTL2 + 2)
        return;
    uint32_t ctrl = pci_read(bridge, reg, 2);
    if (ctrl & PCI_EXP_DEVCTL2_ARI)
        pci_write(bridge, reg, 2, ctrl & ~(uint32_t)PCI_EXP_DEVCTL2_ARI);
}

static void set_buses(struct pci_dev *b, unsigned secondary, unsigned subordinate)
{
    b->bus_secondary = (uint8_t)secondary;
    b->bus_subordinate = (uint8_t)subordinate;
    pci_write(b, PCI_BUS_PRIMARY, 1, PCI_BUS(b->rid));
    pci_write(b, PCI_BUS_SECONDARY, 1, secondary);
    pci_write(b, PCI_BUS_SUBORDINATE, 1, subordinate);
}

static int scan_bus(struct walk *w, struct pci_dev *bridge, unsigned bus, unsigned limit,
                    unsigned *used);

static int scan_behind(struct walk *w, struct pci_dev *b, unsigned secondary, unsigned limit,
                       unsigned *used)
{
    int err;

    stop_ari(b);
    set_buses(b, secondary, limit);
    w->depth++;
    err = scan_bus(w, b, secondary, limit, used);
    w->depth--;
    return err;
}

/* What firmware wrote is kept when it nests in `limit` and lies above every number in use. */
static bool has_buses(const struct pci_dev *b, unsigned used, unsigned limit)
{
    unsigned primary = pci_read(b, PCI_BUS_PRIMARY, 1);
    unsigned secondary = pci_read(b, PCI_BUS_SECONDARY, 1);
    unsigned subordinate = pci_read(b, PCI_BUS_SUBORDINATE, 1);

    return primary == PCI_BUS(b->rid) && secondary > used && secondary <= subordinate &&
           subordinate <= limit;
}

static int scan_numbered(struct walk *w, struct pci_dev *b, unsigned limit, unsigned *used)
{
    unsigned secondary = *used + 1;
    int err = scan_behind(w, b, secondary, limit, used);

    set_buses(b, secondary, *used);
    return err;
}

/* A bridge that cannot be walked: no bus number is behind it, so it forwards no configuration
 * request, and its bus mastering is off, so it forwards nothing upstream. */
static void close_bridge(struct walk *w, struct pci_dev *b, const char *why)
{
    log_warn("%s: %s: what is behind this bridge is not used", b->name, why);
    set_buses(b, 0, 0);
    w->error = -RF_ENOSPC;
}

/* The next function on the bus after d, or the first for NULL. */
static struct pci_dev *next_on_bus(struct walk *w, struct pci_dev *d, unsigned bus)
{
    d = d ? TAILQ_NEXT(d, link) : TAILQ_FIRST(&w->host->devs);
    while (d && PCI_BUS(d->rid) != bus)
        d = TAILQ_NEXT(d, link);
    return d;
}

/* Keeps firmware's numbers where they are in order; any other bridge of the bus is shut, so that no
 * two of them answer for one bus. *used: the highest number that is kept. */
static void keep_numbers(struct walk *w, unsigned bus, unsigned limit, unsigned *used)
{
    struct pci_dev *d;

    for (d = next_on_bus(w, NULL, bus); d; d = next_on_bus(w, d, bus)) {
        if (!d->is_bridge)
            continue;
        if (!has_buses(d, *used, limit)) {
            set_buses(d, 0, 0);
            continue;
        }
        d->bus_secondary = (uint8_t)pci_read(d, PCI_BUS_SECONDARY, 1);
        d->bus_subordinate = (uint8_t)pci_read(d, PCI_BUS_SUBORDINATE, 1);
        *used = d->bus_subordinate;
    }
}

static int scan_bridge(struct walk *w, struct pci_dev *b, unsigned limit, unsigned *used)
{
    unsigned inside;

    if (w->depth >= DEPTH_MAX) {
        close_bridge(w, b, "too many bridges in a row");
        return 0;
    }
    if (b->bus_secondary)
        return scan_behind(w, b, b->bus_secondary, b->bus_subordinate, &inside);
    if (*used >= limit) {
        close_bridge(w, b, "no bus number is left");
        return 0;
    }
    return scan_numbered(w, b, limit, used);
}

static int scan_bridges(struct walk *w, unsigned bus, unsigned limit, unsigned *used)
{
    struct pci_dev *d;
    int err = 0;

    keep_numbers(w, bus, limit, used);
    if (w->depth == 0 && w->host->other_roots)
        limit = pci_stop_other_roots(w->host, *used);
    for (d = next_on_bus(w, NULL, bus); d && !err; d = next_on_bus(w, d, bus)) {
        if (d->is_bridge)
            err = scan_bridge(w, d, limit, used);
    }
    return err;
}

/* *used: the highest bus number in use from this bus on down. */
static int scan_bus(struct walk *w, struct pci_dev *bridge, unsigned bus, unsigned limit,
                    unsigned *used)
{
    struct pci_dev *d;

    for (unsigned dev = 0; dev < devices_of(bridge); dev++) {
        int err = scan_device(w, bridge, bus, dev);

        if (err)
            return err;
    }
    *used = bus;
    for (d = next_on_bus(w, NULL, bus); d; d = next_on_bus(w, d, bus)) {
        pci_sriov_prepare(d);
        *used = MAX(*used, MIN(pci_sriov_last_bus(d), limit));
    }
    return scan_bridges(w, bus, limit, used);
}

int pci_scan(struct pci_host *h)
{
    struct walk w = {.host = h};
    unsigned used;

    TAILQ_INIT(&h->devs);
    h->dev_count = 0;
    int err = scan_bus(&w, NULL, h->bus_first, h->bus_last, &used);
    return err ? err : w.error;
}
