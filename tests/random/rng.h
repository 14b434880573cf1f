/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_RNG_H
#define RF_TESTS_RANDOM_RNG_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64: G. Steele, D. Lea, C. Flood, OOPSLA 2014. Any seed is a good one. */
struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline uint64_t rng_below(struct rng *r, uint64_t n)
{
    return rng_next(r) % n;
}

/* True once in n. */
static inline bool rng_once_in(struct rng *r, uint64_t n)
{
    return rng_below(r, n) == 0;
}

#endif
