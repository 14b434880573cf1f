/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_BITS_H
#define RF_TESTS_MODEL_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* bits(x, hi, lo): a specification's x[hi:lo]. */
static inline uint64_t bits(uint64_t x, unsigned hi, unsigned lo)
{
    return x >> lo & (hi - lo == 63 ? ~0ull : (1ull << (hi - lo + 1)) - 1);
}

static inline bool bit(uint64_t x, unsigned n)
{
    return x >> n & 1;
}

/* x with everything but [hi:lo] cleared, in place. */
static inline uint64_t keep(uint64_t x, unsigned hi, unsigned lo)
{
    return bits(x, hi, lo) << lo;
}

#endif
