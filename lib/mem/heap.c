/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/mem/heap.h"

#include <stdlib.h>

#include "lib/mem/inject.h"

void *heap_alloc(size_t n)
{
    return inject_hit() ? NULL : calloc(1, n);
}

void heap_free(void *p)
{
    free(p);
}
