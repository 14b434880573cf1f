/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <ringfence/device.h>

/* What VFIO_IOMMU_MAP_DMA and UNMAP_DMA cost, by size; and an empty system call, to compare with.
 * Under an emulator that counts a nanosecond an instruction, the columns are instructions. */

#define ROUNDS 64

static long long now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static const struct {
    const char *name;
    size_t bytes;
} sizes[] = {
    {"4 KiB", 4096},    {"64 KiB", 64 << 10}, {"2 MiB less 4 KiB", (2 << 20) - 4096},
    {"2 MiB", 2 << 20}, {"16 MiB", 16 << 20},
};

static int measure(const struct rf_device *d, unsigned char *memory, uint64_t iova, unsigned i)
{
    long long map = 0, unmap = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        long long a = now_ns(), b, c;

        if (rf_dma_map(d, memory, iova, sizes[i].bytes, RF_DMA_READ | RF_DMA_WRITE))
            return -1;
        b = now_ns();
        if (rf_dma_unmap(d, iova, sizes[i].bytes))
            return -1;
        c = now_ns();
        map += b - a;
        unmap += c - b;
    }
    printf("bench: map=\"%s\" pages=%lu rounds=%d map_ns=%lld unmap_ns=%lld\n", sizes[i].name,
           (unsigned long)(sizes[i].bytes / 4096), ROUNDS, map / ROUNDS, unmap / ROUNDS);
    return 0;
}

static void measure_call(void)
{
    long long a = now_ns();

    for (unsigned i = 0; i < ROUNDS; i++)
        now_ns();
    printf("bench: call_ns=%lld\n", (now_ns() - a) / ROUNDS);
}

int main(void)
{
    size_t most = 16 << 20, align = 2 << 20;
    unsigned char *memory =
        mmap(NULL, most + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct rf_device d;
    uint64_t iova;
    char bdf[16];

    if (memory == MAP_FAILED || rf_find_class(0x010802, 0xffffff, 0, bdf) || rf_open(&d, bdf) ||
        rf_iova_find(&d, most, &iova)) {
        printf("bench: an NVMe disk is needed\n");
        return 1;
    }
    memory += (align - (uintptr_t)memory % align) % align;
    memset(memory, 1, most);
    measure_call();
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if (measure(&d, memory, iova, i))
            return 1;
    rf_close(&d);
    return 0;
}
