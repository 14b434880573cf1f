/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BASE_TYPES_H
#define RF_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A CPU physical address. A struct, so that it cannot be passed where an IOVA or a virtual address
 * is wanted. IOVAs and user addresses are plain uint64_t, always named `iova` or `uaddr`. */
typedef struct {
    uint64_t v;
} paddr_t;

#define PADDR(x)      ((paddr_t){(x)})
#define PADDR_INVALID PADDR(~UINT64_C(0))

static inline paddr_t paddr_add(paddr_t p, uint64_t off)
{
    return PADDR(p.v + off);
}

static inline bool paddr_valid(paddr_t p)
{
    return p.v != PADDR_INVALID.v;
}

/* For what becomes a few instructions where its arguments are constants. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

#define ARRAY_SIZE(a)            (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(p, type, m) ((type *)((char *)(p) - offsetof(type, m)))
#define MIN(a, b)                ((a) < (b) ? (a) : (b))
#define MAX(a, b)                ((a) > (b) ? (a) : (b))
#define KIB(n)                   ((uint64_t)(n) << 10)
#define MIB(n)                   ((uint64_t)(n) << 20)
#define GIB(n)                   ((uint64_t)(n) << 30)

/* The CPU's page, the unit of lib/mem and of the workload's address space. */
#define PAGE_LG2  12u
#define PAGE_SIZE (UINT64_C(1) << PAGE_LG2)

/* `a` is a power of two. align_up wraps to 0 at the end of the space: check the range first. */
static inline uint64_t align_down(uint64_t x, uint64_t a)
{
    return x & ~(a - 1);
}

static inline uint64_t align_up(uint64_t x, uint64_t a)
{
    return (x + a - 1) & ~(a - 1);
}

static inline bool is_aligned(uint64_t x, uint64_t a)
{
    return (x & (a - 1)) == 0;
}

static inline bool is_pow2(uint64_t x)
{
    return x != 0 && (x & (x - 1)) == 0;
}

/* Floor of log2; x is not 0. */
static inline unsigned log2_floor(uint64_t x)
{
    return 63u - (unsigned)__builtin_clzll(x);
}

/* The smallest n with 1 << n >= x; x is not 0. */
static inline unsigned log2_ceil(uint64_t x)
{
    return x == 1 ? 0 : log2_floor(x - 1) + 1;
}

#endif
