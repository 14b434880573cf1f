/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_CAPS_H
#define RF_PCI_CAPS_H

#include "lib/pci/pci.h"
#include "lib/pci/regs.h"

/* Private to lib/pci: one step at a time along a function's capability chains. What a device puts
 * there is not trusted: a pointer outside, a loop or all ones end the chain. */
struct pci_cap_walk {
    const struct pci_dev *dev;
    bool extended;
    uint16_t at; /* of the capability that the last step found */
    uint16_t next;
    uint64_t seen[16]; /* a bit for each 4 bytes of configuration space */
};

struct pci_cap_walk pci_caps(const struct pci_dev *d);
struct pci_cap_walk pci_ext_caps(const struct pci_dev *d);

/* The next capability: w->at and *id. False: the chain is over. A broken chain is logged. */
bool pci_cap_next(struct pci_cap_walk *w, uint16_t *id);

#endif
