/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/memory.h"

#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "arch/mem.h"

#define LINE 64u
#define PAGE 4096u

struct cleaned { /* on its way to memory */
    uint64_t pa;
    char line[LINE];
};

struct model_memory {
    char **page; /* NULL: never touched */
    uint64_t base, pages;
    struct cleaned *cleaned;
    unsigned count, room;
};

static bool reachable(uint64_t pa)
{
    return host_arena_has((struct range){pa, pa + 7});
}

/* Nothing in a page that was never cleaned may be relied on. */
static char *shadow_at(struct model_memory *s, uint64_t pa)
{
    char **page = &s->page[(pa - s->base) / PAGE];

    if (!*page) {
        *page = malloc(PAGE);
        memset(*page, 0xbb, PAGE); /* as an STE or an entry of a table it is valid */
    }
    return *page + pa % PAGE;
}

static volatile uint64_t *word(struct model_memory *s, uint64_t pa)
{
    if (s)
        return (volatile uint64_t *)(void *)shadow_at(s, pa);
    return paddr_to_ptr(PADDR(pa));
}

bool model_read64(struct model_memory *s, uint64_t pa, uint64_t *out)
{
    if (!reachable(pa))
        return false;
    *out = *word(s, pa);
    return true;
}

bool model_write64(struct model_memory *s, uint64_t pa, uint64_t value)
{
    if (!reachable(pa))
        return false;
    *word(s, pa) = value;
    return true;
}

static void send(struct model_memory *s, uint64_t pa)
{
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 64;
        s->cleaned = realloc(s->cleaned, s->room * sizeof(*s->cleaned));
    }
    s->cleaned[s->count].pa = pa;
    memcpy(s->cleaned[s->count++].line, paddr_to_ptr(PADDR(pa)), LINE);
}

static void cache_op(void *ctx, enum host_cache_op op, paddr_t pa, size_t n)
{
    struct model_memory *s = ctx;

    for (uint64_t at = align_down(pa.v, LINE); at < pa.v + n; at += LINE) {
        if (op == HOST_CACHE_CLEAN)
            send(s, at);
        else
            memcpy(paddr_to_ptr(PADDR(at)), shadow_at(s, at), LINE);
    }
}

static void arrive(void *ctx)
{
    struct model_memory *s = ctx;

    for (unsigned i = 0; i < s->count; i++)
        memcpy(shadow_at(s, s->cleaned[i].pa), s->cleaned[i].line, LINE);
    s->count = 0;
}

struct model_memory *model_memory_new_buffered(uint64_t base, uint64_t size)
{
    struct model_memory *s = calloc(1, sizeof(*s));

    s->base = base;
    s->pages = size / PAGE;
    s->page = calloc(s->pages, sizeof(*s->page));
    return s;
}

struct model_memory *model_memory_new(uint64_t base, uint64_t size)
{
    struct model_memory *s = model_memory_new_buffered(base, size);

    host_cache_hook(cache_op, s);
    host_sync_hook(arrive, s);
    return s;
}

void model_memory_flush(struct model_memory *s)
{
    for (uint64_t pa = s->base; pa < s->base + s->pages * PAGE; pa += PAGE)
        memcpy(shadow_at(s, pa), paddr_to_ptr(PADDR(pa)), PAGE);
}

void model_memory_free(struct model_memory *s)
{
    if (!s)
        return;
    host_cache_hook(NULL, NULL);
    host_sync_hook(NULL, NULL);
    for (uint64_t i = 0; i < s->pages; i++)
        free(s->page[i]);
    free(s->page);
    free(s->cleaned);
    free(s);
}
