/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_FUNCTION_H
#define RF_PCI_FUNCTION_H

#include "lib/pci/pci.h"

/* Private to lib/pci. Whether no function answers. */
bool pci_is_absent(struct pci_host *h, pci_rid_t rid);

/* Bus mastering and INTx off, of a function that answers. */
void pci_stop_mastering(struct pci_host *h, pci_rid_t rid);

/* Takes hold of a function that answered. Its bus mastering goes off first,
 * then it is read and put at the end of the host's list. NULL: no memory (mastering is off). */
struct pci_dev *pci_take(struct pci_host *h, struct pci_dev *parent, pci_rid_t rid);

/* The same for virtual function n of pf, which is enabled; its BARs are filled in too. */
struct pci_dev *pci_take_vf(struct pci_dev *pf, unsigned n);

/* Takes it off the host's list and frees it. */
void pci_drop(struct pci_dev *d);

#endif
