/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/panic.h"
#include "lib/mem/heap.h"
#include "lib/sys/calls.h"
#include "lib/sys/file.h"
#include "lib/sys/time.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/wait.h"

/* ppoll and pselect6. Signal masks are of no consequence: no signal is ever delivered to a handler.
 */

#define ALWAYS (LX_POLLIN | LX_POLLRDNORM | LX_POLLOUT | LX_POLLWRNORM)

static unsigned file_ready(struct file *f)
{
    return f->ops->poll != NULL ? f->ops->poll(f) : ALWAYS;
}

struct poll_set {
    struct lx_pollfd *fds;
    unsigned count;
    int ready;
};

static unsigned poll_one(const struct lx_pollfd *p)
{
    if (p->fd < 0)
        return 0;
    struct file *f = fd_get(p->fd);
    if (f == NULL)
        return LX_POLLNVAL;
    return file_ready(f) & ((uint16_t)p->events | LX_POLLERR | LX_POLLHUP);
}

static bool look_at_all(void *ctx)
{
    struct poll_set *s = ctx;
    s->ready = 0;
    for (unsigned i = 0; i < s->count; i++) {
        s->fds[i].revents = (int16_t)poll_one(&s->fds[i]);
        s->ready += s->fds[i].revents != 0;
    }
    return s->ready != 0;
}

static int64_t poll_until(const uint64_t *a, uint64_t deadline_ns)
{
    if ((unsigned)a[1] > FD_COUNT)
        return -RF_EINVAL;
    struct poll_set set = {.count = (unsigned)a[1]};
    size_t size = set.count * sizeof(*set.fds);
    set.fds = heap_alloc(size + 1);
    if (set.fds == NULL)
        return -RF_ENOMEM;
    int rc = copy_in(set.fds, a[0], size);
    if (rc == 0) {
        wait_until(look_at_all, &set, deadline_ns);
        rc = copy_out(a[0], set.fds, size);
    }
    heap_free(set.fds);
    return rc != 0 ? rc : set.ready;
}

int64_t sys_ppoll(const uint64_t *a)
{
    uint64_t deadline_ns;
    int rc = time_deadline(a[2], &deadline_ns);
    return rc != 0 ? rc : poll_until(a, deadline_ns);
}

int64_t sys_poll(const uint64_t *a)
{
    int ms = (int)a[2];
    return poll_until(a, ms < 0 ? WAIT_FOREVER : time_after((uint64_t)ms * 1000000));
}

/* ---- pselect6 */

#define SELECT_WORDS (FD_COUNT / 64)
enum { SELECT_READ, SELECT_WRITE, SELECT_EXCEPT, SELECT_SETS };

/* As poll's events: what makes a descriptor of each set ready. */
static const unsigned select_events[SELECT_SETS] = {
    [SELECT_READ] = LX_POLLIN | LX_POLLRDNORM | LX_POLLERR | LX_POLLHUP,
    [SELECT_WRITE] = LX_POLLOUT | LX_POLLWRNORM | LX_POLLERR,
    [SELECT_EXCEPT] = LX_POLLPRI,
};

struct select_set {
    unsigned count; /* descriptors 0 .. count - 1 */
    uint64_t asked[SELECT_SETS][SELECT_WORDS];
    uint64_t found[SELECT_SETS][SELECT_WORDS];
    int ready;
};

static bool has_bit(const uint64_t *words, unsigned i)
{
    return (words[i / 64] >> (i % 64) & 1) != 0;
}

static void select_one(struct select_set *s, unsigned fd)
{
    struct file *f = fd_get((int)fd);
    ASSERT(f != NULL); /* select_in() */
    for (unsigned set = 0; set < SELECT_SETS; set++) {
        if (has_bit(s->asked[set], fd) && (file_ready(f) & select_events[set]) != 0) {
            s->found[set][fd / 64] |= UINT64_C(1) << (fd % 64);
            s->ready++;
        }
    }
}

static bool is_asked(const struct select_set *s, unsigned fd)
{
    return has_bit(s->asked[SELECT_READ], fd) || has_bit(s->asked[SELECT_WRITE], fd) ||
           has_bit(s->asked[SELECT_EXCEPT], fd);
}

static bool select_all(void *ctx)
{
    struct select_set *s = ctx;
    memset(s->found, 0, sizeof(s->found));
    s->ready = 0;
    for (unsigned fd = 0; fd < s->count; fd++) {
        if (is_asked(s, fd))
            select_one(s, fd);
    }
    return s->ready != 0;
}

/* Every descriptor asked for must be open. */
static int select_in(struct select_set *s, const uint64_t *uaddrs)
{
    size_t size = (s->count + 63) / 64 * sizeof(uint64_t);
    for (unsigned set = 0; set < SELECT_SETS; set++) {
        if (uaddrs[set] != 0 && copy_in(s->asked[set], uaddrs[set], size) != 0)
            return -RF_EFAULT;
    }
    for (unsigned fd = 0; fd < s->count; fd++) {
        if (is_asked(s, fd) && fd_get((int)fd) == NULL)
            return -RF_EBADF;
    }
    return 0;
}

static int select_out(const struct select_set *s, const uint64_t *uaddrs)
{
    size_t size = (s->count + 63) / 64 * sizeof(uint64_t);
    for (unsigned set = 0; set < SELECT_SETS; set++) {
        if (uaddrs[set] != 0 && copy_out(uaddrs[set], s->found[set], size) != 0)
            return -RF_EFAULT;
    }
    return 0;
}

int64_t sys_pselect6(const uint64_t *a)
{
    uint64_t deadline_ns;
    if ((int)a[0] < 0)
        return -RF_EINVAL;
    struct select_set s = {.count = MIN((unsigned)a[0], FD_COUNT)};
    int rc = time_deadline(a[4], &deadline_ns);
    if (rc == 0)
        rc = select_in(&s, &a[1]);
    if (rc != 0)
        return rc;
    wait_until(select_all, &s, deadline_ns);
    rc = select_out(&s, &a[1]);
    return rc != 0 ? rc : s.ready;
}
