/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PT_ARM_SIZE_H
#define RF_PT_ARM_SIZE_H

#include "lib/base/types.h"

/* Address sizes as ARM's registers and descriptors encode them: ID_AA64MMFR0_EL1.PARange and
 * TCR_ELx.IPS (DDI 0487), SMMU_IDR5.OAS and CD.IPS (IHI 0070), SMMU_IDR2.IAS, OAS and UBS and
 * SMMU_CBn_TCR2.PASIZE (IHI 0062). Codes for more than 48 bits are read as 48: larger addresses
 * need descriptors that are not used here. */
static const uint8_t arm_size_bits_of[] = {32, 36, 40, 42, 44, 48};

static inline unsigned arm_size_bits(uint64_t code)
{
    return arm_size_bits_of[MIN(code, ARRAY_SIZE(arm_size_bits_of) - 1)];
}

/* The largest size that is not above `bits`, which is at least 32. */
static inline uint64_t arm_size_code(unsigned bits)
{
    uint64_t code = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(arm_size_bits_of); i++)
        if (arm_size_bits_of[i] <= bits)
            code = i;
    return code;
}

#endif
