/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_GROUPS_H
#define RF_BOARDS_GROUPS_H

#include "boards/machine.h"

/* Numbers the isolation groups of all `total` functions: those of PCI, of which functions that an
 * IOMMU takes for one stream are made one. -RF_ENOMEM. */
int groups_assign(struct machine *m, unsigned total);

#endif
