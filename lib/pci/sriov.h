/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_SRIOV_H
#define RF_PCI_SRIOV_H

#include "lib/pci/pci.h"

/* Private to lib/pci: what the walk does for virtual functions that do not answer yet. */

/* If virtual functions are wanted of d: checks that it can have them, sets ARI, NumVFs and System
 * Page Size, and fills d->sriov but for the BARs. Otherwise, or when they cannot be (as the wish
 * then says), d->sriov.count stays 0. */
void pci_sriov_prepare(struct pci_dev *d);

/* The bus of the last virtual function, d's own if it has none. */
unsigned pci_sriov_last_bus(const struct pci_dev *d);

/* The requester id of virtual function n (9.2.1.2). */
pci_rid_t pci_sriov_rid(const struct pci_dev *pf, unsigned n);

#endif
