/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_KEEP_H
#define RF_PCI_KEEP_H

#include "lib/pci/pci.h"

/* Private to lib/pci. Sets d->kept for each function or bridge of the root bus, and all behind it,
 * whose addresses are as firmware gave them and can stay: inside the host's windows, nested in
 * those of the bridges above, and overlapping nothing. The addresses of the others become 0. */
void pci_keep_sound(struct pci_host *h);

#endif
