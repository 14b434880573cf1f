/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/queue.h>

#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/sys/calls.h"
#include "lib/sys/file.h"
#include "lib/sys/time.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/wait.h"

/* epoll(7). A set asks its files each time somebody looks; sets of a driver program are small. A
 * set cannot hold another set. */

struct epoll_item {
    TAILQ_ENTRY(epoll_item) link;
    struct epoll *set;
    struct file *file; /* not counted: the watch takes the item out first */
    struct file_watch watch;
    int fd;
    uint32_t events;   /* wanted, with EPOLLET and EPOLLONESHOT */
    uint64_t data;     /* the program's */
    uint32_t reported; /* file->activity at the last report: edge-triggered */
    bool fresh;        /* not reported since it was added or changed */
    bool enabled;      /* false: EPOLLONESHOT has fired */
};

struct epoll {
    struct file file;
    TAILQ_HEAD(epoll_items, epoll_item)
    items; /* reported ones go to the end, so that all get a turn */
};

static struct epoll *epoll(struct file *f)
{
    return CONTAINER_OF(f, struct epoll, file);
}

static void drop_item(struct epoll_item *item)
{
    LIST_REMOVE(&item->watch, link);
    TAILQ_REMOVE(&item->set->items, item, link);
    heap_free(item);
}

static void item_gone(struct file_watch *w)
{
    drop_item(CONTAINER_OF(w, struct epoll_item, watch));
}

/* The events that a look finds now; 0: none. */
static unsigned item_ready(const struct epoll_item *item)
{
    if (!item->enabled)
        return 0;
    unsigned ready = item->file->ops->poll(item->file) & (item->events | LX_POLLERR | LX_POLLHUP);
    bool old =
        (item->events & LX_EPOLLET) != 0 && !item->fresh && item->reported == item->file->activity;
    return old ? 0 : ready;
}

static bool any_ready(void *ctx)
{
    struct epoll *e = ctx;
    struct epoll_item *item;
    TAILQ_FOREACH (item, &e->items, link) {
        if (item_ready(item) != 0)
            return true;
    }
    return false;
}

static unsigned epoll_poll(struct file *f)
{
    return any_ready(epoll(f)) ? LX_POLLIN | LX_POLLRDNORM : 0;
}

static void epoll_release(struct file *f)
{
    struct epoll *e = epoll(f);
    while (!TAILQ_EMPTY(&e->items))
        drop_item(TAILQ_FIRST(&e->items));
    heap_free(e);
}

static const struct file_ops epoll_ops = {
    .name = "epoll",
    .poll = epoll_poll,
    .release = epoll_release,
};

int64_t sys_epoll_create1(const uint64_t *a)
{
    if ((a[0] & ~(uint64_t)LX_O_CLOEXEC) != 0)
        return -RF_EINVAL;
    struct epoll *e = heap_alloc(sizeof(*e));
    if (e == NULL)
        return -RF_ENOMEM;
    file_init(&e->file, &epoll_ops, LX_O_RDWR);
    TAILQ_INIT(&e->items);
    return fd_install_new(&e->file, (unsigned)a[0]);
}

/* ---- control */

struct event {
    uint32_t events;
    uint64_t data;
};

/* struct epoll_event is packed on some architectures. */
static int event_in(uint64_t uaddr, struct event *ev)
{
    uint8_t raw[16];
    int rc = copy_in(raw, uaddr, abi()->epoll_size);
    if (rc != 0)
        return rc;
    memcpy(&ev->events, raw, sizeof(ev->events));
    memcpy(&ev->data, raw + abi()->epoll_data, sizeof(ev->data));
    return 0;
}

static int event_out(uint64_t uaddr, const struct event *ev)
{
    uint8_t raw[16] = {0};
    memcpy(raw, &ev->events, sizeof(ev->events));
    memcpy(raw + abi()->epoll_data, &ev->data, sizeof(ev->data));
    return copy_out(uaddr, raw, abi()->epoll_size);
}

static struct epoll_item *find_item(struct epoll *e, const struct file *f, int fd)
{
    struct epoll_item *item;
    TAILQ_FOREACH (item, &e->items, link) {
        if (item->file == f && item->fd == fd)
            return item;
    }
    return NULL;
}

