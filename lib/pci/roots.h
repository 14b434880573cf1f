/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_ROOTS_H
#define RF_PCI_ROOTS_H

#include "lib/pci/pci.h"

/* Private to lib/pci. Switches bus mastering off on every bus of the host's range to which nothing
 * of its first root bus leads. `used`: the highest bus number in use there. Returns the last number
 * above it that is free for bridges. */
unsigned pci_stop_other_roots(struct pci_host *h, unsigned used);

#endif
