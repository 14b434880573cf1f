/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/mem/heap.h"
#include "lib/sys/calls.h"
#include "lib/sys/node.h"
#include "lib/sys/uaccess.h"

/* /dev/null, /dev/zero, /dev/urandom. */

static int64_t no_data(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    (void)f, (void)uaddr, (void)n, (void)pos;
    return 0;
}

static int64_t swallow(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    (void)f, (void)uaddr, (void)pos;
    return (int64_t)n;
}

static int64_t zeros(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    (void)f, (void)pos;
    return copy_zero(uaddr, n) != 0 ? -RF_EFAULT : (int64_t)n;
}

static int64_t noise(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos)
{
    (void)f, (void)pos;
    return sys_getrandom((const uint64_t[]){uaddr, n, 0});
}

static int fresh_memory(struct file *f, uint64_t offset, uint64_t size)
{
    (void)f, (void)offset, (void)size;
    return 0;
}

static void char_stat(struct file *f, struct file_stat *st)
{
    (void)f;
    st->mode = LX_S_IFCHR | 0666;
}

static void release(struct file *f)
{
    heap_free(f);
}

static const struct file_ops null_ops = {
    .name = "/dev/null", .read = no_data, .write = swallow, .stat = char_stat, .release = release};
static const struct file_ops zero_ops = {
    .name = "/dev/zero",
    .read = zeros,
    .write = swallow,
    .mmap = fresh_memory,
    .stat = char_stat,
    .release = release,
};
static const struct file_ops random_ops = {
    .name = "/dev/urandom",
    .read = noise,
    .write = swallow,
    .stat = char_stat,
    .release = release,
};

static int make(const struct file_ops *ops, unsigned flags, struct file **out)
{
    struct file *f = heap_alloc(sizeof(*f));
    if (f == NULL)
        return -RF_ENOMEM;
    file_init(f, ops, flags);
    f->positional = true;
    *out = f;
    return 0;
}

int null_open(const struct node *n, unsigned flags, struct file **out)
{
    (void)n;
    return make(&null_ops, flags, out);
}

int zero_open(const struct node *n, unsigned flags, struct file **out)
{
    (void)n;
    return make(&zero_ops, flags, out);
}

int random_open(const struct node *n, unsigned flags, struct file **out)
{
    (void)n;
    return make(&random_ops, flags, out);
}