static void set_item(struct epoll_item *item, const struct event *ev)
{
    item->events = ev->events;
    item->data = ev->data;
    item->fresh = item->enabled = true;
}

static int add_item(struct epoll *e, struct file *f, int fd, const struct event *ev)
{
    struct epoll_item *item = heap_alloc(sizeof(*item));
    if (item == NULL)
        return -RF_ENOMEM;
    item->set = e;
    item->file = f;
    item->watch.gone = item_gone;
    item->fd = fd;
    set_item(item, ev);
    TAILQ_INSERT_TAIL(&e->items, item, link);
    LIST_INSERT_HEAD(&f->watches, &item->watch, link);
    return 0;
}

int64_t sys_epoll_ctl(const uint64_t *a)
{
    int op = (int)a[1], fd = (int)a[2];
    struct file *set = fd_get((int)a[0]), *f = fd_get(fd);
    struct event ev = {0};
    int rc = op == LX_EPOLL_CTL_DEL ? 0 : event_in(a[3], &ev);
    if (rc != 0)
        return rc;
    if (set == NULL || f == NULL)
        return -RF_EBADF;
    if (f->ops->poll == NULL)
        return -RF_EPERM;
    if (set->ops != &epoll_ops || f == set)
        return -RF_EINVAL;
    if (f->ops == &epoll_ops)
        return -RF_ELOOP;

    struct epoll_item *item = find_item(epoll(set), f, fd);
    if (op == LX_EPOLL_CTL_ADD)
        return item != NULL ? -RF_EEXIST : add_item(epoll(set), f, fd, &ev);
    if (op != LX_EPOLL_CTL_DEL && op != LX_EPOLL_CTL_MOD)
        return -RF_EINVAL;
    if (item == NULL)
        return -RF_ENOENT;
    if (op == LX_EPOLL_CTL_DEL)
        drop_item(item);
    else
        set_item(item, &ev);
    return 0;
}

/* ---- waiting */

static void mark_reported(struct epoll *e, struct epoll_item *item)
{
    item->reported = item->file->activity;
    item->fresh = false;
    item->enabled = (item->events & LX_EPOLLONESHOT) == 0;
    TAILQ_REMOVE(&e->items, item, link);
    TAILQ_INSERT_TAIL(&e->items, item, link);
}

/* Reports at most max events: how many, or -RF_EFAULT when not even one could be written. */
static int64_t report(struct epoll *e, uint64_t uaddr, int max)
{
    int n = 0;
    struct epoll_item *last = TAILQ_LAST(&e->items, epoll_items), *item = TAILQ_FIRST(&e->items);
    for (bool end = item == NULL; !end && n < max;) {
        struct epoll_item *next = TAILQ_NEXT(item, link);
        struct event ev = {item_ready(item), item->data};
        end = item == last;
        if (ev.events != 0) {
            if (event_out(uaddr + (uint64_t)n * abi()->epoll_size, &ev) != 0)
                return n != 0 ? n : -RF_EFAULT;
            mark_reported(e, item);
            n++;
        }
        item = next;
    }
    return n;
}

static int64_t wait_events(const uint64_t *a, uint64_t deadline_ns)
{
    struct file *set = fd_get((int)a[0]);
    int max = (int)a[2];
    if (set == NULL)
        return -RF_EBADF;
    if (set->ops != &epoll_ops || max <= 0)
        return -RF_EINVAL;
    int rc = wait_until(any_ready, epoll(set), deadline_ns);
    return rc == -RF_ETIMEDOUT ? 0 : report(epoll(set), a[1], max);
}

/* The signal mask is of no consequence: no signal is ever delivered to a handler. */
int64_t sys_epoll_pwait(const uint64_t *a)
{
    int ms = (int)a[3];
    return wait_events(a, ms < 0 ? WAIT_FOREVER : time_after((uint64_t)ms * 1000000));
}

int64_t sys_epoll_pwait2(const uint64_t *a)
{
    uint64_t deadline_ns;
    int rc = time_deadline(a[3], &deadline_ns);
    return rc != 0 ? rc : wait_events(a, deadline_ns);
}
