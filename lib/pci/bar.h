/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_BAR_H
#define RF_PCI_BAR_H

#include "lib/pci/pci.h"

/* Private to lib/pci. */

unsigned pci_bar_count(const struct pci_dev *d); /* registers: 6, of a bridge 2, of a VF none */

/* Fills d->bar, and if virtual functions are wanted d->sriov.bar, with sizes and with the addresses
 * that the registers hold (they may be nonsense), and leaves decode of memory, I/O and ROM off. */
void pci_size_bars(struct pci_dev *d);

/* Writes the addresses of d->bar to the memory BARs, and those of its virtual functions' BARs. */
void pci_write_bars(const struct pci_dev *d);

/* Forgets an MSI-X capability whose table or pending bits are not inside their BARs, and says so.
 */
void pci_check_msix(struct pci_dev *d);

#endif
