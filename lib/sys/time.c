/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/time.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "lib/base/err.h"
#include "lib/sys/calls.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/wait.h"

/* No machine of this project is asked for its calendar clock, so CLOCK_REALTIME starts at the epoch
 * when the machine does, and is the monotonic one. */

#define NS_PER_SEC UINT64_C(1000000000)

int time_decode(const struct lx_timespec *ts, uint64_t *ns)
{
    if (ts->sec < 0 || ts->nsec < 0 || (uint64_t)ts->nsec >= NS_PER_SEC)
        return -RF_EINVAL;
    uint64_t sec = (uint64_t)ts->sec;
    bool fits = sec < (WAIT_FOREVER - 1) / NS_PER_SEC;
    *ns = fits ? sec * NS_PER_SEC + (uint64_t)ts->nsec : WAIT_FOREVER - 1;
    return 0;
}

struct lx_timespec time_encode(uint64_t ns)
{
    return (struct lx_timespec){(int64_t)(ns / NS_PER_SEC), (int64_t)(ns % NS_PER_SEC)};
}

int time_copy_in(uint64_t uaddr, uint64_t *ns)
{
    struct lx_timespec ts;
    int rc = copy_in(&ts, uaddr, sizeof(ts));
    return rc != 0 ? rc : time_decode(&ts, ns);
}

uint64_t time_after(uint64_t ns)
{
    uint64_t now = clock_now_ns();
    return ns < WAIT_FOREVER - 1 - now ? now + ns : WAIT_FOREVER - 1;
}

int time_deadline(uint64_t uaddr, uint64_t *deadline_ns)
{
    *deadline_ns = WAIT_FOREVER;
    if (uaddr == 0)
        return 0;
    uint64_t ns;
    int rc = time_copy_in(uaddr, &ns);
    if (rc == 0)
        *deadline_ns = time_after(ns);
    return rc;
}

/* ---- system calls */

static bool is_clock(uint64_t id)
{
    return (int)id >= LX_CLOCK_REALTIME && (int)id <= LX_CLOCK_BOOTTIME;
}

/* CPU time stands still while the program waits. */
static uint64_t read_clock(uint64_t id)
{
    bool cpu = (int)id == LX_CLOCK_PROCESS_CPUTIME || (int)id == LX_CLOCK_THREAD_CPUTIME;
    return clock_now_ns() - (cpu ? cpu_idle_ns() : 0);
}

int64_t sys_clock_gettime(const uint64_t *a)
{
    if (!is_clock(a[0]))
        return -RF_EINVAL;
    struct lx_timespec ts = time_encode(read_clock(a[0]));
    return copy_out(a[1], &ts, sizeof(ts));
}

int64_t sys_clock_getres(const uint64_t *a)
{
    const struct lx_timespec ts = {.nsec = 1};
    if (!is_clock(a[0]))
        return -RF_EINVAL;
    return a[1] == 0 ? 0 : copy_out(a[1], &ts, sizeof(ts));
}

int64_t sys_gettimeofday(const uint64_t *a)
{
    const uint8_t zone[8] = {0};
    struct lx_timespec ts = time_encode(clock_now_ns());
    struct lx_timeval tv = {ts.sec, ts.nsec / 1000};
    int rc = a[0] == 0 ? 0 : copy_out(a[0], &tv, sizeof(tv));
    return rc != 0 || a[1] == 0 ? rc : copy_out(a[1], zone, sizeof(zone));
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static void sleep_until(uint64_t deadline_ns)
{
    wait_until(never, NULL, deadline_ns);
}

int64_t sys_nanosleep(const uint64_t *a)
{
    uint64_t ns;
    int rc = time_copy_in(a[0], &ns);
    if (rc == 0)
        sleep_until(time_after(ns));
    return rc;
}

int64_t sys_clock_nanosleep(const uint64_t *a)
{
    uint64_t ns;
    if (!is_clock(a[0]) || (int)a[0] == LX_CLOCK_THREAD_CPUTIME)
        return -RF_EINVAL;
    int rc = time_copy_in(a[2], &ns);
    if (rc == 0)
        sleep_until((a[1] & LX_TIMER_ABSTIME) != 0 ? ns : time_after(ns));
    return rc;
}
