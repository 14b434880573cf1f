/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "workloads/bench/bench.h"

#define ALIGN (2ul << 20)

static const struct {
    const char *name;
    bench_fn *run;
} groups[] = {
    {"null", bench_null_call},      {"check", bench_check_extension},
    {"config", bench_config_read},  {"loopback", bench_loopback},
    {"msix", bench_msix},           {"map_one", bench_map_one},
    {"map_many", bench_map_many},   {"map_large", bench_map_large},
    {"map_sizes", bench_map_sizes}, {"map_crowd", bench_map_crowd},
    {"disk", bench_disk},
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

#if defined(__aarch64__)
uint64_t bench_now(void)
{
    uint64_t ticks, hz;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tmrs %1, cntfrq_el0"
                     : "=r"(ticks), "=r"(hz)
                     :
                     : "memory");
    return ticks * (1000000000 / hz);
}
#else
/* A nanosecond a tick where the emulator counts instructions. */
uint64_t bench_now(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
    return (uint64_t)hi << 32 | lo;
}
#endif

void bench_result(const char *row, unsigned operations, uint64_t ns)
{
    printf("bench: row=%s operations=%u ns=%llu\n", row, operations, (unsigned long long)ns);
}

static int set_up(struct bench *b, char bdf[16])
{
    b->memory = mmap(NULL, BENCH_MEMORY + ALIGN, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (b->memory == MAP_FAILED)
        return -1;
    b->memory += (ALIGN - (uintptr_t)b->memory % ALIGN) % ALIGN;
    for (size_t at = 0; at < BENCH_MEMORY; at += BENCH_PAGE)
        b->memory[at] = 1;
    return rf_find_class(0x010802, 0xffffff, 0, bdf) || rf_open(b->disk, bdf) ||
           rf_iova_find(b->disk, BENCH_IOVAS, &b->iova);
}

/* A mark is a read of the class code's upper half. */
void bench_mark(const struct bench *b)
{
    (void)rf_config_read(b->disk, 0x0a, 2);
}

/* bench_disk opens the disk itself. */
static int run(struct bench *b, bench_fn *group)
{
    if (group == bench_disk)
        rf_close(b->disk);
    return group(b);
}

static int is_asked(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return 1;
    return argc == 1;
}

/* Arguments: the groups to run; without any, all. */
int main(int argc, char **argv)
{
    static struct rf_device disk;
    char bdf[16];
    struct bench b = {.bdf = bdf, .disk = &disk};

    if (set_up(&b, bdf)) {
        printf("bench: an NVMe disk and 1 GiB of memory are needed\n");
        return 1;
    }
    for (size_t i = 0; i < GROUPS; i++)
        if (is_asked(groups[i].name, argc, argv) && run(&b, groups[i].run)) {
            printf("bench: %s failed\n", groups[i].name);
            return 1;
        }
    return 0;
}
