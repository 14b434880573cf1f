/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PT_FMT_VTD_H
#define RF_PT_FMT_VTD_H

#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/pt/pt.h"

/* What VT-d's first and second stage have in common: 4 KiB tables of 512 entries, leaves of 4 KiB,
 * and of 2 MiB and 1 GiB where PS is set. */
#define VTD_PAGE_LG2   12
#define VTD_INDEX_BITS 9
#define VTD_PS         BIT(7)
#define VTD_ADDR       MASK(51, 12)
#define VTD_OAS_MIN    32
#define VTD_OAS_MAX    52
#define VTD_SIZES      (KIB(4) | MIB(2) | GIB(1))

/* The depth is what the hardware is told, however few of the root's entries ias needs. */
static inline int vtd_geometry(struct pt *pt, unsigned levels)
{
    const struct pt_config *cfg = &pt->cfg;
    const unsigned below_root = VTD_PAGE_LG2 + (levels - 1) * VTD_INDEX_BITS;

    if (cfg->granule_lg2 != VTD_PAGE_LG2)
        return -RF_EINVAL;
    if (cfg->ias <= VTD_PAGE_LG2 || cfg->ias > below_root + VTD_INDEX_BITS)
        return -RF_ERANGE;
    if (cfg->oas < VTD_OAS_MIN || cfg->oas > VTD_OAS_MAX)
        return -RF_ERANGE;
    if (cfg->leaf_sizes & ~VTD_SIZES || !(cfg->leaf_sizes & KIB(4)))
        return -RF_EINVAL;
    pt->index_bits = VTD_INDEX_BITS;
    pt->top_level = (uint8_t)(levels - 1);
    pt->root_bits = (uint8_t)(cfg->ias > below_root ? cfg->ias - below_root : 0);
    pt->leaf_sizes = cfg->leaf_sizes;
    return 0;
}

/* Requests are unprivileged, and ask to read or write only: what a request to execute would need
 * (PASID-table entry, ERE) is off. Memory types are the CPU's affair: registers are mapped for a
 * device as memory is, and read back as such. */
static inline int vtd_check_prot(unsigned prot)
{
    return (prot & PT_EXEC) == 0 && (prot & PT_USER) != 0 ? 0 : -RF_EOPNOTSUPP;
}

#endif
