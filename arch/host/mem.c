/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mem.h"

#include <string.h>
#include <sys/mman.h>

#include "arch/host/host.h"
#include "arch/host/reset.h"

static char *arena;
static struct range arena_range;

void host_arena_init(paddr_t base, uint64_t size)
{
    host_arena_fini();
    if (!is_aligned(base.v | size, PAGE_SIZE) || !range_make(base.v, size, &arena_range))
        host_abort("arena of 0x%lx bytes at 0x%lx", size, base.v);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        host_abort("no memory for an arena of 0x%lx bytes", size);
    arena = p;
}

void host_arena_fini(void)
{
    if (arena != NULL)
        munmap(arena, range_size(arena_range));
    arena = NULL;
}

bool host_arena_has(struct range r)
{
    return arena != NULL && range_contains(arena_range, r);
}

void *paddr_to_ptr(paddr_t pa)
{
    if (!host_arena_has((struct range){pa.v, pa.v}))
        host_abort("paddr_to_ptr: 0x%lx is outside the arena", pa.v);
    return arena + (pa.v - arena_range.start);
}

paddr_t ptr_to_paddr(const void *p)
{
    const char *c = p;

    if (arena == NULL || c < arena || c > arena + (range_size(arena_range) - 1))
        host_abort("ptr_to_paddr: %p is outside the arena", p);
    return PADDR(arena_range.start + (uint64_t)(c - arena));
}

void mem_zero_pages(void *p, uint64_t n)
{
    if (!is_aligned((uintptr_t)p | n, PAGE_SIZE))
        host_abort("mem_zero_pages: %p, 0x%lx: not whole pages", p, n);
    memset(p, 0, n);
}
