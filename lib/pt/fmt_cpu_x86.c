/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/pt/pt.h"

/* The 4-level tables of an x86-64 CPU (SDM 3A 4.5). Our level is the specification's minus 1. An
 * input address is the low 48 bits of a linear one: those with bit 47 set are the upper half.
 *
 * Accessed and Dirty are set from the start, so that the CPU never writes into a table. Rights are
 * in the leaf alone. Device memory is strong uncacheable (PCD and PWT with the PAT of reset).
 *
 * Deliberately not used: 5 levels, pages of 1 GiB, protection keys. */

#define ENTRY_P   BIT(0)
#define ENTRY_RW  BIT(1)
#define ENTRY_US  BIT(2)
#define ENTRY_PWT BIT(3)
#define ENTRY_PCD BIT(4)
#define ENTRY_A   BIT(5)
#define ENTRY_D   BIT(6)
#define ENTRY_PS  BIT(7)
#define ENTRY_G   BIT(8)
#define ENTRY_XD  BIT(63)

#define ENTRY_ADDR MASK(51, 12)

#define INDEX_BITS 9
#define TOP_LEVEL  3
#define ROOT_SHIFT 39
#define IAS_MAX    48
#define OAS_MIN    32
#define OAS_MAX    52

static int cpu_x86_geometry(struct pt *pt)
{
    const struct pt_config *cfg = &pt->cfg;

    if (cfg->granule_lg2 != 12)
        return -RF_EINVAL;
    if (cfg->ias <= ROOT_SHIFT || cfg->ias > IAS_MAX || cfg->oas < OAS_MIN || cfg->oas > OAS_MAX)
        return -RF_ERANGE;
    pt->index_bits = INDEX_BITS;
    pt->top_level = TOP_LEVEL;
    pt->root_bits = (uint8_t)(cfg->ias - ROOT_SHIFT);
    pt->leaf_sizes = KIB(4) | MIB(2);
    return 0;
}

static uint64_t cpu_x86_encode_leaf(const struct pt *pt, unsigned level, paddr_t pa, unsigned prot)
{
    return ENTRY_P | ENTRY_A | ((prot & PT_WRITE) != 0 ? ENTRY_RW | ENTRY_D : 0) |
           ((prot & PT_USER) != 0 ? ENTRY_US : 0) | ((prot & PT_EXEC) != 0 ? 0 : ENTRY_XD) |
           ((prot & PT_DEVICE) != 0 ? ENTRY_PCD | ENTRY_PWT : 0) | (pt->cfg.global ? ENTRY_G : 0) |
           (level > 0 ? ENTRY_PS : 0) | pa.v;
}

static unsigned cpu_x86_prot_of(const struct pt *pt, uint64_t entry)
{
    (void)pt;
    return PT_READ | ((entry & ENTRY_RW) != 0 ? PT_WRITE : 0) |
           ((entry & ENTRY_US) != 0 ? PT_USER : 0) | ((entry & ENTRY_XD) != 0 ? 0 : PT_EXEC) |
           ((entry & ENTRY_PCD) != 0 ? PT_DEVICE : 0);
}

/* What is present is readable. */
static int cpu_x86_check_prot(unsigned prot)
{
    return (prot & PT_READ) != 0 ? 0 : -RF_EOPNOTSUPP;
}

const struct pt_format pt_cpu_x86 = {
    .name = "x86-64",
    .valid_mask = ENTRY_P,
    .block_mask = ENTRY_PS,
    .block_bits = ENTRY_PS,
    .addr_mask = ENTRY_ADDR,
    .table_bits = ENTRY_P | ENTRY_RW | ENTRY_US | ENTRY_A,
    .geometry = cpu_x86_geometry,
    .encode_leaf = cpu_x86_encode_leaf,
    .prot_of = cpu_x86_prot_of,
    .check_prot = cpu_x86_check_prot,
};
