/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/roots.h"

#include "lib/base/log.h"
#include "lib/pci/function.h"

/* The buses of one configuration space may have several roots, each behind a host bridge of its own
 * with other windows and another IOMMU, or none. ACPI tells them in AML only, so they are found by
 * what answers where no bridge leads. A number of theirs that was given to a bridge would make
 * their functions look like what is behind it. */

static bool leads_to(const struct pci_host *h, unsigned bus)
{
    const struct pci_dev *d;

    TAILQ_FOREACH (d, &h->devs, link) {
        if (d->is_bridge && bus >= d->bus_secondary && bus <= d->bus_subordinate)
            return true;
    }
    return false;
}

static bool stop_device(struct pci_host *h, unsigned bus, unsigned dev)
{
    if (pci_is_absent(h, PCI_RID(bus, dev, 0)))
        return false;
    for (unsigned fn = 0; fn < 8; fn++) {
        if (!pci_is_absent(h, PCI_RID(bus, dev, fn)))
            pci_stop_mastering(h, PCI_RID(bus, dev, fn));
    }
    return true;
}

static bool stop_bus(struct pci_host *h, unsigned bus)
{
    bool any = false;

    for (unsigned dev = 0; dev < 32; dev++)
        any |= stop_device(h, bus, dev);
    return any;
}

/* A machine with other roots has a function of device 0 somewhere: what is behind a link has no
 * other number. Without one, most of the addresses need not be read. */
static bool has_other_roots(struct pci_host *h)
{
    for (unsigned bus = h->bus_first + 1u; bus <= h->bus_last; bus++) {
        if (!leads_to(h, bus) && !pci_is_absent(h, PCI_RID(bus, 0, 0)))
            return true;
    }
    return false;
}

unsigned pci_stop_other_roots(struct pci_host *h, unsigned used)
{
    unsigned last = h->bus_last, count = 0, lowest = 0;

    if (!has_other_roots(h))
        return last;
    for (unsigned bus = h->bus_last; bus > h->bus_first; bus--) {
        if (leads_to(h, bus) || !stop_bus(h, bus))
            continue;
        count++;
        lowest = bus;
        if (bus > used)
            last = bus - 1;
    }
    log_warn("%s: buses of other host bridges answer, %u from 0x%02x on: what is there is not used",
             h->name, count, lowest);
    return last;
}
