/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_FILE_H
#define RF_SYS_FILE_H

#include <sys/queue.h>

#include "lib/base/types.h"
#include "lib/sys/linux.h"

/* Open files and the table of their descriptors. */

struct file;

struct file_stat {
    uint32_t mode; /* LX_S_IF* and permissions */
    uint64_t ino;
    uint64_t rdev;
    uint64_t size;
};

/* What a kind of file can do; NULL: what Linux answers for a file that cannot. Sizes are at most
 * LX_RW_MAX. */
struct file_ops {
    const char *name;
    /* Bytes moved, or negative. pos is where; the caller advances f->pos. -RF_EINVAL if NULL. */
    int64_t (*read)(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos);
    int64_t (*write)(struct file *f, uint64_t uaddr, uint64_t n, uint64_t pos);
    int64_t (*ioctl)(struct file *f, unsigned cmd, uint64_t arg);    /* -RF_ENOTTY if NULL */
    int64_t (*getdents)(struct file *f, uint64_t uaddr, uint64_t n); /* -RF_ENOTDIR if NULL */
    unsigned (*poll)(struct file *f); /* LX_POLL*; NULL: always ready, and not for epoll */
    /* May these bytes be mapped? -RF_ENODEV if NULL. Without `page` the map is fresh memory. */
    int (*mmap)(struct file *f, uint64_t offset, uint64_t size);
    /* The registers behind an access: 0, -RF_EFAULT (never) or -RF_EIO (not now). */
    int (*page)(struct file *f, uint64_t offset, paddr_t *pa);
    void (*stat)(struct file *f, struct file_stat *st); /* NULL: an anonymous inode */
    void (*release)(struct file *f);                    /* the last reference went: frees it */
};

/* Somebody who knows a file without a reference to it. */
struct file_watch {
    /* The file is about to go: takes w out of its list. */
    void (*gone)(struct file_watch *w);
    LIST_ENTRY(file_watch) link;
};
LIST_HEAD(file_watches, file_watch);

/* Embedded in what the kind adds. */
struct file {
    const struct file_ops *ops;
    unsigned refs;
    unsigned flags;    /* LX_O_ACCMODE, LX_O_NONBLOCK, LX_O_APPEND */
    bool seekable;     /* has a position that lseek moves */
    bool positional;   /* pread and pwrite work */
    uint32_t activity; /* grows with each event, for edge-triggered epoll */
    uint64_t pos;
    struct file_watches watches;
};

#define FD_COUNT 256

/* Starts with one reference, which the caller owns. */
void file_init(struct file *f, const struct file_ops *ops, unsigned flags);
void file_get(struct file *f);
void file_put(struct file *f);

/* What fstat tells of it. */
void file_stat(struct file *f, struct file_stat *st);

extern struct fd {
    struct file *file;
    bool cloexec; /* remembered, though nothing is ever executed */
} fd_table[FD_COUNT];

/* The file behind a descriptor, or NULL; no reference is taken. */
static inline struct file *fd_get(int fd)
{
    return (unsigned)fd < FD_COUNT ? fd_table[fd].file : NULL;
}

/* Gives the file, with the caller's reference, the lowest free descriptor from `from` on.
 * -RF_EMFILE: the caller still owns the reference. */
int fd_install(struct file *f, bool cloexec, int from);

/* The same for a file that was just made: on failure it is released. */
int fd_install_new(struct file *f, unsigned flags);

int fd_close(int fd);
void fd_close_all(void);

/* Descriptors 0, 1 and 2. -RF_ENOMEM. */
int console_open(void);

#endif
