/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_FW_SCOPE_H
#define RF_FW_SCOPE_H

#include "lib/fw/hwdesc.h"

/* Private to lib/fw. */

/* Completes a scope that has its kind, path and depth: it begins on the root bus of a host. One of
 * depth 0 becomes a BRIDGE: the host with all behind it. */
void hw_scope_begin(struct hw_scope *s, const struct hw_pci_host *host);

/* What a path of one step leads to is known without bus numbers, except what is behind it. */
void hw_scope_settle(struct hw_scope *s);

/* Whether one of the scopes is the function `rid` or a bridge above it. */
bool hw_scopes_have(const struct hwdesc *hw, struct hw_scopes scopes, uint16_t segment,
                    uint16_t rid);

/* The VT-d unit that covers a function, as hwdesc_stream_of() returns it. */
int hw_unit_by_scope(const struct hwdesc *hw, uint16_t segment, uint16_t rid, unsigned *iommu,
                     uint32_t *stream);

#endif
