/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/mem/heap.h"

#include <stdlib.h>

#include "lib/mem/inject.h"

static size_t objects;

void *heap_alloc(size_t n)
{
    void *p = inject_hit() ? NULL : calloc(1, n);

    objects += p != NULL;
    return p;
}

void heap_free(void *p)
{
    objects -= p != NULL;
    free(p);
}

size_t heap_count(void)
{
    return objects;
}
