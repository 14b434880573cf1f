/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BASE_ERR_H
#define RF_BASE_ERR_H

/* Errors are negative values of this list. The numbers are Linux's, because they reach the workload
 * unchanged; a C library's <errno.h> may number them differently (newlib does). */
#define RF_ERRORS(X)    \
    X(EPERM, 1)         \
    X(ENOENT, 2)        \
    X(ESRCH, 3)         \
    X(EINTR, 4)         \
    X(EIO, 5)           \
    X(ENXIO, 6)         \
    X(E2BIG, 7)         \
    X(ENOEXEC, 8)       \
    X(EBADF, 9)         \
    X(EAGAIN, 11)       \
    X(ENOMEM, 12)       \
    X(EACCES, 13)       \
    X(EFAULT, 14)       \
    X(EBUSY, 16)        \
    X(EEXIST, 17)       \
    X(EXDEV, 18)        \
    X(ENODEV, 19)       \
    X(ENOTDIR, 20)      \
    X(EISDIR, 21)       \
    X(EINVAL, 22)       \
    X(EMFILE, 24)       \
    X(ENOTTY, 25)       \
    X(EFBIG, 27)        \
    X(ENOSPC, 28)       \
    X(ESPIPE, 29)       \
    X(EROFS, 30)        \
    X(EPIPE, 32)        \
    X(ERANGE, 34)       \
    X(ENAMETOOLONG, 36) \
    X(ENOSYS, 38)       \
    X(ELOOP, 40)        \
    X(EOVERFLOW, 75)    \
    X(EBADFD, 77)       \
    X(EOPNOTSUPP, 95)   \
    X(ETIMEDOUT, 110)

#define RF_ERROR_ENUM(name, number) RF_##name = number,
enum { RF_ERRORS(RF_ERROR_ENUM) };
#undef RF_ERROR_ENUM

/* "EINVAL" for -RF_EINVAL or RF_EINVAL; "E?" for a number outside the list. */
const char *err_name(int err);

#endif
