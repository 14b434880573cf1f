/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "lib/sdk/sdk.h"

void _exit(int status);
int _kill(pid_t pid, int signal);
pid_t _getpid(void);
int _gettimeofday(struct timeval *tv, void *tz);

_Noreturn void _exit(int status)
{
    for (;;)
        sdk_syscall4(NR_exit_group, status, 0, 0, 0);
}

int _kill(pid_t pid, int signal)
{
    return (int)SYS2(NR_kill, pid, signal);
}

pid_t _getpid(void)
{
    return (pid_t)SYS1(NR_getpid, 0);
}

/* newlib and Linux number the clocks differently; struct timespec has two 64-bit words in both. */
static int to_linux_clock(clockid_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
        return 0;
    case CLOCK_MONOTONIC:
        return 1;
    case 2: /* CLOCK_PROCESS_CPUTIME_ID, which newlib's header leaves out */
        return 2;
    }
    return -1;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    return (int)SYS2(NR_clock_gettime, to_linux_clock(clock), t);
}

int clock_getres(clockid_t clock, struct timespec *t)
{
    return (int)SYS2(NR_clock_getres, to_linux_clock(clock), t);
}

int nanosleep(const struct timespec *want, struct timespec *rest)
{
    return (int)SYS2(NR_nanosleep, want, rest);
}

int usleep(useconds_t us)
{
    struct timespec t = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};

    return nanosleep(&t, NULL);
}

unsigned sleep(unsigned seconds)
{
    struct timespec t = {(time_t)seconds, 0};

    nanosleep(&t, NULL);
    return 0;
}

int _gettimeofday(struct timeval *tv, void *tz)
{
    struct timespec t;

    (void)tz;
    if (clock_gettime(CLOCK_REALTIME, &t))
        return -1;
    tv->tv_sec = t.tv_sec;
    tv->tv_usec = t.tv_nsec / 1000;
    return 0;
}

SDK_PLAIN_NAME(kill);
SDK_PLAIN_NAME(getpid);
