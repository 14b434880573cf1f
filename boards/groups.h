/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_GROUPS_H
#define RF_BOARDS_GROUPS_H

#include "boards/machine.h"

/* Numbers the isolation groups of all `total` functions: those of PCI, of which functions that an
 * IOMMU takes for one stream are made one. -RF_ENOMEM. */
int groups_assign(struct machine *m, unsigned total);

/* The IOMMU (index in hw.iommu) and the stream of one of the requester ids that the function's DMA
 * may carry. hwdesc_stream_of's errors. */
int groups_stream_of(const struct machine *m, const struct hw_pci_host *hw, const struct pci_dev *d,
                     pci_rid_t rid, unsigned *iommu, uint32_t *stream);

#endif
