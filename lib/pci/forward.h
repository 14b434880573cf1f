/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_FORWARD_H
#define RF_PCI_FORWARD_H

#include "lib/pci/pci.h"

/* Private to lib/pci: a bridge's memory windows (7.5.1.3.8, 7.5.1.3.9), whose unit is 1 MiB. */
#define PCI_FORWARD_UNIT MIB(1)

void pci_read_forwards(struct pci_dev *bridge);

/* I/O is never forwarded. A window of size 0 is shut. */
void pci_write_forwards(const struct pci_dev *bridge);

#endif
