/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/fmt_arm.h"

/* VMSAv8-64 stage 2 (DDI 0487 D8.3): the tables of a context bank of an SMMU that has nothing else.
 * Memory types are in the descriptor, rights are of everybody, and writing alone can be allowed.
 *
 * Deliberately not used: concatenated tables at the first level (D8.2.8), so that an input size
 * which needs one level more has it; execution, which no workload gives a device. */

#define DESC_MEMATTR   MASK(5, 2) /* D8.6.6 */
#define DESC_S2AP_R    BIT(6)
#define DESC_S2AP_W    BIT(7)
#define DESC_XN        BIT(54)
#define MEMATTR_NORMAL 0xfu /* write-back: what the device asks for is not made stronger */
#define MEMATTR_NGNRE  0x1u

static uint64_t memory_type(unsigned prot)
{
    return FIELD_PREP(DESC_MEMATTR, (prot & PT_DEVICE) != 0 ? MEMATTR_NGNRE : MEMATTR_NORMAL) |
           arm_shareability(prot);
}

static uint64_t arm_s2_encode_leaf(const struct pt *pt, unsigned level, paddr_t pa, unsigned prot)
{
    (void)pt;
    return arm_leaf(level, pa) | memory_type(prot) | DESC_XN |
           ((prot & PT_READ) != 0 ? DESC_S2AP_R : 0) | ((prot & PT_WRITE) != 0 ? DESC_S2AP_W : 0);
}

static unsigned arm_s2_prot_of(const struct pt *pt, uint64_t entry)
{
    (void)pt;
    return PT_USER | ((entry & DESC_S2AP_R) != 0 ? PT_READ : 0) |
           ((entry & DESC_S2AP_W) != 0 ? PT_WRITE : 0) |
           (FIELD_GET(DESC_MEMATTR, entry) == MEMATTR_NGNRE ? PT_DEVICE : 0);
}

static int arm_s2_check_prot(unsigned prot)
{
    return (prot & PT_EXEC) == 0 && (prot & PT_USER) != 0 ? 0 : -RF_EOPNOTSUPP;
}

const struct pt_format pt_arm_s2 = {
    .name = "VMSAv8-64 stage 2",
    .valid_mask = DESC_VALID,
    .block_mask = DESC_VALID | DESC_TABLE,
    .block_bits = DESC_VALID,
    .addr_mask = DESC_OA,
    .table_bits = DESC_VALID | DESC_TABLE,
    .geometry = arm_geometry,
    .encode_leaf = arm_s2_encode_leaf,
    .prot_of = arm_s2_prot_of,
    .check_prot = arm_s2_check_prot,
};
