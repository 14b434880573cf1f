/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "lib/sdk/sdk.h"

/* The kernel speaks Linux's error numbers; the C library has its own from 35 on. */
static const unsigned short from_linux[] = {
    [35] = EDEADLK,    [36] = ENAMETOOLONG, [37] = ENOLCK,   [38] = ENOSYS,     [39] = ENOTEMPTY,
    [40] = ELOOP,      [61] = ENODATA,      [62] = ETIME,    [71] = EPROTO,     [75] = EOVERFLOW,
    [77] = EBADF,      [84] = EILSEQ,       [90] = EMSGSIZE, [95] = EOPNOTSUPP, [98] = EADDRINUSE,
    [110] = ETIMEDOUT, [125] = ECANCELED,
};

/* Below -4095 it is an address. */
long sdk_fail(long result)
{
    unsigned long err;

    if (result < -4095)
        return result;
    err = (unsigned long)-result;
    if (err > 34)
        err = err < sizeof(from_linux) / sizeof(from_linux[0]) && from_linux[err] ? from_linux[err]
                                                                                  : EIO;
    errno = (int)err;
    return -1;
}
