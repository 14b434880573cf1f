/* SPDX-License-Identifier: BSD-2-Clause */
#include <reent.h>
#include <stdlib.h>

/* The C library's printf names the heap, and never uses it for text of a given size. */

void *_malloc_r(struct _reent *r, size_t size)
{
    (void)r;
    (void)size;
    return NULL;
}

void *_realloc_r(struct _reent *r, void *p, size_t size)
{
    (void)r;
    (void)p;
    (void)size;
    return NULL;
}

void _free_r(struct _reent *r, void *p)
{
    (void)r;
    (void)p;
}
