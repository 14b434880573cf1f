/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_LINUX_H
#define RF_SYS_LINUX_H

#include "lib/base/types.h"

/* Linux's user ABI as the workload sees it: what is the same on every 64-bit architecture. What
 * differs is in struct sys_abi (abi.h). The prefix keeps these apart from the C library's own
 * names, which have other values. */

/* open, fcntl */
#define LX_O_ACCMODE  3u
#define LX_O_RDONLY   0u
#define LX_O_WRONLY   1u
#define LX_O_RDWR     2u
#define LX_O_CREAT    00000100u
#define LX_O_EXCL     00000200u
#define LX_O_APPEND   00002000u
#define LX_O_NONBLOCK 00004000u
#define LX_O_CLOEXEC  02000000u

#define LX_F_DUPFD         0
#define LX_F_GETFD         1
#define LX_F_SETFD         2
#define LX_F_GETFL         3
#define LX_F_SETFL         4
#define LX_F_DUPFD_CLOEXEC 1030
#define LX_FD_CLOEXEC      1

#define LX_AT_FDCWD            (-100)
#define LX_AT_SYMLINK_NOFOLLOW 0x100u
#define LX_AT_EMPTY_PATH       0x1000u

#define LX_S_IFMT  0170000u
#define LX_S_IFCHR 0020000u
#define LX_S_IFDIR 0040000u
#define LX_S_IFREG 0100000u
#define LX_S_IFLNK 0120000u

#define LX_W_OK 2u

#define LX_SEEK_SET 0
#define LX_SEEK_CUR 1
#define LX_SEEK_END 2

#define LX_RW_MAX  0x7ffff000u /* bytes that one read or write moves at most */
#define LX_IOV_MAX 1024u

struct lx_iovec {
    uint64_t base;
    uint64_t len;
};

/* The fixed part of a directory entry; the name and padding to 8 bytes follow. */
struct lx_dirent {
    uint64_t ino;
    int64_t off;
    uint16_t reclen;
    uint8_t type;
    char name[];
};

/* memory */
#define LX_PROT_READ  1u
#define LX_PROT_WRITE 2u
#define LX_PROT_EXEC  4u

#define LX_MAP_SHARED          0x01u
#define LX_MAP_PRIVATE         0x02u
#define LX_MAP_SHARED_VALIDATE 0x03u
#define LX_MAP_TYPE            0x0fu
#define LX_MAP_FIXED           0x10u
#define LX_MAP_ANONYMOUS       0x20u
#define LX_MAP_LOCKED          0x2000u
#define LX_MAP_NORESERVE       0x4000u
#define LX_MAP_POPULATE        0x8000u
#define LX_MAP_HUGETLB         0x40000u
#define LX_MAP_HUGE_SHIFT      26
#define LX_MAP_FIXED_NOREPLACE 0x100000u

#define LX_MREMAP_MAYMOVE 1u

#define LX_MADV_WILLNEED 3
#define LX_MADV_DONTNEED 4

/* time */
#define LX_CLOCK_REALTIME        0
#define LX_CLOCK_MONOTONIC       1
#define LX_CLOCK_PROCESS_CPUTIME 2
#define LX_CLOCK_THREAD_CPUTIME  3
#define LX_CLOCK_BOOTTIME        7
#define LX_TIMER_ABSTIME         1

struct lx_timespec {
    int64_t sec;
    int64_t nsec;
};

struct lx_timeval {
    int64_t sec;
    int64_t usec;
};

struct lx_itimerspec {
    struct lx_timespec interval;
    struct lx_timespec value;
};

/* poll, select, epoll */
#define LX_POLLIN     0x001u
#define LX_POLLPRI    0x002u
#define LX_POLLOUT    0x004u
#define LX_POLLERR    0x008u
#define LX_POLLHUP    0x010u
#define LX_POLLNVAL   0x020u
#define LX_POLLRDNORM 0x040u
#define LX_POLLWRNORM 0x100u

