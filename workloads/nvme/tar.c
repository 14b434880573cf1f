/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/nvme/tar.h"

#include <stdlib.h>
#include <string.h>

#define NAME     0
#define SIZE     124
#define CHECKSUM 148
#define MAGIC    257

/* The sum of all bytes, with the check sum's own eight taken as blanks. */
static unsigned checksum(const uint8_t *h)
{
    unsigned sum = 8 * ' ';

    for (unsigned i = 0; i < TAR_BLOCK; i++)
        if (i < CHECKSUM || i >= CHECKSUM + 8)
            sum += h[i];
    return sum;
}

static uint64_t octal(const uint8_t *h, unsigned n)
{
    char text[16] = "";

    memcpy(text, h, n);
    return strtoull(text, NULL, 8);
}

int tar_first(const uint8_t h[TAR_BLOCK], struct tar_file *out)
{
    if (memcmp(h + MAGIC, "ustar", 6) != 0 || octal(h + CHECKSUM, 8) != checksum(h))
        return -1;
    memset(out, 0, sizeof(*out));
    memcpy(out->name, h + NAME, 100);
    out->size = octal(h + SIZE, 12);
    return 0;
}
