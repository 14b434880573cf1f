/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SDK_ABI_H
#define RF_SDK_ABI_H

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

#define LINUX_O_DIRECTORY 0x4000

/* Linux's struct stat of the generic ABI. */
struct linux_stat {
    uint64_t dev, ino;
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev, pad1;
    int64_t size;
    int32_t blksize, pad2;
    int64_t blocks;
    uint64_t times[6];
    uint32_t unused[2];
};

/* A system call with up to four arguments, and one with up to six: the kernel's result. */
static inline long sdk_syscall4(long number, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;

    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}

static inline long sdk_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;

    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}

#endif
