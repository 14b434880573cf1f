/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sdk/sdk.h"

/* Hooks of newlib (reent calls them with an underscore). */
int _open(const char *path, int flags, ...);
int _close(int fd);
ssize_t _read(int fd, void *buffer, size_t n);
ssize_t _write(int fd, const void *buffer, size_t n);
off_t _lseek(int fd, off_t offset, int whence);
int _fstat(int fd, struct stat *st);
int _stat(const char *path, struct stat *st);
int _isatty(int fd);
int _unlink(const char *path);
int _link(const char *from, const char *to);

/* newlib numbers open's flags in its own way. */
static const struct {
    int own, linux_flag;
} open_flags[] = {
    {O_APPEND, 0x400},
    {O_CREAT, 0x40},
    {O_TRUNC, 0x200},
    {O_EXCL, 0x80},
    {O_NONBLOCK, 0x800},
#ifdef O_CLOEXEC
    {O_CLOEXEC, 0x80000},
#endif
#ifdef O_DIRECTORY
    {O_DIRECTORY, LINUX_O_DIRECTORY},
#endif
};

static int to_linux_flags(int flags)
{
    int out = flags & O_ACCMODE;

    for (size_t i = 0; i < sizeof(open_flags) / sizeof(open_flags[0]); i++)
        if (flags & open_flags[i].own)
            out |= open_flags[i].linux_flag;
    return out;
}

int _open(const char *path, int flags, ...)
{
    return (int)SYS4(NR_openat, AT_FDCWD_LINUX, path, to_linux_flags(flags), 0);
}

int _close(int fd)
{
    return (int)SYS1(NR_close, fd);
}

ssize_t _read(int fd, void *buffer, size_t n)
{
    return SYS3(NR_read, fd, buffer, n);
}

ssize_t _write(int fd, const void *buffer, size_t n)
{
    return SYS3(NR_write, fd, buffer, n);
}

ssize_t pread(int fd, void *buffer, size_t n, off_t offset)
{
    return SYS4(NR_pread64, fd, buffer, n, offset);
}

ssize_t pwrite(int fd, const void *buffer, size_t n, off_t offset)
{
    return SYS4(NR_pwrite64, fd, buffer, n, offset);
}

off_t _lseek(int fd, off_t offset, int whence)
{
    return SYS3(NR_lseek, fd, offset, whence);
}

int _fstat(int fd, struct stat *st)
{
    struct linux_stat k;

    if (SYS2(NR_fstat, fd, &k))
        return -1;
    memset(st, 0, sizeof(*st));
    st->st_mode = k.mode;
    st->st_size = k.size;
    st->st_nlink = (nlink_t)k.nlink;
    st->st_blksize = (blksize_t)k.blksize;
    st->st_ino = (ino_t)k.ino;
    return 0;
}

int _stat(const char *path, struct stat *st)
{
    int fd = _open(path, O_RDONLY);
    int r;

    if (fd < 0)
        return -1;
    r = _fstat(fd, st);
    _close(fd);
    return r;
}

int _isatty(int fd)
{
    struct stat st;

    return _fstat(fd, &st) == 0 && S_ISCHR(st.st_mode);
}

ssize_t readlink(const char *path, char *buffer, size_t n)
{
    return SYS4(NR_readlinkat, AT_FDCWD_LINUX, path, buffer, n);
}

/* ioctl() is declared with "..." for its third argument, which comes in the same register. */
int sdk_ioctl(int fd, unsigned long request, void *arg) __asm__("ioctl");
int sdk_ioctl(int fd, unsigned long request, void *arg)
{
    return (int)SYS3(NR_ioctl, fd, request, arg);
}

int dup(int fd)
{
    return (int)SYS1(NR_dup, fd);
}

int dup2(int fd, int to)
{
    return fd == to ? fd : (int)SYS3(NR_dup3, fd, to, 0);
}

/* There is no file system to change. */
int _unlink(const char *path)
{
    (void)path;
    errno = EROFS;
    return -1;
}

int _link(const char *from, const char *to)
{
    (void)from;
    (void)to;
    errno = EROFS;
    return -1;
}

SDK_PLAIN_NAME(open);
SDK_PLAIN_NAME(close);
SDK_PLAIN_NAME(read);
SDK_PLAIN_NAME(write);
SDK_PLAIN_NAME(lseek);
SDK_PLAIN_NAME(fstat);
SDK_PLAIN_NAME(stat);
SDK_PLAIN_NAME(isatty);
SDK_PLAIN_NAME(unlink);
SDK_PLAIN_NAME(link);
