/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BASE_RANGE_H
#define RF_BASE_RANGE_H

#include "lib/base/types.h"

/* Closed range [start, last]: the last byte of the 64-bit space is expressible, the empty range is
 * not. Every (start, size) pair that comes from outside becomes a range here or is refused. */
struct range {
    uint64_t start;
    uint64_t last;
};

/* False, with *out untouched, when size is 0 or start + size - 1 wraps. */
static inline bool range_make(uint64_t start, uint64_t size, struct range *out)
{
    if (size == 0 || start + (size - 1) < start)
        return false;
    *out = (struct range){start, start + (size - 1)};
    return true;
}

/* Bytes in r; 0 stands for 2^64 (only [0, ~0]). */
static inline uint64_t range_size(struct range r)
{
    return r.last - r.start + 1;
}

static inline bool range_has(struct range r, uint64_t x)
{
    return r.start <= x && x <= r.last;
}

static inline bool range_contains(struct range outer, struct range inner)
{
    return outer.start <= inner.start && inner.last <= outer.last;
}

static inline bool range_overlaps(struct range a, struct range b)
{
    return a.start <= b.last && b.start <= a.last;
}

/* True when b starts right after a ends; never across the end of the space. */
static inline bool range_precedes(struct range a, struct range b)
{
    return a.last != UINT64_MAX && a.last + 1 == b.start;
}

#endif
