/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"
#include "lib/sys/calls.h"
#include "lib/sys/file.h"
#include "lib/sys/proc.h"
#include "lib/sys/time.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/vm.h"
#include "lib/sys/wait.h"

/* Who and where the program is, and what it may have. One process with one thread, user 0. */

int64_t sys_exit(const uint64_t *a)
{
    proc_exit((int)(a[0] & 0xff));
    return 0;
}

int64_t sys_exit_group(const uint64_t *a)
{
    return sys_exit(a);
}

#define CONSTANT_CALL(name, value)        \
    int64_t sys_##name(const uint64_t *a) \
    {                                     \
        (void)a;                          \
        return (value);                   \
    }

CONSTANT_CALL(getpid, PROC_PID)
CONSTANT_CALL(gettid, PROC_PID)
CONSTANT_CALL(getppid, 0)
CONSTANT_CALL(getuid, 0)
CONSTANT_CALL(geteuid, 0)
CONSTANT_CALL(getgid, 0)
CONSTANT_CALL(getegid, 0)
CONSTANT_CALL(set_tid_address, PROC_PID) /* the address would be cleared for other threads */
CONSTANT_CALL(set_robust_list, 0)        /* locks that outlive a thread: there is no second one */
CONSTANT_CALL(rseq, -RF_ENOSYS)          /* a C library asks at start and does without */
CONSTANT_CALL(membarrier, -RF_ENOSYS)

/* A program that goes on without is told apart from one that cannot by what it prints next. */
static int64_t no_second(const char *call)
{
    log_warn_limited("the workload called %s: there is one process with one thread, and no second "
                     "of either; it got ENOSYS",
                     call);
    return -RF_ENOSYS;
}

#define NO_SECOND(name)                   \
    int64_t sys_##name(const uint64_t *a) \
    {                                     \
        (void)a;                          \
        return no_second(#name);          \
    }

NO_SECOND(clone)
NO_SECOND(clone3)
NO_SECOND(fork)
NO_SECOND(vfork)

int64_t sys_sched_yield(const uint64_t *a)
{
    (void)a;
    wait_poll();
    return 0;
}

#define CPU0 UINT64_C(1) /* in a mask of CPUs */

int64_t sys_sched_getaffinity(const uint64_t *a)
{
    const uint64_t cpu0 = CPU0;
    if (a[1] < sizeof(cpu0) || a[1] % sizeof(cpu0) != 0)
        return -RF_EINVAL;
    int rc = copy_out(a[2], &cpu0, sizeof(cpu0));
    return rc != 0 ? rc : (int64_t)sizeof(cpu0);
}

static bool is_self(uint64_t pid)
{
    return (int)pid == 0 || (int)pid == PROC_PID;
}

/* Bits of CPUs that are not there are ignored, as long as one is. */
int64_t sys_sched_setaffinity(const uint64_t *a)
{
    uint64_t mask = 0;
    int rc = copy_in(&mask, a[2], MIN((unsigned)a[1], sizeof(mask)));
    if (rc == 0 && !is_self(a[0]))
        rc = -RF_ESRCH;
    return rc != 0 || (mask & CPU0) != 0 ? rc : -RF_EINVAL;
}

int64_t sys_getcpu(const uint64_t *a)
{
    const uint32_t zero = 0;
    int rc = a[0] == 0 ? 0 : copy_out(a[0], &zero, sizeof(zero));
    return rc != 0 || a[1] == 0 ? rc : copy_out(a[1], &zero, sizeof(zero));
}

int64_t sys_uname(const uint64_t *a)
{
    struct lx_utsname u = {
        .sysname = "Linux", /* the interface, which programs check */
        .nodename = "ringfence",
        .release = "6.1.0-ringfence",
        .version = "Ringfence",
        .domainname = "(none)",
    };
    strncpy(u.machine, abi()->name, sizeof(u.machine) - 1);
    return copy_out(a[0], &u, sizeof(u));
}

int64_t sys_sysinfo(const uint64_t *a)
{
    struct page_stats s;
    page_get_stats(&s);
    const struct lx_sysinfo info = {
        .uptime = time_encode(clock_now_ns()).sec,
        .totalram = s.total_pages << PAGE_LG2,
        .freeram = s.free_pages << PAGE_LG2,
        .procs = 1,
        .mem_unit = 1,
    };
    return copy_out(a[0], &info, sizeof(info));
}

/* ---- limits: reported, and as good as infinite where memory is the only limit */

static struct lx_rlimit limit_of(uint64_t resource)
{
    uint64_t value = resource == LX_RLIMIT_STACK    ? VM_STACK_SIZE
                     : resource == LX_RLIMIT_NOFILE ? FD_COUNT
                                                    : LX_RLIM_INFINITY;
    return (struct lx_rlimit){value, value};
}

/* New limits are read, so that a bad pointer is told, and have no effect. */
static int64_t limits(uint64_t resource, uint64_t new_uaddr, uint64_t old_uaddr)
{
    struct lx_rlimit limit;
    if (resource >= LX_RLIMIT_COUNT)
        return -RF_EINVAL;
    if (new_uaddr != 0 && copy_in(&limit, new_uaddr, sizeof(limit)) != 0)
        return -RF_EFAULT;
    if (new_uaddr != 0 && limit.current > limit.max)
        return -RF_EINVAL;
    limit = limit_of(resource);
    return old_uaddr == 0 ? 0 : copy_out(old_uaddr, &limit, sizeof(limit));
}

int64_t sys_prlimit64(const uint64_t *a)
{
    if (!is_self(a[0]))
        return -RF_ESRCH;
    return limits((unsigned)a[1], a[2], a[3]);
}

int64_t sys_getrlimit(const uint64_t *a)
{
    struct lx_rlimit limit = limit_of((unsigned)a[0]);
    if ((unsigned)a[0] >= LX_RLIMIT_COUNT)
        return -RF_EINVAL;
    return copy_out(a[1], &limit, sizeof(limit));
}

int64_t sys_setrlimit(const uint64_t *a)
{
    struct lx_rlimit limit;
    if (copy_in(&limit, a[1], sizeof(limit)) != 0)
        return -RF_EFAULT;
    return limits((unsigned)a[0], a[1], 0);
}
