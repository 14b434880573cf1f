/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/fmt_arm.h"

/* VMSAv8-64 stage 1 (DDI 0487 D8.3): the tables of a CPU's TTBR0/TTBR1 and of a context descriptor
 * of an SMMUv3 or a context bank of an SMMUv2. Deliberately not used beside what fmt_arm.h names:
 * hierarchical permissions in table descriptors. */

/* Leaf attributes: D8.3.2. */
#define DESC_ATTR_INDX MASK(4, 2) /* into MAIR: PT_ARM_MAIR */
#define DESC_AP_USER   BIT(6)     /* AP[1]: unprivileged access */
#define DESC_AP_RO     BIT(7)     /* AP[2] */
#define DESC_NG        BIT(11)
#define DESC_PXN       BIT(53)
#define DESC_UXN       BIT(54) /* XN in the long-descriptor format of AArch32 */

enum { ATTR_NORMAL = 0, ATTR_DEVICE = 1 };

/* Execution: a page of the unprivileged side is never executable by the privileged one, and the
 * other way round. */
static uint64_t execute_never(unsigned prot)
{
    if ((prot & PT_EXEC) == 0)
        return DESC_UXN | DESC_PXN;
    return (prot & PT_USER) != 0 ? DESC_PXN : DESC_UXN;
}

static uint64_t memory_type(unsigned prot)
{
    return FIELD_PREP(DESC_ATTR_INDX, (prot & PT_DEVICE) != 0 ? ATTR_DEVICE : ATTR_NORMAL) |
           arm_shareability(prot);
}

static uint64_t arm_s1_encode_leaf(const struct pt *pt, unsigned level, paddr_t pa, unsigned prot)
{
    return arm_leaf(level, pa) | (pt->cfg.global ? 0 : DESC_NG) | memory_type(prot) |
           execute_never(prot) | ((prot & PT_USER) != 0 ? DESC_AP_USER : 0) |
           ((prot & PT_WRITE) != 0 ? 0 : DESC_AP_RO);
}

static unsigned arm_s1_prot_of(const struct pt *pt, uint64_t entry)
{
    (void)pt;
    bool user = (entry & DESC_AP_USER) != 0;
    uint64_t never = user ? DESC_UXN : DESC_PXN;
    bool device = FIELD_GET(DESC_ATTR_INDX, entry) == ATTR_DEVICE;
    return PT_READ | ((entry & DESC_AP_RO) != 0 ? 0 : PT_WRITE) | (user ? PT_USER : 0) |
           ((entry & never) != 0 ? 0 : PT_EXEC) | (device ? PT_DEVICE : 0);
}

/* A leaf is always readable (D8.4.1): neither write-only nor execute-only exists. */
static int arm_s1_check_prot(unsigned prot)
{
    return (prot & PT_READ) != 0 ? 0 : -RF_EOPNOTSUPP;
}

const struct pt_format pt_arm_s1 = {
    .name = "VMSAv8-64 stage 1",
    .valid_mask = DESC_VALID,
    .block_mask = DESC_VALID | DESC_TABLE,
    .block_bits = DESC_VALID,
    .addr_mask = DESC_OA,
    .table_bits = DESC_VALID | DESC_TABLE,
    .geometry = arm_geometry,
    .encode_leaf = arm_s1_encode_leaf,
    .prot_of = arm_s1_prot_of,
    .check_prot = arm_s1_check_prot,
};
