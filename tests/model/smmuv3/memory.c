/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "arch/mem.h"

/* Memory as the SMMU sees it. A coherent one sees what has become visible of the CPU's stores. The
 * other sees a copy, into which a line gets only when it is cleaned, and which the CPU sees only of
 * lines that it has dropped. */

#define LINE 64u

static bool reachable(uint64_t pa)
{
    return host_arena_has((struct range){pa, pa + 7});
}

static volatile uint64_t *word(struct smmuv3_model *m, uint64_t pa)
{
    if (m->cfg.non_coherent)
        return (volatile uint64_t *)(void *)(m->shadow + (pa - m->cfg.ram_base));
    return paddr_to_ptr(PADDR(pa));
}

bool sm3_read64(struct smmuv3_model *m, uint64_t pa, uint64_t *out)
{
    if (!reachable(pa))
        return false;
    *out = *word(m, pa);
    return true;
}

bool sm3_write64(struct smmuv3_model *m, uint64_t pa, uint64_t value)
{
    if (!reachable(pa))
        return false;
    *word(m, pa) = value;
    return true;
}

static void cache_op(void *ctx, enum host_cache_op op, paddr_t pa, size_t n)
{
    struct smmuv3_model *m = ctx;
    uint64_t first = align_down(pa.v, LINE), end = align_up(pa.v + n, LINE);
    char *ram = paddr_to_ptr(PADDR(first));
    char *seen = m->shadow + (first - m->cfg.ram_base);

    if (op == HOST_CACHE_CLEAN)
        memcpy(seen, ram, end - first);
    else
        memcpy(ram, seen, end - first);
}

void sm3_memory_init(struct smmuv3_model *m)
{
    if (!m->cfg.non_coherent)
        return;
    m->shadow = malloc(m->cfg.ram_size);
    memset(m->shadow, 0xa5, m->cfg.ram_size); /* nothing in it may be relied on */
    host_cache_hook(cache_op, m);
}

void sm3_memory_fini(struct smmuv3_model *m)
{
    if (!m->shadow)
        return;
    host_cache_hook(NULL, NULL);
    free(m->shadow);
}
