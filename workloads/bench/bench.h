/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

#include <ringfence/device.h>

/* What a call costs. Each row runs its operation many times between two looks at the CPU's counter,
 * which counts a nanosecond an instruction under an emulator that is told to. */

struct bench {
    const char *bdf;        /* the first NVMe disk ... */
    struct rf_device *disk; /* ... and open, except for bench_disk */
    unsigned char *memory;  /* BENCH_MEMORY bytes, touched, aligned to 2 MiB */
    uint64_t iova;          /* where BENCH_IOVAS bytes may be mapped */
};

#define BENCH_PAGE   4096u
#define BENCH_MEMORY (512ul << 20)
#define BENCH_IOVAS  (1024ul << 20)

/* A row, or some that need the same set-up. Returns 0, or -1 when an operation failed. */
typedef int bench_fn(const struct bench *b);

bench_fn bench_null_call, bench_check_extension, bench_config_read, bench_loopback, bench_msix;
bench_fn bench_map_one, bench_map_many, bench_map_large, bench_map_sizes, bench_map_crowd;
bench_fn bench_disk;

/* Nanoseconds that the CPU has run. */
uint64_t bench_now(void);

/* Prints a line of results: so many operations took so long. */
void bench_result(const char *row, unsigned operations, uint64_t ns);

/* Reads a register that nothing else reads, so that a trace of the emulator shows which commands of
 * the IOMMU belong to the operations between two marks. */
void bench_mark(const struct bench *b);

#endif
