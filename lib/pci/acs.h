/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PCI_ACS_H
#define RF_PCI_ACS_H

#include "lib/pci/pci.h"

/* Private to lib/pci. Turns on what isolation groups stand on, as far as the function has it: when
 * groups are made, and after each reset, which turns it off (6.6.2). */
void pci_enable_acs(const struct pci_dev *d);

#endif
