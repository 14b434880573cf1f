/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/early.h"

#include "arch/dma.h"
#include "arch/x86_64/image.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/mask.h"
#include "lib/pt/pt.h"

/* The start-up tables: 4K pages only, tables taken from the early pages in ascending order, while
 * those of start.S lie at their end. lib/pt cannot be used yet (its formats are tables of
 * pointers), so the few entry bits are repeated here; mmu_init() adopts these tables. */

/* SDM 3A 4.5.4 */
#define ENTRY_PRESENT  BIT(0)
#define ENTRY_WRITABLE BIT(1)
#define ENTRY_ACCESSED BIT(5)
#define ENTRY_DIRTY    BIT(6)
#define ENTRY_ADDRESS  MASK(51, 12)
#define ENTRY_NX       BIT(63)

#define TABLE_WORDS 512
#define INDEX_BITS  9
#define TOP_SHIFT   39

static struct {
    uint64_t offset;   /* what makes a physical address one that can be used now */
    uint64_t next;     /* first free early page */
    uint64_t end;      /* of the early pages */
    uint64_t root;     /* of everything */
    uint64_t identity; /* first page of the identity map's tables */
} early;

static uint64_t *table_at(uint64_t pa)
{
    return (uint64_t *)(pa + early.offset);
}

/* A zeroed table, or 0 when there is none left. */
static uint64_t new_table(void)
{
    uint64_t pa = early.next;
    if (pa == early.end)
        return 0;
    early.next += PAGE_SIZE;
    for (unsigned i = 0; i < TABLE_WORDS; i++)
        dma_store64(&table_at(pa)[i], 0);
    return pa;
}

static uint64_t leaf_rights(unsigned prot)
{
    return (prot & PT_WRITE ? ENTRY_WRITABLE | ENTRY_DIRTY : 0) | (prot & PT_EXEC ? 0 : ENTRY_NX);
}

static bool map_page(uint64_t va, uint64_t pa, unsigned prot)
{
    uint64_t table = early.root;
    uint64_t *entry;

    for (unsigned shift = TOP_SHIFT;; shift -= INDEX_BITS) {
        entry = &table_at(table)[(va >> shift) % TABLE_WORDS];
        if (shift == PAGE_LG2)
            break;
        table = dma_load64(entry) & ENTRY_ADDRESS;
        if (table == 0) {
            table = new_table();
            if (table == 0)
                return false;
            dma_store64(entry, table | ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_ACCESSED);
        }
    }
    dma_store64(entry, pa | ENTRY_PRESENT | ENTRY_ACCESSED | leaf_rights(prot));
    return true;
}

/* Runs of pages, at their physical address plus `base`. */
static bool map_pages(uint64_t base, uint64_t pa, uint64_t end, unsigned prot)
{
    for (pa = align_down(pa, PAGE_SIZE); pa < end; pa += PAGE_SIZE)
        if (!map_page(base + pa, pa, prot))
            return false;
    return true;
}

static bool map_part(void *ctx, char *start, char *end, unsigned prot)
{
    (void)ctx;
    return map_pages(LINEAR_BASE, (uint64_t)start, (uint64_t)end, prot);
}

/* The identity map comes last, so that its tables are free again after it. */
uint64_t early_map(void)
{
    early.offset = 0;
    early.next = (uint64_t)__early_pages_start;
    early.end = (uint64_t)__early_pages_end - EARLY_START_PAGES * PAGE_SIZE;
    early.root = new_table();
    if (early.root == 0 || !image_for_each_part(map_part, NULL))
        return 0;
    early.identity = early.next;
    if (!map_pages(0, (uint64_t)_start, (uint64_t)start_end, PT_READ | PT_EXEC))
        return 0;
    return early.root;
}

void early_map_is_live(void)
{
    uint64_t identity_va = (uint64_t)_start - LINEAR_BASE;

    early.offset = LINEAR_BASE;
    dma_store64(&table_at(early.root)[(identity_va >> TOP_SHIFT) % TABLE_WORDS], 0);
    SYSREG_WRITE(cr3, early.root);
    early.next = early.identity;
    early.end = (uint64_t)__early_pages_end - LINEAR_BASE;
}

/* An entry that was not present is not cached (SDM 3A 4.10.2.3). */
bool early_map_readonly(uint64_t pa, uint64_t size)
{
    return map_pages(LINEAR_BASE, pa, pa + size, PT_READ);
}

uint64_t early_pages_left(void)
{
    return early.next;
}
