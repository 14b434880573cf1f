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

/* A turn that goes on as a whole is seen by one compare. */
static size_t whole_turns(const uint64_t *entry, size_t turns, uint64_t size)
{
    uint64_t next = dma_load64(entry);
    for (size_t done = 0; done < turns; done++, entry += PT_BULK) {
        uint64_t differ = 0;
        UNROLLED for (size_t i = 0; i < PT_BULK; i++, next += size) differ |=
            dma_load64(&entry[i]) ^ next;
        if (differ != 0)
            return done;
    }
    return turns;
}

size_t pt_bulk_run(const uint64_t *entry, size_t n, uint64_t size)
{
    const size_t whole = whole_turns(entry, n / PT_BULK, size) * PT_BULK;
    const uint64_t *at = entry + whole;
    uint64_t next = dma_load64(entry) + whole * size;
    for (const uint64_t *end = entry + n; at < end; at++, next += size) {
        if (dma_load64(at) != next)
            break;
    }
    return (size_t)(at - entry);
}
