/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_GROUPS_H
#define RF_BOARDS_GROUPS_H

#include "boards/machine.h"

/* Where the DMA of a function is looked at, by one of the requester ids that it may carry. */
struct place {
    const struct pci_dev *dev;
    unsigned iommu; /* index in hw.iommu; HW_IOMMUS: none covers it */
    uint32_t stream;
};
#define PLACES_MAX 8

/* Of every requester id of the function, its own first. Returns how many. */
unsigned groups_places(const struct machine *m, const struct hw_pci_host *hw,
                       const struct pci_dev *d, struct place out[PLACES_MAX]);

/* Numbers the isolation groups of all `total` functions: those of PCI, of which functions that an
 * IOMMU takes for one stream are made one. -RF_ENOMEM. */
int groups_assign(struct machine *m, unsigned total);

#endif
