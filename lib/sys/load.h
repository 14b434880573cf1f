/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_LOAD_H
#define RF_SYS_LOAD_H

#include "lib/sys/elf.h"
#include "lib/sys/sys.h"

/* A program's image and stack in the empty space. */

/* Where the image was put. */
struct load_image {
    uint64_t bias;  /* added to the file's addresses */
    uint64_t entry; /* with the bias */
    uint64_t phdr;
    uint16_t phnum;
    uint64_t end; /* after the last segment */
};

/* Maps the segments. -RF_ENOMEM; *why says it in words. */
int load_segments(const struct elf_image *elf, struct load_image *out, const char **why);

/* Makes the stack with arguments, environment and auxiliary vector; *sp is its top. -RF_E2BIG,
 * -RF_ENOMEM. */
int load_stack(const struct sys_config *cfg, const struct load_image *image, uint64_t *sp,
               const char **why);

#endif
