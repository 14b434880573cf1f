/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/sdk/sdk.h"

struct sdk_dir {
    int fd;
    long used, next; /* bytes in buffer, read position */
    char buffer[2048] __attribute__((aligned(8)));
};

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY);
    DIR *d;

    if (fd < 0)
        return NULL;
    d = calloc(1, sizeof(*d));
    if (!d) {
        close(fd);
        errno = ENOMEM;
        return NULL;
    }
    d->fd = fd;
    return d;
}

struct dirent *readdir(DIR *d)
{
    struct dirent *e;

    if (d->next >= d->used) {
        d->next = 0;
        d->used = SYS3(NR_getdents64, d->fd, d->buffer, sizeof(d->buffer));
        if (d->used <= 0)
            return NULL;
    }
    e = (struct dirent *)(d->buffer + d->next);
    d->next += e->d_reclen;
    return e;
}

int closedir(DIR *d)
{
    int r = close(d->fd);

    free(d);
    return r;
}
