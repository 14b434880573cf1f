/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "lib/iommu/aspace.h"
#include "lib/mem/heap.h"
#include "tests/bench/measure.h"

/* What it costs to take a place in an IOVA space and to give it back, by how many others live in
 * it: every second page is taken, and places are taken between them, here and there. */

#define PAIRS 4096

static struct iommu_aspace space;
static uint64_t live;

static uint64_t random64(void)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

static struct aspace_map *take(uint64_t page)
{
    struct aspace_map *m;
    uint64_t iova = page * PAGE_SIZE;

    if (aspace_map_begin(&space, (struct range){iova, iova + PAGE_SIZE - 1}, PT_READ, &m))
        abort();
    return m;
}

static void pairs(uint64_t n)
{
    while (n-- > 0)
        aspace_map_cancel(&space, take(random64() % live * 2 + 1));
}

int main(void)
{
    static const struct {
        uint64_t live;
        const char *name;
    } rows[] = {
        {10, "a place taken and given back, 10 others"},
        {1000, "a place taken and given back, 1,000 others"},
        {1000000, "a place taken and given back, 1,000,000 others"},
    };
    const struct aspace_config cfg = {.map_limit = UINT32_MAX};

    aspace_init(&space, &cfg);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (; live < rows[i].live; live++)
            (void)take(live * 2);
        measure(rows[i].name, pairs, PAIRS);
    }
    return 0;
}
