/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NET_RATE_H
#define NET_RATE_H

#include <stdint.h>

/* Frames a second, and what a frame costs: CPU time, the kernel's too, which leaves out the waits.
 * With an emulator that counts a nanosecond an instruction, it is the number of instructions. */

#define RATE_SAMPLES 128u /* further ones are not kept */

struct rate_count {
    uint64_t frames, bytes;
};

struct rate_sample {
    struct rate_count count;
    uint64_t cpu_ns;
};

struct rate {
    uint64_t every; /* frames of a sample; 0: none are taken */
    uint64_t next;  /* how many frames there have to be before the clock is looked at */
    uint64_t first_ns, first_cpu_ns;
    unsigned samples;
    struct rate_sample sample[RATE_SAMPLES];
};

/* Whether rate_note wants to know of so many frames: the first one, and each sample. */
static inline int rate_is_due(const struct rate *r, uint64_t frames)
{
    return frames >= r->next;
}

/* There are so many frames now. Looks at a clock. */
void rate_note(struct rate *r, struct rate_count now);

/* In the end. */
void rate_print(const struct rate *r, struct rate_count now);

#endif
