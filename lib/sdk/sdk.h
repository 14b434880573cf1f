/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SDK_SDK_H
#define RF_SDK_SDK_H

#include <stddef.h>
#include <stdint.h>

/* Linux system-call numbers of the generic table, which aarch64 uses. */
enum {
    NR_eventfd2 = 19,
    NR_epoll_create1 = 20,
    NR_epoll_ctl = 21,
    NR_epoll_pwait = 22,
    NR_dup = 23,
    NR_dup3 = 24,
    NR_ioctl = 29,
    NR_openat = 56,
    NR_close = 57,
    NR_getdents64 = 61,
    NR_lseek = 62,
    NR_read = 63,
    NR_write = 64,
    NR_pread64 = 67,
    NR_pwrite64 = 68,
    NR_ppoll = 73,
    NR_readlinkat = 78,
    NR_fstat = 80,
    NR_exit_group = 94,
    NR_nanosleep = 101,
    NR_clock_gettime = 113,
    NR_clock_getres = 114,
    NR_kill = 129,
    NR_rt_sigaction = 134,
    NR_rt_sigprocmask = 135,
    NR_getpid = 172,
    NR_brk = 214,
    NR_munmap = 215,
    NR_mmap = 222,
    NR_mprotect = 226,
    NR_madvise = 233,
};

#define AT_FDCWD_LINUX (-100)

/* The raw call: the kernel's result, negative for an error in Linux's numbering. */
long sdk_syscall(long number, long a, long b, long c, long d, long e, long f);

/* Sets errno in the C library's numbering and returns -1 for a negative result; else the result. */
long sdk_result(long result);

#define SYS6(nr, a, b, c, d, e, f) \
    sdk_result(sdk_syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)))
#define SYS4(nr, a, b, c, d) SYS6(nr, a, b, c, d, 0, 0)
#define SYS3(nr, a, b, c)    SYS6(nr, a, b, c, 0, 0, 0)
#define SYS2(nr, a, b)       SYS6(nr, a, b, 0, 0, 0, 0)
#define SYS1(nr, a)          SYS6(nr, a, 0, 0, 0, 0, 0)

#endif
