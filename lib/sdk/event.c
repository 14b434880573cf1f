/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/sdk/sdk.h"

int eventfd(unsigned int value, int flags)
{
    return (int)SYS2(NR_eventfd2, value, flags);
}

int eventfd_read(int fd, eventfd_t *value)
{
    return read(fd, value, sizeof(*value)) == (ssize_t)sizeof(*value) ? 0 : -1;
}

int eventfd_write(int fd, eventfd_t value)
{
    return write(fd, &value, sizeof(value)) == (ssize_t)sizeof(value) ? 0 : -1;
}

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    int64_t t[2] = {timeout_ms / 1000, (int64_t)(timeout_ms % 1000) * 1000000};

    return (int)SYS6(NR_ppoll, fds, n, timeout_ms < 0 ? NULL : t, NULL, 0, 0);
}

int epoll_create1(int flags)
{
    return (int)SYS1(NR_epoll_create1, flags);
}

int epoll_create(int size)
{
    (void)size;
    return epoll_create1(0);
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
    return (int)SYS4(NR_epoll_ctl, epfd, op, fd, event);
}

int epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms)
{
    return (int)SYS6(NR_epoll_pwait, epfd, events, max, timeout_ms, NULL, 0);
}
