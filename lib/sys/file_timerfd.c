/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"
#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/sys/calls.h"
#include "lib/sys/file.h"
#include "lib/sys/time.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/wait.h"

/* timerfd(2) on the one clock that there is. Expirations are counted when somebody looks. */

struct timerfd {
    struct file file;
    struct wake_timer timer; /* ns: of the next expiration; WAIT_FOREVER: disarmed */
    uint64_t interval;       /* 0: once */
    uint64_t expired;        /* since the last read */
};

static struct timerfd *timerfd(struct file *f)
{
    return CONTAINER_OF(f, struct timerfd, file);
}

static void update(struct timerfd *t)
{
    uint64_t now = clock_now_ns();
    if (t->timer.ns == WAIT_FOREVER || now < t->timer.ns)
        return;
    uint64_t count = t->interval == 0 ? 1 : (now - t->timer.ns) / t->interval + 1;
    t->expired += count;
    t->file.activity++;
    t->timer.ns = t->interval == 0 ? WAIT_FOREVER : t->timer.ns + count * t->interval;
}

static bool has_expired(void *ctx)
{
    struct timerfd *t = ctx;
    update(t);
    return t->expired != 0;
}

static int64_t timerfd_read(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    struct timerfd *t = timerfd(f);
    (void)pos;
    if (n < sizeof(t->expired))
        return -RF_EINVAL;
    if (!has_expired(t)) {
        if ((f->flags & LX_O_NONBLOCK) != 0)
            return -RF_EAGAIN;
        wait_until(has_expired, t, WAIT_FOREVER);
    }
    int rc = copy_out(uaddr, &t->expired, sizeof(t->expired));
    if (rc != 0)
        return rc;
    t->expired = 0;
    return sizeof(t->expired);
}

static unsigned timerfd_poll(struct file *f)
{
    return has_expired(timerfd(f)) ? LX_POLLIN | LX_POLLRDNORM : 0;
}

static void timerfd_release(struct file *f)
{
    struct timerfd *t = timerfd(f);
    wait_remove_timer(&t->timer);
    heap_free(t);
}

static const struct file_ops timerfd_ops = {
    .name = "timerfd",
    .read = timerfd_read,
    .poll = timerfd_poll,
    .release = timerfd_release,
};

static int timerfd_get(uint64_t fd, struct timerfd **out)
{
    struct file *f = fd_get((int)fd);
    if (f == NULL)
        return -RF_EBADF;
    if (f->ops != &timerfd_ops)
        return -RF_EINVAL;
    *out = timerfd(f);
    update(*out);
    return 0;
}

int64_t sys_timerfd_create(const uint64_t *a)
{
    unsigned flags = (unsigned)a[1];
    int clock = (int)a[0];
    if ((clock != LX_CLOCK_MONOTONIC && clock != LX_CLOCK_REALTIME && clock != LX_CLOCK_BOOTTIME) ||
        (flags & ~(LX_O_NONBLOCK | LX_O_CLOEXEC)) != 0)
        return -RF_EINVAL;
    struct timerfd *t = heap_alloc(sizeof(*t));
    if (t == NULL)
        return -RF_ENOMEM;
    file_init(&t->file, &timerfd_ops, LX_O_RDWR | flags);
    t->timer.ns = WAIT_FOREVER;
    wait_add_timer(&t->timer);
    return fd_install_new(&t->file, flags);
}

static int setting_out(uint64_t uaddr, const struct timerfd *t)
{
    uint64_t now = clock_now_ns();
    struct lx_itimerspec s = {.interval = time_encode(t->interval)};
    if (t->timer.ns != WAIT_FOREVER)
        s.value = time_encode(MAX(t->timer.ns, now + 1) - now);
    return copy_out(uaddr, &s, sizeof(s));
}

int64_t sys_timerfd_gettime(const uint64_t *a)
{
    struct timerfd *t;
    int rc = timerfd_get(a[0], &t);
    return rc != 0 ? rc : setting_out(a[1], t);
}

int64_t sys_timerfd_settime(const uint64_t *a)
{
    struct timerfd *t;
    struct lx_itimerspec s;
    uint64_t value, interval;
    int rc = timerfd_get(a[0], &t);
    if (rc == 0 && (a[1] & ~(uint64_t)LX_TIMER_ABSTIME) != 0)
        rc = -RF_EINVAL;
    if (rc == 0)
        rc = copy_in(&s, a[2], sizeof(s));
    if (rc == 0)
        rc = time_decode(&s.value, &value);
    if (rc == 0)
        rc = time_decode(&s.interval, &interval);
    if (rc == 0 && a[3] != 0)
        rc = setting_out(a[3], t);
    if (rc != 0)
        return rc;
    t->expired = 0;
    t->interval = interval;
    t->timer.ns = value == 0 ? WAIT_FOREVER : a[1] == 0 ? time_after(value) : value;
    return 0;
}
