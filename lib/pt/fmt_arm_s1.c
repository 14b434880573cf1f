/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/pt/pt.h"

/* VMSAv8-64 stage 1 (DDI 0487 D8.3): the tables of a CPU's TTBR0/TTBR1 and of a context descriptor
 * of an SMMUv3 or a context bank of an SMMUv2. Our level is the specification's 3 - level.
 *
 * Deliberately not used: the Contiguous hint, hardware updates of the access flag and of dirty
 * state, hierarchical permissions in table descriptors, and the layouts for more than 48 bits of
 * input or output (FEAT_LPA, FEAT_LPA2, FEAT_LVA), which move address bits about. */

#define DESC_VALID BIT(0)
#define DESC_TABLE BIT(1)       /* above level 3: a table; at level 3 always 1 (a page) */
#define DESC_OA    MASK(47, 12) /* low bits are 0 by alignment with 16K, 64K and blocks */

/* Leaf attributes: D8.3.2. */
#define DESC_ATTR_INDX MASK(4, 2) /* into MAIR: PT_ARM_MAIR */
#define DESC_AP_USER   BIT(6)     /* AP[1]: unprivileged access */
#define DESC_AP_RO     BIT(7)     /* AP[2] */
#define DESC_SH        MASK(9, 8)
#define DESC_AF        BIT(10)
#define DESC_NG        BIT(11)
#define DESC_PXN       BIT(53)
#define DESC_UXN       BIT(54)

enum { ATTR_NORMAL = 0, ATTR_DEVICE = 1 };
enum { SH_OUTER = 2, SH_INNER = 3 };

#define IAS_MIN 25 /* TxSZ is at most 39 without FEAT_TTST */
#define IAS_MAX 48
#define OAS_MIN 32
#define OAS_MAX 48

/* Levels that can hold blocks: D8.3.1. Level 0 of the specification cannot, without FEAT_LPA2. */
static const struct granule {
    uint8_t lg2;
    uint8_t top_block_level;
} granules[] = {{12, 2}, {14, 1}, {16, 1}};

static const struct granule *find_granule(unsigned lg2)
{
    for (size_t i = 0; i < ARRAY_SIZE(granules); i++) {
        if (granules[i].lg2 == lg2)
            return &granules[i];
    }
    return NULL;
}

static int arm_s1_geometry(struct pt *pt)
{
    const struct pt_config *cfg = &pt->cfg;
    const struct granule *g = find_granule(cfg->granule_lg2);
    if (g == NULL)
        return -RF_EINVAL;
    if (cfg->ias < IAS_MIN || cfg->ias > IAS_MAX || cfg->oas < OAS_MIN || cfg->oas > OAS_MAX)
        return -RF_ERANGE;
    pt->index_bits = g->lg2 - 3;
    unsigned bits = cfg->ias - g->lg2;
    pt->top_level = (uint8_t)((bits - 1) / pt->index_bits);
    pt->root_bits = (uint8_t)(bits - pt->top_level * pt->index_bits);
    for (unsigned level = 0; level <= MIN(g->top_block_level, pt->top_level); level++)
        pt->leaf_sizes |= BIT(g->lg2 + level * pt->index_bits);
    return 0;
}

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
    if ((prot & PT_DEVICE) != 0)
        return FIELD_PREP(DESC_ATTR_INDX, ATTR_DEVICE) | FIELD_PREP(DESC_SH, SH_OUTER);
    return FIELD_PREP(DESC_ATTR_INDX, ATTR_NORMAL) | FIELD_PREP(DESC_SH, SH_INNER);
}

static uint64_t arm_s1_encode_leaf(const struct pt *pt, unsigned level, paddr_t pa, unsigned prot)
{
    return DESC_VALID | (level == 0 ? DESC_TABLE : 0) | pa.v | DESC_AF |
           (pt->cfg.global ? 0 : DESC_NG) | memory_type(prot) | execute_never(prot) |
           ((prot & PT_USER) != 0 ? DESC_AP_USER : 0) | ((prot & PT_WRITE) != 0 ? 0 : DESC_AP_RO);
}

static uint64_t arm_s1_encode_table(const struct pt *pt, paddr_t table)
{
    (void)pt;
    return DESC_VALID | DESC_TABLE | table.v;
}

static bool arm_s1_is_leaf(uint64_t entry, unsigned level)
{
    return level == 0 || (entry & DESC_TABLE) == 0;
}

static paddr_t arm_s1_table_of(const struct pt *pt, uint64_t entry)
{
    (void)pt;
    return PADDR(entry & DESC_OA);
}

static paddr_t arm_s1_leaf_of(const struct pt *pt, uint64_t entry, unsigned level)
{
    (void)pt;
    (void)level;
    return PADDR(entry & DESC_OA);
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
    const unsigned rights = PT_READ | PT_WRITE | PT_EXEC;
    if ((prot & ~(rights | PT_USER | PT_DEVICE)) != 0 || (prot & rights) == 0)
        return -RF_EINVAL;
    if ((prot & PT_EXEC) != 0 && (prot & (PT_WRITE | PT_DEVICE)) != 0)
        return -RF_EINVAL;
    return (prot & PT_READ) != 0 ? 0 : -RF_EOPNOTSUPP;
}

const struct pt_format pt_arm_s1 = {
    .name = "VMSAv8-64 stage 1",
    .valid_mask = DESC_VALID,
    .geometry = arm_s1_geometry,
    .encode_leaf = arm_s1_encode_leaf,
    .encode_table = arm_s1_encode_table,
    .is_leaf = arm_s1_is_leaf,
    .table_of = arm_s1_table_of,
    .leaf_of = arm_s1_leaf_of,
    .prot_of = arm_s1_prot_of,
    .check_prot = arm_s1_check_prot,
};
