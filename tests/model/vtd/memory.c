/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "arch/mem.h"

/* Memory as the unit sees it. What it reads by snooping is what has become visible of the CPU's
 * stores. What it does not is in a copy, into which a line gets when it is cleaned and the cleaning
 * is over. With RWBF stores stay in a buffer of the chipset until it is flushed. */

#define LINE 64u

static bool needs_copy(const struct vtd_model *m)
{
    return !bit(m->cfg.ecap, 0) || (bit(m->cfg.ecap, 43) && !bit(m->cfg.ecap, 48)) ||
           bit(m->cfg.cap, 4);
}

/* ECAP.C for what hangs below the root table, ECAP.SMPWC for tables below PASID-table entries. */
static bool snoops(const struct vtd_model *m, enum memory kind)
{
    if (kind == MEM_QUEUE)
        return true;
    if (bit(m->cfg.cap, 4))
        return false;
    return kind == MEM_PAGING && is_scalable(m) ? bit(m->cfg.ecap, 48) : bit(m->cfg.ecap, 0);
}

bool vtm_read(struct vtd_model *m, enum memory kind, uint64_t pa, uint64_t *out, unsigned words)
{
    if (!host_arena_has((struct range){pa, pa + 8 * words - 1}))
        return false;
    for (unsigned i = 0; i < words; i++) {
        const void *at = snoops(m, kind) ? paddr_to_ptr(PADDR(pa + 8 * i))
                                         : (void *)(m->shadow + (pa + 8 * i - m->cfg.ram_base));
        out[i] = *(const volatile uint64_t *)at;
    }
    return true;
}

bool vtm_write32(struct vtd_model *m, uint64_t pa, uint32_t value)
{
    (void)m;
    if (!host_arena_has((struct range){pa, pa + 3}))
        return false;
    *(volatile uint32_t *)paddr_to_ptr(PADDR(pa)) = value;
    return true;
}

static void copy(struct vtd_model *m, uint64_t first, uint64_t size)
{
    memcpy(m->shadow + (first - m->cfg.ram_base), paddr_to_ptr(PADDR(first)), size);
}

void vtm_flush_write_buffer(struct vtd_model *m)
{
    if (bit(m->cfg.cap, 4))
        copy(m, m->cfg.ram_base, m->cfg.ram_size);
}

static void on_cache(void *ctx, enum host_cache_op op, paddr_t pa, size_t n)
{
    struct vtd_model *m = ctx;
    uint64_t first = align_down(pa.v, LINE), end = align_up(pa.v + n, LINE);
    unsigned i = m->cleaned_count;

    if (op != HOST_CACHE_CLEAN || bit(m->cfg.cap, 4))
        return;
    if (i == sizeof(m->cleaned) / sizeof(m->cleaned[0])) { /* a full buffer writes back early */
        copy(m, first, end - first);
        return;
    }
    m->cleaned[i].first = first;
    m->cleaned[i].size = end - first;
    m->cleaned[i].bytes = malloc(end - first);
    memcpy(m->cleaned[i].bytes, paddr_to_ptr(PADDR(first)), end - first);
    m->cleaned_count++;
}

static void on_sync(void *ctx)
{
    struct vtd_model *m = ctx;

    for (unsigned i = 0; i < m->cleaned_count; i++) {
        memcpy(m->shadow + (m->cleaned[i].first - m->cfg.ram_base), m->cleaned[i].bytes,
               m->cleaned[i].size);
        free(m->cleaned[i].bytes);
    }
    m->cleaned_count = 0;
}

void vtm_memory_init(struct vtd_model *m)
{
    if (!needs_copy(m))
        return;
    m->shadow = malloc(m->cfg.ram_size);
    memset(m->shadow, 0xa5, m->cfg.ram_size); /* nothing in it may be relied on */
    host_cache_hook(on_cache, m);
    host_sync_hook(on_sync, m);
}

void vtm_memory_fini(struct vtd_model *m)
{
    if (!m->shadow)
        return;
    host_cache_hook(NULL, NULL);
    host_sync_hook(NULL, NULL);
    on_sync(m);
    free(m->shadow);
}
