/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/early.h"

#include "arch/dma.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/mask.h"
#include "lib/pt/early.h"
#include "lib/pt/pt.h"

/* The start-up tables, taken from the early pages in ascending order, while those of start.S lie at
 * their end. The few entry bits that lib/pt's format has are repeated here; mmu_init() adopts these
 * tables. */

/* SDM 3A 4.5.4 */
#define ENTRY_PRESENT  BIT(0)
#define ENTRY_WRITABLE BIT(1)
#define ENTRY_ACCESSED BIT(5)
#define ENTRY_DIRTY    BIT(6)
#define ENTRY_NX       BIT(63)

static struct {
    struct pt_early tables;
    uint64_t root;     /* of everything */
    uint64_t identity; /* first page of the identity map's tables */
} early;

static uint64_t leaf_bits(unsigned prot)
{
    return ENTRY_PRESENT | ENTRY_ACCESSED | (prot & PT_WRITE ? ENTRY_WRITABLE | ENTRY_DIRTY : 0) |
           (prot & PT_EXEC ? 0 : ENTRY_NX);
}

/* Whole pages, at their physical address plus `base`. */
static bool map_pages(uint64_t base, uint64_t pa, uint64_t end, unsigned prot)
{
    pa = align_down(pa, PAGE_SIZE);
    return pt_early_map(&early.tables, early.root, base + pa, pa, end, leaf_bits(prot));
}

static bool map_part(void *ctx, char *start, char *end, unsigned prot)
{
    (void)ctx;
    return map_pages(LINEAR_BASE, (uint64_t)start, (uint64_t)end, prot);
}

/* The identity map comes last, so that its tables are free again after it. */
uint64_t early_map(void)
{
    early.tables = (struct pt_early){
        .next = (uint64_t)__early_pages_start,
        .end = (uint64_t)__early_pages_end - EARLY_START_PAGES * PAGE_SIZE,
        .table = ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_ACCESSED,
    };
    early.root = pt_early_table(&early.tables);
    if (early.root == 0 || !image_for_each_part(map_part, NULL))
        return 0;
    early.identity = early.tables.next;
    if (!map_pages(0, (uint64_t)_start, (uint64_t)start_end, PT_READ | PT_EXEC))
        return 0;
    return early.root;
}

void early_map_is_live(void)
{
    uint64_t identity_va = (uint64_t)_start - LINEAR_BASE;

    early.tables.offset = LINEAR_BASE;
    dma_store64(pt_early_root_entry(&early.tables, early.root, identity_va), 0);
    SYSREG_WRITE(cr3, early.root);
    early.tables.next = early.identity;
    early.tables.end = (uint64_t)__early_pages_end - LINEAR_BASE;
}

/* An entry that was not present is not cached (SDM 3A 4.10.2.3). */
bool early_map_readonly(uint64_t pa, uint64_t size)
{
    return map_pages(LINEAR_BASE, pa, pa + size, PT_READ);
}

uint64_t early_pages_left(void)
{
    return early.tables.next;
}
