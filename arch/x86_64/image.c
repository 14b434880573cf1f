/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/image.h"

#include "arch/mem.h"
#include "lib/pt/pt.h"

/* Calls, not a table: pointers in a table have to be relocated first. */
bool image_for_each_part(image_part_fn fn, void *ctx)
{
    const unsigned rw = PT_READ | PT_WRITE;

    return fn(ctx, __text_start, __text_end, PT_READ | PT_EXEC) &&
           fn(ctx, __rodata_start, __rodata_end, PT_READ) &&
           fn(ctx, __relro_start, __relro_end, PT_READ) && fn(ctx, __data_start, __bss_end, rw) &&
           fn(ctx, __stack_bottom, __stack_top, rw) &&
           fn(ctx, __early_pages_start, __early_pages_end, rw);
}

struct range image_range(void)
{
    return (struct range){ptr_to_paddr(__image_start).v, ptr_to_paddr(__image_end).v - 1};
}
