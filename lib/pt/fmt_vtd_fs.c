/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/fmt_vtd.h"

/* VT-d first stage (VT-d 9.7): the layout of the CPU's 4-level tables. Our level is the
 * specification's minus 1.
 *
 * Accessed and Dirty are set from the start, so that the hardware never writes into a table
 * (VT-d 3.6.2). Input addresses are canonical (VT-d 3.6): the upper half would need addresses with
 * bit 63 set, so that a map ends below 2^47.
 *
 * Deliberately not used: 5 levels (a longer walk for addresses that nobody asks for), the upper
 * half, global entries, execute-disable (a request to execute is refused whole), memory types,
 * extended-accessed (EA). */

#define FS_P   BIT(0)
#define FS_RW  BIT(1)
#define FS_US  BIT(2)
#define FS_A   BIT(5)
#define FS_D   BIT(6)
#define LEVELS 4
#define IAS    47

static int vtd_fs_geometry(struct pt *pt)
{
    return pt->cfg.ias > IAS ? -RF_ERANGE : vtd_geometry(pt, LEVELS);
}

static uint64_t vtd_fs_encode_leaf(const struct pt *pt, unsigned level, paddr_t pa, unsigned prot)
{
    (void)pt;
    return FS_P | FS_US | FS_A | ((prot & PT_WRITE) != 0 ? FS_RW | FS_D : 0) |
           (level > 0 ? VTD_PS : 0) | pa.v;
}

static unsigned vtd_fs_prot_of(const struct pt *pt, uint64_t entry)
{
    (void)pt;
    return PT_READ | PT_USER | ((entry & FS_RW) != 0 ? PT_WRITE : 0);
}

/* What is present is readable. */
static int vtd_fs_check_prot(unsigned prot)
{
    return (prot & PT_READ) != 0 ? vtd_check_prot(prot) : -RF_EOPNOTSUPP;
}

const struct pt_format pt_vtd_fs = {
    .name = "VT-d first stage",
    .valid_mask = FS_P,
    .block_mask = VTD_PS,
    .block_bits = VTD_PS,
    .addr_mask = VTD_ADDR,
    .table_bits = FS_P | FS_RW | FS_US | FS_A,
    .geometry = vtd_fs_geometry,
    .encode_leaf = vtd_fs_encode_leaf,
    .prot_of = vtd_fs_prot_of,
    .check_prot = vtd_fs_check_prot,
};
