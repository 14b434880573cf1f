/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SDK_ABI_H
#define RF_SDK_ABI_H

/* Linux system-call numbers of x86-64. */
enum {
    NR_read = 0,
    NR_write = 1,
    NR_close = 3,
    NR_fstat = 5,
    NR_lseek = 8,
    NR_mmap = 9,
    NR_mprotect = 10,
    NR_munmap = 11,
    NR_brk = 12,
    NR_rt_sigaction = 13,
    NR_rt_sigprocmask = 14,
    NR_ioctl = 16,
    NR_pread64 = 17,
    NR_pwrite64 = 18,
    NR_madvise = 28,
    NR_dup = 32,
    NR_nanosleep = 35,
    NR_getpid = 39,
    NR_kill = 62,
    NR_getdents64 = 217,
    NR_clock_gettime = 228,
    NR_clock_getres = 229,
    NR_exit_group = 231,
    NR_epoll_ctl = 233,
    NR_openat = 257,
    NR_readlinkat = 267,
    NR_ppoll = 271,
    NR_epoll_pwait = 281,
    NR_eventfd2 = 290,
    NR_epoll_create1 = 291,
    NR_dup3 = 292,
};

#define LINUX_O_DIRECTORY 0x10000

/* Linux's struct stat of x86-64. */
struct linux_stat {
    uint64_t dev, ino, nlink;
    uint32_t mode, uid, gid, pad;
    uint64_t rdev;
    int64_t size, blksize, blocks;
    uint64_t times[6];
    int64_t unused[3];
};

#endif
