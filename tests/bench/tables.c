/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <valgrind/callgrind.h>

#include "arch/mem.h"
#include "lib/base/panic.h"
#include "lib/mem/page.h"
#include "lib/pt/pt.h"

/* What the page-table library costs, as a program under callgrind: each measured part ends with a
 * dump that bears its name, and "name units" on the standard output says what it is divided by. The
 * table is an SMMU's with 4 KiB pages and 48 bits. */

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

void mem_zero_pages(void *p, uint64_t n)
{
    memset(p, 0, n);
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

static void measure(const struct part *p)
{
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    p->run(p->n);
    CALLGRIND_DUMP_STATS_AT(p->name);
    CALLGRIND_STOP_INSTRUMENTATION;
    printf("%s\t%lu\n", p->name, (unsigned long)p->n);
}

/* All are run once before: the allocator has cut up its largest block then. */
int main(void)
{
    start();
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        parts[i].run(parts[i].n);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        measure(&parts[i]);
    return 0;
}
