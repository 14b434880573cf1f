/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_WINDOWS_H
#define RF_BOARDS_WINDOWS_H

#include "lib/fw/hwdesc.h"
#include "lib/iommu/window.h"

/* What a machine's description says of IOVAs, as reserved windows. */

/* Adds the IOVAs of a host bridge that never reach the IOMMU (the bridge takes them as its own
 * windows), or that it does not forward. -RF_ENOSPC: the list is full. */
int windows_of_host(struct resv_list *l, const struct hw_pci_host *host);

enum resv_type windows_type_of(const struct hw_iova *v);

#endif
