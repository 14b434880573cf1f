/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/libc/hooks.h"

#include <errno.h>
#include <stdint.h>

#include "arch/mmu.h"
#include "lib/mem/page.h"

/* malloc wants one ascending run of addresses: pages are mapped as it grows, into a window of the
 * kernel's address space. It never gives any back. */
#define HEAP_MAX GIB(1)

static char *heap_base;
static uint64_t heap_mapped; /* bytes, whole pages */
static uint64_t heap_used;

static bool map_one_more(void)
{
    paddr_t page = page_alloc(0);

    if (!paddr_valid(page))
        return false;
    char *p = mmu_map_heap(heap_mapped, page, PAGE_SIZE);
    if (p == NULL) {
        page_free(page, 0);
        return false;
    }
    if (heap_mapped == 0)
        heap_base = p;
    heap_mapped += PAGE_SIZE;
    return true;
}

void *_sbrk(ptrdiff_t increment)
{
    if (increment < 0 || (uint64_t)increment > HEAP_MAX - heap_used)
        goto no_memory;
    /* At least one page is there, so that a request for 0 has an address to answer with. */
    while (heap_mapped < heap_used + (uint64_t)increment || heap_mapped == 0)
        if (!map_one_more())
            goto no_memory;

    char *old = heap_base + heap_used;
    heap_used += (uint64_t)increment;
    return old;

no_memory:
    errno = ENOMEM;
    return (void *)-1;
}
