/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pt/early.h"

#include "arch/dma.h"
#include "lib/base/mask.h"

/* Common to both architectures (DDI 0487 D8.3, SDM 3A 4.5.4); what is above bit 51 or below bit 12
 * is each one's own. */
#define ENTRY_ADDRESS MASK(51, 12)
#define TABLE_WORDS   512
#define INDEX_BITS    9
#define TOP_SHIFT     39

static uint64_t *entry_of(const struct pt_early *e, uint64_t table, uint64_t va, unsigned shift)
{
    return (uint64_t *)(table + e->offset) + (va >> shift) % TABLE_WORDS;
}

uint64_t pt_early_table(struct pt_early *e)
{
    uint64_t table = e->next;

    if (table == e->end)
        return 0;
    e->next += PAGE_SIZE;
    for (unsigned i = 0; i < TABLE_WORDS; i++)
        dma_store64((uint64_t *)(table + e->offset) + i, 0);
    return table;
}

uint64_t *pt_early_root_entry(const struct pt_early *e, uint64_t root, uint64_t va)
{
    return entry_of(e, root, va, TOP_SHIFT);
}

static bool map_page(struct pt_early *e, uint64_t root, uint64_t va, uint64_t entry)
{
    uint64_t table = root;

    for (unsigned shift = TOP_SHIFT; shift > PAGE_LG2; shift -= INDEX_BITS) {
        uint64_t *link = entry_of(e, table, va, shift);

        table = dma_load64(link) & ENTRY_ADDRESS;
        if (table == 0) {
            table = pt_early_table(e);
            if (table == 0)
                return false;
            dma_store64(link, table | e->table);
        }
    }
    dma_store64(entry_of(e, table, va, PAGE_LG2), entry);
    return true;
}

bool pt_early_map(struct pt_early *e, uint64_t root, uint64_t va, uint64_t pa, uint64_t end,
                  uint64_t leaf)
{
    for (; pa < end; va += PAGE_SIZE, pa += PAGE_SIZE)
        if (!map_page(e, root, va, pa | leaf))
            return false;
    return true;
}