struct lx_pollfd {
    int32_t fd;
    int16_t events;
    int16_t revents;
};

#define LX_EPOLL_CTL_ADD 1
#define LX_EPOLL_CTL_DEL 2
#define LX_EPOLL_CTL_MOD 3
#define LX_EPOLLONESHOT  (1u << 30)
#define LX_EPOLLET       (1u << 31)

/* eventfd */
#define LX_EFD_SEMAPHORE 1u

/* terminal */
#define LX_TCGETS     0x5401u
#define LX_TIOCGWINSZ 0x5413u

struct lx_termios {
    uint32_t iflag, oflag, cflag, lflag;
    uint8_t line;
    uint8_t cc[19];
};

struct lx_winsize {
    uint16_t rows, columns, xpixels, ypixels;
};

/* processes, signals */
#define LX_SIGILL   4
#define LX_SIGABRT  6
#define LX_SIGBUS   7
#define LX_SIGKILL  9
#define LX_SIGSEGV  11
#define LX_SIGCHLD  17
#define LX_SIGCONT  18
#define LX_SIGSTOP  19
#define LX_SIGURG   23
#define LX_SIGWINCH 28
#define LX_SIGNALS  64

#define LX_SIG_DFL 0u
#define LX_SIG_IGN 1u

#define LX_SA_RESTORER  0x04000000u
#define LX_SA_ONSTACK   0x08000000u
#define LX_SA_NODEFER   0x40000000u
#define LX_SA_RESETHAND 0x80000000u

#define LX_SI_TKILL (-6)
#define LX_SI_FAULT 1 /* SEGV_MAPERR, BUS_ADRALN, ILL_ILLOPC, TRAP_BRKPT, FPE_INTDIV */

#define LX_SIG_BLOCK   0
#define LX_SIG_UNBLOCK 1
#define LX_SIG_SETMASK 2

struct lx_sigaction {
    uint64_t handler;
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask;
};

struct lx_stack {
    uint64_t sp;
    int32_t flags;
    uint32_t pad;
    uint64_t size;
};
#define LX_SS_DISABLE 2

#define LX_FUTEX_WAIT         0u
#define LX_FUTEX_WAKE         1u
#define LX_FUTEX_REQUEUE      3u
#define LX_FUTEX_CMP_REQUEUE  4u
#define LX_FUTEX_WAIT_BITSET  9u
#define LX_FUTEX_WAKE_BITSET  10u
#define LX_FUTEX_PRIVATE_FLAG 128u
#define LX_FUTEX_CLOCK_RT     256u

#define LX_RLIMIT_STACK  3u
#define LX_RLIMIT_NOFILE 7u
#define LX_RLIMIT_COUNT  16u
#define LX_RLIM_INFINITY UINT64_MAX

struct lx_rlimit {
    uint64_t current;
    uint64_t max;
};

struct lx_utsname {
    char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};

struct lx_sysinfo {
    int64_t uptime;
    uint64_t loads[3];
    uint64_t totalram, freeram, sharedram, bufferram, totalswap, freeswap;
    uint16_t procs, pad;
    uint32_t pad2;
    uint64_t totalhigh, freehigh;
    uint32_t mem_unit;
    uint32_t pad3;
};

/* auxiliary vector */
#define LX_AT_NULL     0
#define LX_AT_PHDR     3
#define LX_AT_PHENT    4
#define LX_AT_PHNUM    5
#define LX_AT_PAGESZ   6
#define LX_AT_BASE     7
#define LX_AT_FLAGS    8
#define LX_AT_ENTRY    9
#define LX_AT_UID      11
#define LX_AT_EUID     12
#define LX_AT_GID      13
#define LX_AT_EGID     14
#define LX_AT_PLATFORM 15
#define LX_AT_HWCAP    16
#define LX_AT_CLKTCK   17
#define LX_AT_SECURE   23
#define LX_AT_RANDOM   25
#define LX_AT_HWCAP2   26
#define LX_AT_EXECFN   31

#endif
