/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_BAR_H
#define RF_PCI_BAR_H

#include "lib/pci/pci.h"

/* Private to lib/pci. */

unsigned pci_bar_count(const struct pci_dev *d); /* registers: 6, of a bridge 2 */

/* Fills d->bar with sizes and with the addresses that the registers hold (they may be nonsense),
 * and leaves decode of memory, I/O and ROM off. */
void pci_size_bars(struct pci_dev *d);

/* Writes the addresses of d->bar to the memory BARs. */
void pci_write_bars(const struct pci_dev *d);

#endif
