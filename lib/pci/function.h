/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_FUNCTION_H
#define RF_PCI_FUNCTION_H

#include "lib/pci/pci.h"

/* Private to lib/pci: takes hold of a function that answered. Its bus mastering goes off first,
 * then it is read and put at the end of the host's list. NULL: no memory (mastering is off). */
struct pci_dev *pci_take(struct pci_host *h, struct pci_dev *parent, pci_rid_t rid);

#endif
