/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_PCI_ECAM_H
#define RF_DRIVERS_PCI_ECAM_H

#include "arch/mmio.h"
#include "lib/pci/pci.h"

/* Configuration space as memory (PCI Express 7.2.2): 4 KiB a function, 1 MiB a bus. */
struct ecam_config {
    const char *name; /* stays valid */
    uint16_t segment;
    uint8_t bus_first, bus_last;
    bool other_roots; /* struct pci_host */
    struct mmio ecam; /* starts with bus_first; what lies beyond its size does not answer */
    unsigned window_count;
    struct pci_window window[PCI_WINDOWS];
};

/* A host bridge, not yet scanned; it lives for ever. -RF_EINVAL: no bus, or more windows than fit;
 * -RF_ENOMEM. */
int ecam_create(const struct ecam_config *cfg, struct pci_host **out);

#endif
