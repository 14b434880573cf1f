/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/dma.h"

#include <string.h>

#include "arch/barrier.h"
#include "arch/host/host.h"
#include "arch/host/reset.h"
#include "arch/mem.h"

/* A store buffer that empties itself in random order. */
#define PARKED_MAX 4096

static struct parked {
    char *p;
    uint64_t v;
    unsigned width;
} parked[PARKED_MAX]; /* in program order */
static size_t parked_count;
static bool parking;
static uint64_t random_state;

static void (*store_hook)(void *ctx, paddr_t pa, unsigned width);
static void *store_ctx;
static void (*cache_hook)(void *ctx, enum host_cache_op op, paddr_t pa, size_t n);
static void *cache_ctx;
static void (*sync_hook)(void *ctx);
static void *sync_ctx;

/* xorshift64*: G. Marsaglia, "Xorshift RNGs"; S. Vigna, ACM TOMS 42(4). */
static uint64_t random_below(uint64_t n)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return ((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 32) % n;
}

static void make_visible(const struct parked *s)
{
    if (s->width == 8) {
        *(volatile uint64_t *)(void *)s->p = s->v;
    } else {
        *(volatile uint32_t *)(void *)s->p = (uint32_t)s->v;
    }
    if (store_hook != NULL)
        store_hook(store_ctx, ptr_to_paddr(s->p), s->width);
}

static bool same_place(const struct parked *s, const char *p, size_t n)
{
    return s->p < p + n && p < s->p + s->width;
}

/* Releases the first store to the place that store i is about: those keep their order. */
static void release_one(size_t i)
{
    size_t first = 0;

    while (!same_place(&parked[first], parked[i].p, parked[i].width))
        first++;
    struct parked s = parked[first];
    parked_count--;
    memmove(&parked[first], &parked[first + 1], (parked_count - first) * sizeof(parked[0]));
    make_visible(&s); /* last: the hook may look at the other stores */
}

void host_park_release(void)
{
    while (parked_count != 0)
        release_one(random_below(parked_count));
}

void host_park_sync(void)
{
    host_park_release();
    if (sync_hook != NULL)
        sync_hook(sync_ctx);
}

void host_park_step(void)
{
    while (parked_count != 0 && random_below(4) == 0)
        release_one(random_below(parked_count));
}

void host_park_enable(uint64_t seed)
{
    host_park_release();
    parking = true;
    random_state = seed * 2 + 1; /* never 0 */
}

void host_park_disable(void)
{
    host_park_release();
    parking = false;
}

size_t host_park_count(void)
{
    return parked_count;
}

void host_park_reset(void)
{
    parked_count = 0;
    parking = false;
    store_hook = NULL;
    cache_hook = NULL;
    sync_hook = NULL;
}

void host_store_hook(void (*fn)(void *ctx, paddr_t pa, unsigned width), void *ctx)
{
    store_hook = fn;
    store_ctx = ctx;
}

void host_cache_hook(void (*fn)(void *ctx, enum host_cache_op op, paddr_t pa, size_t n), void *ctx)
{
    cache_hook = fn;
    cache_ctx = ctx;
}

void host_sync_hook(void (*fn)(void *ctx), void *ctx)
{
    sync_hook = fn;
    sync_ctx = ctx;
}

void host_dma_store(void *p, uint64_t v, unsigned width)
{
    struct parked s = {p, v, width};

    if ((uintptr_t)p % width != 0)
        host_abort("dma_store of %u bytes at %p is not aligned", width, p);
    if (!parking) {
        make_visible(&s);
        return;
    }
    host_park_step();
    if (parked_count == PARKED_MAX)
        release_one(random_below(parked_count));
    parked[parked_count++] = s;
}

uint64_t host_dma_load(const void *p, unsigned width)
{
    unsigned char bytes[8] = {0};
    uint64_t v;

    if ((uintptr_t)p % width != 0)
        host_abort("dma_load of %u bytes at %p is not aligned", width, p);
    host_park_step();
    memcpy(bytes, p, width);
    for (size_t i = 0; i < parked_count; i++)
        for (unsigned b = 0; b < parked[i].width; b++) {
            ptrdiff_t at = parked[i].p + b - (const char *)p;
            if (at >= 0 && at < (ptrdiff_t)width)
                bytes[at] = (unsigned char)(parked[i].v >> (8 * b));
        }
    memcpy(&v, bytes, sizeof(v));
    return v;
}

/* Cache maintenance comes after the stores to the same place. */
static void maintain(enum host_cache_op op, const void *p, size_t n)
{
    for (size_t i = 0; i < parked_count;) {
        if (same_place(&parked[i], p, n)) {
            release_one(i);
            i = 0;
        } else {
            i++;
        }
    }
    if (cache_hook != NULL && n != 0)
        cache_hook(cache_ctx, op, ptr_to_paddr(p), n);
}

void dma_clean(const void *p, size_t n)
{
    maintain(HOST_CACHE_CLEAN, p, n);
}

void dma_inval(const void *p, size_t n)
{
    maintain(HOST_CACHE_INVAL, p, n);
}
