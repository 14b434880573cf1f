/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_IMAGE_H
#define RF_AARCH64_IMAGE_H

#include "lib/base/range.h"

/* Addresses of linker/aarch64.lds. Code reaches them relative to the program counter, so with
 * the MMU off they are the physical addresses. Parts are page aligned. */
extern char __image_start[], __image_end[];
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[];
extern char __data_start[], __bss_start[], __bss_end[];
extern char __stack_bottom[], __stack_top[];
extern char __early_pages_start[], __early_pages_end[];

/* The part of start.S that runs in the identity map. */
extern char _start[], start_end[];

/* Where the image is in physical memory, with everything of it. */
struct range image_range(void);

#endif
