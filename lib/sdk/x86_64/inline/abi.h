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

/* A system call with up to four arguments, and one with up to six: the kernel's result. The
 * instruction itself changes rcx and r11. */
static inline long sdk_syscall4(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long sdk_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#endif
