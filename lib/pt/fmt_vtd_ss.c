/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/fmt_vtd.h"

/* VT-d second stage (VT-d 9.8): 3, 4 or 5 levels, as the context or PASID-table entry says in AW.
 * There is no present bit: an entry that allows nothing is not there, and one that allows only
 * writes can be said. Our level is the specification's minus 1.
 *
 * Deliberately not used: execute (X), accessed and dirty (the hardware writes them only where SSADE
 * is set), memory types (EMT, IPAT: for the CPU), transient mapping (TM: for device TLBs). */

#define SS_R       BIT(0)
#define SS_W       BIT(1)
#define SS_SNP     BIT(11) /* of a leaf; reserved without ECAP.SC (VT-d 9.8) */
#define LEVELS_MIN 3
#define LEVELS_MAX 5

static int vtd_ss_geometry(struct pt *pt)
{
    const unsigned levels = pt->cfg.levels;

    return levels < LEVELS_MIN || levels > LEVELS_MAX ? -RF_ERANGE : vtd_geometry(pt, levels);
}

static uint64_t vtd_ss_encode_leaf(const struct pt *pt, unsigned level, paddr_t pa, unsigned prot)
{
    return ((prot & PT_READ) != 0 ? SS_R : 0) | ((prot & PT_WRITE) != 0 ? SS_W : 0) |
           (level > 0 ? VTD_PS : 0) | (pt->cfg.snoop ? SS_SNP : 0) | pa.v;
}

static unsigned vtd_ss_prot_of(const struct pt *pt, uint64_t entry)
{
    (void)pt;
    return PT_USER | ((entry & SS_R) != 0 ? PT_READ : 0) | ((entry & SS_W) != 0 ? PT_WRITE : 0);
}

const struct pt_format pt_vtd_ss = {
    .name = "VT-d second stage",
    .valid_mask = SS_R | SS_W,
    .block_mask = VTD_PS,
    .block_bits = VTD_PS,
    .addr_mask = VTD_ADDR,
    .table_bits = SS_R | SS_W,
    .geometry = vtd_ss_geometry,
    .encode_leaf = vtd_ss_encode_leaf,
    .prot_of = vtd_ss_prot_of,
    .check_prot = vtd_check_prot,
};
