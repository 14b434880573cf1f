/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_CALLS_H
#define RF_SYS_CALLS_H

#include "lib/sys/abi.h"

/* The system calls that every architecture has: X(name, arguments). An architecture's table adds
 * its number to each (abi_arm64.c, abi_x86.c). What is not here is -ENOSYS. */
#define SYS_CALLS(X)        \
    X(brk, 1)               \
    X(clock_getres, 2)      \
    X(clock_gettime, 2)     \
    X(clock_nanosleep, 4)   \
    X(clone, 5)             \
    X(clone3, 2)            \
    X(close, 1)             \
    X(close_range, 3)       \
    X(dup, 1)               \
    X(dup3, 3)              \
    X(epoll_create1, 1)     \
    X(epoll_ctl, 4)         \
    X(epoll_pwait, 6)       \
    X(epoll_pwait2, 6)      \
    X(eventfd2, 2)          \
    X(exit, 1)              \
    X(exit_group, 1)        \
    X(faccessat, 3)         \
    X(faccessat2, 4)        \
    X(fcntl, 3)             \
    X(fstat, 2)             \
    X(futex, 6)             \
    X(getcpu, 3)            \
    X(getcwd, 2)            \
    X(getdents64, 3)        \
    X(getegid, 0)           \
    X(geteuid, 0)           \
    X(getgid, 0)            \
    X(getpid, 0)            \
    X(getppid, 0)           \
    X(getrandom, 3)         \
    X(getrlimit, 2)         \
    X(gettid, 0)            \
    X(gettimeofday, 2)      \
    X(getuid, 0)            \
    X(ioctl, 3)             \
    X(kill, 2)              \
    X(lseek, 3)             \
    X(madvise, 3)           \
    X(membarrier, 3)        \
    X(mlock, 2)             \
    X(mlock2, 3)            \
    X(mlockall, 1)          \
    X(mmap, 6)              \
    X(mprotect, 3)          \
    X(mremap, 5)            \
    X(munlock, 2)           \
    X(munlockall, 0)        \
    X(munmap, 2)            \
    X(nanosleep, 2)         \
    X(newfstatat, 4)        \
    X(openat, 4)            \
    X(ppoll, 5)             \
    X(pread64, 4)           \
    X(prlimit64, 4)         \
    X(pselect6, 6)          \
    X(pwrite64, 4)          \
    X(read, 3)              \
    X(readlinkat, 4)        \
    X(readv, 3)             \
    X(rseq, 4)              \
    X(rt_sigaction, 4)      \
    X(rt_sigprocmask, 4)    \
    X(rt_sigreturn, 0)      \
    X(sched_getaffinity, 3) \
    X(sched_setaffinity, 3) \
    X(sched_yield, 0)       \
    X(set_robust_list, 2)   \
    X(set_tid_address, 1)   \
    X(setrlimit, 2)         \
    X(sigaltstack, 2)       \
    X(sysinfo, 1)           \
    X(tgkill, 3)            \
    X(timerfd_create, 2)    \
    X(timerfd_gettime, 2)   \
    X(timerfd_settime, 4)   \
    X(tkill, 2)             \
    X(uname, 1)             \
    X(write, 3)             \
    X(writev, 3)

#define SYS_PROTOTYPE(name, args) int64_t sys_##name(const uint64_t *a);
SYS_CALLS(SYS_PROTOTYPE)
#undef SYS_PROTOTYPE

/* Of older architectures only. */
int64_t sys_fork(const uint64_t *a);
int64_t sys_poll(const uint64_t *a);
int64_t sys_vfork(const uint64_t *a);

#endif
