/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "arch/dma.h"
#include "arch/mem.h"
#include "lib/base/panic.h"
#include "lib/mem/page.h"
#include "lib/pt/pt.h"
#include "tests/bench/measure.h"

/* What the page-table library costs. The table is an SMMU's with 4 KiB pages and 48 bits. */

#define RAM_BASE GIB(1)
#define RAM_SIZE MIB(64)
#define IOVA     GIB(4)
#define RIGHTS   (PT_READ | PT_WRITE | PT_USER)

static struct pt pt;
static struct pt_gather gather;

void panic(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    abort();
}

/* As the kernel's: with the widest store, 64 bytes a turn. */
void mem_zero_pages(void *p, uint64_t n)
{
    typedef uint64_t wide __attribute__((vector_size(16)));

    for (wide *at = p, *end = at + n / sizeof(wide); at < end; at += 4)
        at[0] = at[1] = at[2] = at[3] = (wide){0};
}

void dma_clean(const void *p, size_t n)
{
    (void)p, (void)n;
}

static void check(int err)
{
    if (err)
        panic("error %d\n", err);
}

static void start(void)
{
    const struct pt_config cfg = {
        .granule_lg2 = 12, .ias = 48, .oas = 48, .coherent = true, .keep = 16};

    if (mmap(paddr_to_ptr(PADDR(RAM_BASE)), RAM_SIZE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        panic("no memory\n");
    check(page_add_range((struct range){RAM_BASE, RAM_BASE + RAM_SIZE - 1}));
    check(pt_init(&pt, &pt_arm_s1, &cfg));
    pt_gather_init(&gather);
}

static void map(uint64_t iova, uint64_t pa, uint64_t size)
{
    check(pt_map(&pt, iova, PADDR(pa), size, RIGHTS));
}

static void unmap(uint64_t iova, uint64_t size)
{
    check(pt_unmap(&pt, iova, size, &gather, NULL));
    pt_gather_release(&gather);
}

/* ---- the parts, n units of work each --------------------------------------------------------- */

/* Addresses that agree modulo a page only, so that all leaves are pages. */
static void map_pages(uint64_t n)
{
    map(IOVA, KIB(4), n * KIB(4));
}

static void unmap_pages(uint64_t n)
{
    unmap(IOVA, n * KIB(4));
}

static void map_blocks(uint64_t n)
{
    map(IOVA, MIB(2), n * MIB(2));
}

static void unmap_blocks(uint64_t n)
{
    unmap(IOVA, n * MIB(2));
}

static void pairs(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        map(IOVA, MIB(2), KIB(4));
        unmap(IOVA, KIB(4));
    }
}

static const struct part {
    const char *name;
    void (*run)(uint64_t n);
    uint64_t n;
} parts[] = {
    {"bulk map, a page", map_pages, GIB(1) / KIB(4)},
    {"bulk unmap, a page", unmap_pages, GIB(1) / KIB(4)},
    {"map, a block of 2 MiB", map_blocks, 256},
    {"unmap, a block of 2 MiB", unmap_blocks, 256},
    {"a pair of map and unmap of a page", pairs, 1024},
};

/* All are run once before: the allocator has cut up its largest block then. */
int main(void)
{
    start();
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        parts[i].run(parts[i].n);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        measure(parts[i].name, parts[i].run, parts[i].n);
    return 0;
}
