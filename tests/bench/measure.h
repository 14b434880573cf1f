/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BENCH_MEASURE_H
#define RF_BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <valgrind/callgrind.h>

/* Runs a part under callgrind, which dumps what it cost under the part's name; the line on the
 * standard output says how many units of work that was (tests/bench/library reads both). */
static inline void measure(const char *name, void (*part)(uint64_t n), uint64_t n)
{
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    part(n);
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
    printf("%s\t%lu\n", name, (unsigned long)n);
}

#endif
