/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PT_FMT_ARM_H
#define RF_PT_FMT_ARM_H

#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/pt/pt.h"

/* What VMSAv8-64's two stages have in common (DDI 0487 D8.3). Our level is the specification's
 * 3 - level. The long-descriptor format of AArch32 (DDI 0487 G5.5) is the same with a granule of
 * 4K: 32 bits of input at stage 1, 40 at stage 2, 40 bits of output.
 *
 * Deliberately not used: the Contiguous hint, hardware updates of the access flag and of dirty
 * state, and the layouts for more than 48 bits of input or output (FEAT_LPA, FEAT_LPA2, FEAT_LVA),
 * which move address bits about. */

#define DESC_VALID BIT(0)
#define DESC_TABLE BIT(1)       /* above level 3: a table; at level 3 always 1 (a page) */
#define DESC_OA    MASK(47, 12) /* low bits are 0 by alignment with 16K, 64K and blocks */
#define DESC_SH    MASK(9, 8)
#define DESC_AF    BIT(10)

enum { SH_OUTER = 2, SH_INNER = 3 };

#define ARM_IAS_MIN 25 /* TxSZ is at most 39 without FEAT_TTST */
#define ARM_IAS_MAX 48
#define ARM_OAS_MIN 32
#define ARM_OAS_MAX 48

/* Level of the largest block: D8.3.1. Level 0 of the specification has none without FEAT_LPA2. */
static inline unsigned arm_top_block_level(unsigned granule_lg2)
{
    return granule_lg2 == 12 ? 2 : 1;
}

static inline int arm_geometry(struct pt *pt)
{
    const struct pt_config *cfg = &pt->cfg;
    const unsigned granule_lg2 = cfg->granule_lg2;

    if (granule_lg2 != 12 && granule_lg2 != 14 && granule_lg2 != 16)
        return -RF_EINVAL;
    if (cfg->ias < ARM_IAS_MIN || cfg->ias > ARM_IAS_MAX || cfg->oas < ARM_OAS_MIN ||
        cfg->oas > ARM_OAS_MAX)
        return -RF_ERANGE;
    pt->index_bits = (uint8_t)(granule_lg2 - 3);
    unsigned bits = cfg->ias - granule_lg2;
    pt->top_level = (uint8_t)((bits - 1) / pt->index_bits);
    pt->root_bits = (uint8_t)(bits - pt->top_level * pt->index_bits);
    for (unsigned i = 0; i <= MIN(arm_top_block_level(granule_lg2), pt->top_level); i++)
        pt->leaf_sizes |= BIT(granule_lg2 + i * pt->index_bits);
    return 0;
}

/* The descriptor of a leaf but for its rights and memory type. */
static inline uint64_t arm_leaf(unsigned level, paddr_t pa)
{
    return DESC_VALID | (level == 0 ? DESC_TABLE : 0) | pa.v | DESC_AF;
}

/* Device memory is outer shareable whatever the descriptor says (D8.6.2). */
static inline uint64_t arm_shareability(unsigned prot)
{
    return FIELD_PREP(DESC_SH, (prot & PT_DEVICE) != 0 ? SH_OUTER : SH_INNER);
}

#endif
