/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "workloads/hostile/attempt.h"

static int container, event, zero;

static long call_write(void *p)
{
    return write(1, p, 16);
}

static long call_read(void *p)
{
    return read(zero, p, 16);
}

static long call_event_read(void *p)
{
    eventfd_write(event, 1);
    return read(event, p, 8);
}

static long call_event_write(void *p)
{
    return write(event, p, 8);
}

static long call_open(void *p)
{
    return open(p, O_RDONLY);
}

static long call_readlink(void *p)
{
    return readlink("/proc/self/exe", p, 16);
}

static long call_clock(void *p)
{
    return clock_gettime(CLOCK_MONOTONIC, p);
}

static long call_sleep(void *p)
{
    return nanosleep(p, NULL);
}

static long call_poll(void *p)
{
    return poll(p, 1, 0);
}

static long call_epoll(void *p)
{
    int fd = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN};
    long r;

    eventfd_write(event, 1);
    epoll_ctl(fd, EPOLL_CTL_ADD, event, &e);
    r = epoll_wait(fd, p, 1, 0);
    close(fd);
    return r;
}

static long call_info(void *p)
{
    return ioctl(container, VFIO_IOMMU_GET_INFO, p);
}

static long call_map(void *p)
{
    return ioctl(container, VFIO_IOMMU_MAP_DMA, p);
}

static long call_unmap(void *p)
{
    return munmap(p, 4096);
}

static long call_protect(void *p)
{
    return mprotect(p, 4096, PROT_READ);
}

static long call_fixed(void *p)
{
    return mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED
               ? -1
               : 0;
}

static const struct {
    const char *name;
    long (*call)(void *p);
    int unmaps; /* a hole is no mistake there: only the kernel's half is */
} calls[] = {
    {"write from", call_write, 0},
    {"read to", call_read, 0},
    {"eventfd read to", call_event_read, 0},
    {"eventfd write from", call_event_write, 0},
    {"open path at", call_open, 0},
    {"readlink to", call_readlink, 0},
    {"clock_gettime to", call_clock, 0},
    {"nanosleep from", call_sleep, 0},
    {"poll at", call_poll, 0},
    {"epoll_wait to", call_epoll, 0},
    {"VFIO_IOMMU_GET_INFO at", call_info, 0},
    {"VFIO_IOMMU_MAP_DMA at", call_map, 0},
    {"mprotect of", call_protect, 0},
    {"mmap fixed at", call_fixed, 0},
    {"munmap of", call_unmap, 1},
};

void attack_calls(void)
{
    container = open("/dev/vfio/vfio", O_RDWR);
    event = eventfd(0, EFD_NONBLOCK);
    zero = open("/dev/zero", O_RDONLY);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        for (size_t k = 0; k < foreign_count; k++)
            if (!calls[i].unmaps || foreign[k] != 0)
                attempt(calls[i].call((void *)foreign[k]) < 0, "%s 0x%016lx", calls[i].name,
                        (unsigned long)foreign[k]);
    attempt(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0) == MAP_FAILED,
            "mmap of memory that is writable and executable");
    attempt(mmap(NULL, (size_t)1 << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                MAP_FAILED,
            "mmap of more than the address space");
    attempt(write(1000000, "x", 1) < 0 && errno == EBADF, "write to a descriptor that is not open");
    close(zero);
    close(event);
    close(container);
}
