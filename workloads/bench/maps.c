/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>

#include "workloads/bench/bench.h"

/* VFIO_IOMMU_MAP_DMA and UNMAP_DMA. */

#define RIGHTS (RF_DMA_READ | RF_DMA_WRITE)
#define MANY   4096u
#define CROWD  65500u /* slots; a container has 65,535 */

static int map_one(const struct bench *b, const char *row, uint64_t iova)
{
    const unsigned rounds = 1024;
    uint64_t begin, end;

    begin = bench_now();
    for (unsigned i = 0; i < rounds; i++)
        if (rf_dma_map(b->disk, b->memory, iova, BENCH_PAGE, RIGHTS) ||
            rf_dma_unmap(b->disk, iova, BENCH_PAGE))
            return -1;
    end = bench_now();
    bench_result(row, rounds, end - begin);
    return 0;
}

int bench_map_one(const struct bench *b)
{
    return map_one(b, "map_unmap", b->iova);
}

static int unmap_all(const struct bench *b)
{
    struct vfio_iommu_type1_dma_unmap all = {.argsz = sizeof(all),
                                             .flags = VFIO_DMA_UNMAP_FLAG_ALL};

    return ioctl(b->disk->container, VFIO_IOMMU_UNMAP_DMA, &all);
}

/* One slot a page. */
static int map_slots(const struct bench *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (rf_dma_map(b->disk, b->memory + (size_t)i * BENCH_PAGE,
                       b->iova + (uint64_t)i * BENCH_PAGE, BENCH_PAGE, RIGHTS))
            return -1;
    return 0;
}

int bench_map_many(const struct bench *b)
{
    uint64_t begin = bench_now(), mapped, end;

    if (map_slots(b, MANY))
        return -1;
    mapped = bench_now() - begin;
    bench_mark(b);
    begin = bench_now();
    if (unmap_all(b))
        return -1;
    end = bench_now();
    bench_mark(b);
    bench_result("map_many", MANY, mapped);
    bench_result("unmap_all", MANY, end - begin);
    return 0;
}

/* A map and an unmap among as many others as a container may have. */
int bench_map_crowd(const struct bench *b)
{
    if (map_slots(b, CROWD) ||
        map_one(b, "map_unmap_crowd", b->iova + (uint64_t)CROWD * BENCH_PAGE))
        return -1;
    return unmap_all(b);
}

static int map_size(const struct bench *b, size_t size, unsigned rounds, const char *row)
{
    uint64_t map = 0, unmap = 0;
    char name[32];

    for (unsigned i = 0; i < rounds; i++) {
        uint64_t begin = bench_now(), middle;

        if (rf_dma_map(b->disk, b->memory, b->iova, size, RIGHTS))
            return -1;
        middle = bench_now();
        if (rf_dma_unmap(b->disk, b->iova, size))
            return -1;
        map += middle - begin;
        unmap += bench_now() - middle;
    }
    snprintf(name, sizeof(name), "map_%s", row);
    bench_result(name, rounds, map);
    snprintf(name, sizeof(name), "unmap_%s", row);
    bench_result(name, rounds, unmap);
    return 0;
}

int bench_map_large(const struct bench *b)
{
    return map_size(b, 512ul << 20, 1, "large");
}

int bench_map_sizes(const struct bench *b)
{
    return map_size(b, 64ul << 10, 64, "64k") ||
                   map_size(b, (2ul << 20) - BENCH_PAGE, 64, "2m_less_4k") ||
                   map_size(b, 2ul << 20, 64, "2m") || map_size(b, 16ul << 20, 64, "16m")
               ? -1
               : 0;
}
