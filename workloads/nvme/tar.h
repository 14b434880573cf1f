/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NVME_TAR_H
#define NVME_TAR_H

#include <stdint.h>

/* The header of the first file of a POSIX ustar archive (IEEE 1003.1, pax, "ustar Interchange
 * Format"): its name and size. 0, or -1: this is no such archive (magic or check sum is wrong). */
struct tar_file {
    char name[101];
    uint64_t size;
};
#define TAR_BLOCK 512u

int tar_first(const uint8_t header[TAR_BLOCK], struct tar_file *out);

#endif
