/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/engine.h"

/* Loops of which little but the loads or stores is left, as a turn is many entries. They are
 * functions of their own, so that a call for one entry does not save registers for them. */

#define UNROLLED _Pragma("GCC unroll 32")

uint64_t pt_bulk_or(const uint64_t *entry, size_t turns)
{
    uint64_t any = 0;
    for (; turns > 0; turns--, entry += PT_BULK)
        UNROLLED for (size_t i = 0; i < PT_BULK; i++) any |= dma_load64(&entry[i]);
    return any;
}

void pt_bulk_fill(uint64_t *entry, uint64_t leaf, uint64_t size, size_t turns)
{
    for (; turns > 0; turns--, entry += PT_BULK)
        UNROLLED for (size_t i = 0; i < PT_BULK; i++, leaf += size) dma_store64(&entry[i], leaf);
}

void pt_bulk_clear(uint64_t *entry, size_t turns)
{
    for (; turns > 0; turns--, entry += PT_BULK)
        UNROLLED for (size_t i = 0; i < PT_BULK; i++) dma_store64(&entry[i], 0);
}

size_t pt_bulk_run(const uint64_t *entry, size_t n, uint64_t size)
{
    const uint64_t *at = entry + 1;
    uint64_t next = dma_load64(entry) + size;
#pragma GCC unroll 8
    for (const uint64_t *end = entry + n; at < end; at++, next += size) {
        if (dma_load64(at) != next)
            break;
    }
    return (size_t)(at - entry);
}
