/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BASE_MASK_H
#define RF_BASE_MASK_H

#include <stdint.h>

/* Fields are named by their mask alone, with the specification's bit numbers (high, low); the shift
 * is derived from the mask, so that the two cannot disagree. */
#define BIT(n)       (UINT64_C(1) << (n))
#define MASK(hi, lo) ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))

#define MASK_SHIFT(mask)      ((unsigned)__builtin_ctzll(mask))
#define FIELD_GET(mask, x)    (((uint64_t)(x) & (mask)) >> MASK_SHIFT(mask))
#define FIELD_PREP(mask, v)   (((uint64_t)(v) << MASK_SHIFT(mask)) & (mask))
#define FIELD_FITS(mask, v)   (((uint64_t)(v) & ~((mask) >> MASK_SHIFT(mask))) == 0)
#define FIELD_SET(x, mask, v) (((uint64_t)(x) & ~(mask)) | FIELD_PREP(mask, v))

#endif
