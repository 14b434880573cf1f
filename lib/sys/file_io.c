/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/sys/calls.h"
#include "lib/sys/file.h"
#include "lib/sys/uaccess.h"

/* Reading, writing and asking about open files. */

typedef int64_t (*move_fn)(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos);

/* The way that data goes: which descriptors may, and by which operation. */
struct direction {
    unsigned refused_mode;
    size_t op; /* offset of the operation in struct file_ops */
};

static const struct direction reading = {LX_O_WRONLY, offsetof(struct file_ops, read)};
static const struct direction writing = {LX_O_RDONLY, offsetof(struct file_ops, write)};

static ALWAYS_INLINE int64_t move(struct file *f, const struct direction *d, uint64_t uaddr,
                                  uint64_t n, uint64_t pos)
{
    move_fn fn = *(const move_fn *)((const char *)f->ops + d->op);
    return fn == NULL ? -RF_EINVAL : fn(f, uaddr, MIN(n, LX_RW_MAX), pos);
}

static bool has_position(const struct file *f)
{
    return f->seekable || f->positional;
}

static ALWAYS_INLINE int64_t move_on(struct file *f, const struct direction *d, uint64_t uaddr,
                                     uint64_t n)
{
    if (!has_position(f))
        return move(f, d, uaddr, n, 0);
    int64_t done = move(f, d, uaddr, n, f->pos);
    if (done > 0)
        f->pos += (uint64_t)done;
    return done;
}

/* The file, if the descriptor lets data go that way. */
static ALWAYS_INLINE struct file *file_for(uint64_t fd, const struct direction *d)
{
    struct file *f = fd_get((int)fd);
    return f != NULL && (f->flags & LX_O_ACCMODE) != d->refused_mode ? f : NULL;
}

static ALWAYS_INLINE int64_t transfer(const uint64_t *a, const struct direction *d)
{
    struct file *f = file_for(a[0], d);
    return f == NULL ? -RF_EBADF : move_on(f, d, a[1], a[2]);
}

int64_t sys_read(const uint64_t *a)
{
    return transfer(a, &reading);
}

int64_t sys_write(const uint64_t *a)
{
    return transfer(a, &writing);
}

static ALWAYS_INLINE int64_t transfer_at(const uint64_t *a, const struct direction *d)
{
    struct file *f = file_for(a[0], d);
    if ((int64_t)a[3] < 0)
        return -RF_EINVAL;
    if (f == NULL)
        return -RF_EBADF;
    return has_position(f) ? move(f, d, a[1], a[2], a[3]) : -RF_ESPIPE;
}

int64_t sys_pread64(const uint64_t *a)
{
    return transfer_at(a, &reading);
}

int64_t sys_pwrite64(const uint64_t *a)
{
    return transfer_at(a, &writing);
}

/* Piece by piece until one is short. What was moved before an error counts, not the error. */
static int64_t transfer_vector(const uint64_t *a, const struct direction *d)
{
    struct file *f = file_for(a[0], d);
    if (f == NULL)
        return -RF_EBADF;
    if (a[2] > LX_IOV_MAX)
        return -RF_EINVAL;
    int64_t total = 0;
    for (uint64_t i = 0; i < a[2]; i++) {
        struct lx_iovec v;
        int64_t done = copy_in(&v, a[1] + i * sizeof(v), sizeof(v));
        if (done == 0 && v.len != 0)
            done = move_on(f, d, v.base, MIN(v.len, LX_RW_MAX - (uint64_t)total));
        if (done < 0)
            return total != 0 ? total : done;
        total += done;
        if ((uint64_t)done < v.len)
            break;
    }
    return total;
}

int64_t sys_readv(const uint64_t *a)
{
    return transfer_vector(a, &reading);
}

int64_t sys_writev(const uint64_t *a)
{
    return transfer_vector(a, &writing);
}

int64_t sys_lseek(const uint64_t *a)
{
    struct file *f = fd_get((int)a[0]);
    if (f == NULL)
        return -RF_EBADF;
    if (!f->seekable)
        return -RF_ESPIPE;
    struct file_stat st;
    file_stat(f, &st);
    const int64_t base[] = {
        [LX_SEEK_SET] = 0, [LX_SEEK_CUR] = (int64_t)f->pos, [LX_SEEK_END] = (int64_t)st.size};
    int64_t pos;
    if (a[2] >= ARRAY_SIZE(base) || __builtin_add_overflow(base[a[2]], (int64_t)a[1], &pos) ||
        pos < 0)
        return -RF_EINVAL;
    f->pos = (uint64_t)pos;
    return pos;
}

int64_t sys_ioctl(const uint64_t *a)
{
    struct file *f = fd_get((int)a[0]);
    if (f == NULL)
        return -RF_EBADF;
    return f->ops->ioctl == NULL ? -RF_ENOTTY : f->ops->ioctl(f, (unsigned)a[1], a[2]);
}

int64_t sys_getdents64(const uint64_t *a)
{
    struct file *f = fd_get((int)a[0]);
    if (f == NULL)
        return -RF_EBADF;
    return f->ops->getdents == NULL ? -RF_ENOTDIR : f->ops->getdents(f, a[1], (unsigned)a[2]);
}

int64_t sys_fstat(const uint64_t *a)
{
    struct file *f = fd_get((int)a[0]);
    if (f == NULL)
        return -RF_EBADF;
    struct file_stat st;
    file_stat(f, &st);
    return abi()->stat_out(a[1], &st);
}
