/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/sys/calls.h"
#include "lib/sys/linux.h"
#include "lib/sys/random.h"
#include "lib/sys/uaccess.h"

static uint64_t state;

/* SplitMix64, stirred with the clock at every step. */
static uint64_t next(void)
{
    state += UINT64_C(0x9e3779b97f4a7c15) ^ clock_now_ns();
    uint64_t z = state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void random_bytes(void *out, size_t n)
{
    uint8_t *p = out;
    while (n != 0) {
        uint64_t word = next();
        size_t part = MIN(n, sizeof(word));
        memcpy(p, &word, part);
        p += part;
        n -= part;
    }
}

int64_t sys_getrandom(const uint64_t *a)
{
    const uint64_t known_flags = 7;
    if ((a[2] & ~known_flags) != 0)
        return -RF_EINVAL;
    uint64_t n = MIN(a[1], LX_RW_MAX);
    uint8_t chunk[64];
    for (uint64_t done = 0; done < n;) {
        size_t part = MIN(n - done, sizeof(chunk));
        random_bytes(chunk, part);
        if (copy_out(a[0] + done, chunk, part) != 0)
            return done != 0 ? (int64_t)done : -RF_EFAULT;
        done += part;
    }
    return (int64_t)n;
}
