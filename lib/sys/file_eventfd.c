/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/sys/calls.h"
#include "lib/sys/eventfd.h"
#include "lib/sys/uaccess.h"
#include "lib/sys/wait.h"

/* eventfd(2): a counter that interrupts and the program add to. */

struct eventfd {
    struct file file;
    uint64_t count;
    bool semaphore; /* a read takes 1, not all */
};

#define COUNT_MAX (UINT64_MAX - 1)

static struct eventfd *eventfd(struct file *f)
{
    return CONTAINER_OF(f, struct eventfd, file);
}

static bool can_read(void *ctx)
{
    return ((struct eventfd *)ctx)->count != 0;
}

struct addition {
    struct eventfd *e;
    uint64_t value;
};

static bool can_add(void *ctx)
{
    struct addition *add = ctx;
    return COUNT_MAX - add->e->count >= add->value;
}

/* Waits for what a call needs; -RF_EAGAIN when the file may not block. */
static int need(const struct file *f, bool (*ready)(void *ctx), void *ctx)
{
    if (ready(ctx))
        return 0;
    return (f->flags & LX_O_NONBLOCK) != 0 ? -RF_EAGAIN : wait_until(ready, ctx, WAIT_FOREVER);
}

static int64_t eventfd_read(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    struct eventfd *e = eventfd(f);
    (void)pos;
    if (n < sizeof(e->count))
        return -RF_EINVAL;
    int rc = need(f, can_read, e);
    if (rc != 0)
        return rc;
    uint64_t value = e->semaphore ? 1 : e->count;
    rc = copy_out64(uaddr, value);
    if (rc != 0)
        return rc;
    e->count -= value;
    return sizeof(value);
}

static int64_t eventfd_write(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    struct addition add = {.e = eventfd(f)};
    (void)pos;
    if (n < sizeof(add.value))
        return -RF_EINVAL;
    int rc = copy_in(&add.value, uaddr, sizeof(add.value));
    if (rc != 0)
        return rc;
    if (add.value > COUNT_MAX)
        return -RF_EINVAL;
    rc = need(f, can_add, &add);
    if (rc != 0)
        return rc;
    add.e->count += add.value;
    f->activity++;
    return sizeof(add.value);
}

static unsigned eventfd_poll(struct file *f)
{
    uint64_t count = eventfd(f)->count;
    return (count != 0 ? LX_POLLIN | LX_POLLRDNORM : 0) |
           (count < COUNT_MAX ? LX_POLLOUT | LX_POLLWRNORM : 0);
}

static void eventfd_release(struct file *f)
{
    heap_free(eventfd(f));
}

static const struct file_ops eventfd_ops = {
    .name = "eventfd",
    .read = eventfd_read,
    .write = eventfd_write,
    .poll = eventfd_poll,
    .release = eventfd_release,
};

struct file *eventfd_of(struct file *f)
{
    return f->ops == &eventfd_ops ? f : NULL;
}

void eventfd_signal(struct file *f)
{
    struct eventfd *e = eventfd(f);
    if (e->count < COUNT_MAX)
        e->count++;
    f->activity++;
}

int64_t sys_eventfd2(const uint64_t *a)
{
    unsigned flags = (unsigned)a[1];
    if ((flags & ~(LX_EFD_SEMAPHORE | LX_O_NONBLOCK | LX_O_CLOEXEC)) != 0)
        return -RF_EINVAL;
    struct eventfd *e = heap_alloc(sizeof(*e));
    if (e == NULL)
        return -RF_ENOMEM;
    file_init(&e->file, &eventfd_ops, LX_O_RDWR | flags);
    e->count = (uint32_t)a[0];
    e->semaphore = (flags & LX_EFD_SEMAPHORE) != 0;
    return fd_install_new(&e->file, flags);
}
