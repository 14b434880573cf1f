/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/net/rate.h"

#include <stdio.h>
#include <time.h>

#ifndef CLOCK_PROCESS_CPUTIME_ID /* newlib leaves it out */
#define CLOCK_PROCESS_CPUTIME_ID 2
#endif

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void note_first(struct rate *r)
{
    r->first_ns = clock_ns(CLOCK_MONOTONIC);
    r->first_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* The next one is due `every` frames after this one, however late this one is. */
void rate_note(struct rate *r, struct rate_count now)
{
    if (r->first_ns == 0)
        note_first(r);
    if (r->every && r->samples < RATE_SAMPLES)
        r->sample[r->samples++] = (struct rate_sample){now, clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
    r->next = r->every ? now.frames + r->every : UINT64_MAX;
}

static void print_samples(const struct rate *r)
{
    for (unsigned i = 1; i < r->samples; i++) {
        const struct rate_sample *a = &r->sample[i - 1], *b = &r->sample[i];

        printf("net: sample frames=%llu bytes=%llu cpu_ns=%llu\n",
               (unsigned long long)(b->count.frames - a->count.frames),
               (unsigned long long)(b->count.bytes - a->count.bytes),
               (unsigned long long)(b->cpu_ns - a->cpu_ns));
    }
}

void rate_print(const struct rate *r, struct rate_count now)
{
    uint64_t ns = clock_ns(CLOCK_MONOTONIC) - r->first_ns;
    uint64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - r->first_cpu_ns;

    print_samples(r);
    if (now.frames < 2 || ns == 0)
        return;
    printf("net: rate frames=%llu frames_per_s=%llu cpu_ns_per_frame=%llu\n",
           (unsigned long long)now.frames, (unsigned long long)(now.frames * 1000000000u / ns),
           (unsigned long long)(cpu / now.frames));
}
