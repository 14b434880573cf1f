/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SDK_SDK_H
#define RF_SDK_SDK_H

#include <stddef.h>
#include <stdint.h>

/* NR_*, LINUX_O_DIRECTORY, struct linux_stat, sdk_syscall4, sdk_syscall6: what differs between
 * architectures. */
#include "inline/abi.h"

/* newlib has the plain name of a hook on some architectures only: it is the same function. */
#define SDK_PLAIN_NAME(name) __typeof__(_##name) name __attribute__((alias("_" #name)))

#define AT_FDCWD_LINUX (-100)

/* Of a negative result: sets errno in the C library's numbering and returns -1. */
long sdk_fail(long result);

static inline long sdk_result(long result)
{
    return result < 0 ? sdk_fail(result) : result;
}

#define SYS6(nr, a, b, c, d, e, f) \
    sdk_result(sdk_syscall6((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)))
#define SYS4(nr, a, b, c, d) \
    sdk_result(sdk_syscall4((nr), (long)(a), (long)(b), (long)(c), (long)(d)))
#define SYS3(nr, a, b, c) SYS4(nr, a, b, c, 0)
#define SYS2(nr, a, b)    SYS4(nr, a, b, 0, 0)
#define SYS1(nr, a)       SYS4(nr, a, 0, 0, 0)

#endif
