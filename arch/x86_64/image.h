/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_IMAGE_H
#define RF_X86_64_IMAGE_H

#include "lib/base/range.h"

/* Addresses of linker/x86_64.lds. Hidden, so that they are reached relative to the program
 * counter: start-up code uses them before the image is relocated. Parts are page aligned. */
#pragma GCC visibility push(hidden)
extern char __image_start[], __image_end[];
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[];
extern char __relro_start[], __relro_end[];
extern char __data_start[], __bss_start[], __bss_end[];
extern char __stack_bottom[], __stack_top[];
extern char __early_pages_start[], __early_pages_end[];
extern char __relr_start[], __relr_end[];

/* The part of start.S that runs in the identity map. */
extern char _start[], start_end[];
#pragma GCC visibility pop

/* The image's parts with the rights they have in the linear map (PT_READ, PT_WRITE, PT_EXEC of
 * lib/pt/pt.h); what lies between them, as the page below the stack, is not mapped. False as soon
 * as fn says so. Works at whatever address the image runs. */
typedef bool (*image_part_fn)(void *ctx, char *start, char *end, unsigned prot);
bool image_for_each_part(image_part_fn fn, void *ctx);

/* Where the image is in physical memory, with everything of it; only in the linear map. */
struct range image_range(void);

#endif
