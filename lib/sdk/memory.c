/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/sdk/sdk.h"

void *_sbrk(ptrdiff_t increment);

void *_sbrk(ptrdiff_t increment)
{
    static char *top;
    char *old;

    if (!top)
        top = (char *)sdk_syscall4(NR_brk, 0, 0, 0, 0);
    old = top;
    if ((char *)sdk_syscall4(NR_brk, (long)(old + increment), 0, 0, 0) != old + increment) {
        errno = ENOMEM;
        return (void *)-1;
    }
    top = old + increment;
    return old;
}

void *mmap(void *address, size_t n, int prot, int flags, int fd, off_t offset)
{
    return (void *)SYS6(NR_mmap, address, n, prot, flags, fd, offset);
}

int munmap(void *address, size_t n)
{
    return (int)SYS2(NR_munmap, address, n);
}

int mprotect(void *address, size_t n, int prot)
{
    return (int)SYS3(NR_mprotect, address, n, prot);
}

int madvise(void *address, size_t n, int advice)
{
    return (int)SYS3(NR_madvise, address, n, advice);
}

/* newlib declares it, and calls it for aligned_alloc, but leaves it to the system. */
int posix_memalign(void **out, size_t alignment, size_t n)
{
    void *p;

    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    p = memalign(alignment, n);
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}
