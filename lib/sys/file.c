/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/file.h"

#include "lib/base/err.h"
#include "lib/base/panic.h"
#include "lib/sys/calls.h"

struct fd fd_table[FD_COUNT];

void file_init(struct file *f, const struct file_ops *ops, unsigned flags)
{
    *f = (struct file){.ops = ops, .refs = 1, .flags = flags & (LX_O_ACCMODE | LX_O_NONBLOCK)};
}

void file_get(struct file *f)
{
    f->refs++;
}

static void tell_watches(struct file *f)
{
    struct file_watch *w;
    while ((w = LIST_FIRST(&f->watches)) != NULL)
        w->gone(w);
}

void file_put(struct file *f)
{
    ASSERT(f->refs != 0);
    if (--f->refs != 0)
        return;
    tell_watches(f);
    f->ops->release(f);
}

void file_stat(struct file *f, struct file_stat *st)
{
    *st = (struct file_stat){.mode = 0600, .ino = 1};
    if (f->ops->stat != NULL)
        f->ops->stat(f, st);
}

int fd_install(struct file *f, bool cloexec, int from)
{
    for (int fd = from; fd < FD_COUNT; fd++) {
        if (fd_table[fd].file == NULL) {
            fd_table[fd].file = f;
            fd_table[fd].cloexec = cloexec;
            return fd;
        }
    }
    return -RF_EMFILE;
}

int fd_install_new(struct file *f, unsigned flags)
{
    int fd = fd_install(f, (flags & LX_O_CLOEXEC) != 0, 0);
    if (fd < 0)
        file_put(f);
    return fd;
}

int fd_close(int fd)
{
    struct file *f = fd_get(fd);
    if (f == NULL)
        return -RF_EBADF;
    fd_table[fd].file = NULL;
    file_put(f);
    return 0;
}

void fd_close_all(void)
{
    for (int fd = 0; fd < FD_COUNT; fd++)
        fd_close(fd);
}

/* ---- system calls */

int64_t sys_close(const uint64_t *a)
{
    return fd_close((int)a[0]);
}

int64_t sys_close_range(const uint64_t *a)
{
    const unsigned cloexec = 4;
    unsigned first = (unsigned)a[0], last = (unsigned)a[1];
    if (first > last || (a[2] & ~(uint64_t)cloexec) != 0)
        return -RF_EINVAL;
    for (unsigned fd = first; fd <= last && fd < FD_COUNT; fd++) {
        if ((a[2] & cloexec) != 0)
            fd_table[fd].cloexec = true;
        else
            fd_close((int)fd);
    }
    return 0;
}

static int64_t duplicate(int fd, bool cloexec, int from)
{
    struct file *f = fd_get(fd);
    if (f == NULL)
        return -RF_EBADF;
    if (from < 0 || from >= FD_COUNT)
        return -RF_EINVAL;
    int copy = fd_install(f, cloexec, from);
    if (copy >= 0)
        file_get(f);
    return copy;
}

int64_t sys_dup(const uint64_t *a)
{
    return duplicate((int)a[0], false, 0);
}

int64_t sys_dup3(const uint64_t *a)
{
    int from = (int)a[0], to = (int)a[1];
    struct file *f = fd_get(from);
    if ((a[2] & ~(uint64_t)LX_O_CLOEXEC) != 0 || from == to)
        return -RF_EINVAL;
    if (f == NULL || to < 0 || to >= FD_COUNT)
        return -RF_EBADF;
    file_get(f);
    fd_close(to);
    fd_table[to].file = f;
    fd_table[to].cloexec = a[2] != 0;
    return to;
}

static int64_t set_flags(struct file *f, uint64_t flags)
{
    const unsigned changeable = LX_O_NONBLOCK | LX_O_APPEND;
    f->flags = (f->flags & ~changeable) | ((unsigned)flags & changeable);
    return 0;
}

/* Descriptors and status flags; locks, leases and owners do not exist. */
int64_t sys_fcntl(const uint64_t *a)
{
    int fd = (int)a[0];
    struct file *f = fd_get(fd);
    if (f == NULL)
        return -RF_EBADF;
    switch ((int)a[1]) {
    case LX_F_DUPFD:
    case LX_F_DUPFD_CLOEXEC:
        return duplicate(fd, (int)a[1] == LX_F_DUPFD_CLOEXEC, (int)a[2]);
    case LX_F_GETFD:
        return fd_table[fd].cloexec ? LX_FD_CLOEXEC : 0;
    case LX_F_SETFD:
        fd_table[fd].cloexec = (a[2] & LX_FD_CLOEXEC) != 0;
        return 0;
    case LX_F_GETFL:
        return f->flags;
    case LX_F_SETFL:
        return set_flags(f, a[2]);
    }
    return -RF_EINVAL;
}
