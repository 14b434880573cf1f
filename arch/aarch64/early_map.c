/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/early.h"

#include "arch/aarch64/image.h"
#include "arch/aarch64/layout.h"
#include "arch/dma.h"
#include "lib/base/mask.h"
#include "lib/pt/pt.h"

/* The start-up tables: 4K pages only, four levels, tables taken from the early pages in ascending
 * order. lib/pt cannot be used yet (its formats are tables of pointers), so the few descriptor bits
 * are repeated here; mmu_init() replaces these tables by ones of lib/pt. */

/* VMSAv8-64 descriptors, DDI 0487 D8.3 */
#define DESC_TABLE_OR_PAGE UINT64_C(3)
#define DESC_READ_ONLY     BIT(7) /* AP[2] */
#define DESC_SH_INNER      FIELD_PREP(MASK(9, 8), 3)
#define DESC_AF            BIT(10)
#define DESC_ADDRESS       MASK(47, 12)
#define DESC_PXN           BIT(53)
#define DESC_UXN           BIT(54)

#define TABLE_WORDS 512
#define INDEX_BITS  9
#define TOP_SHIFT   39

static struct {
    uint64_t offset;   /* what makes a physical address one that can be used now */
    uint64_t next;     /* first free early page */
    uint64_t end;      /* of the early pages */
    uint64_t ttbr1;    /* root of the kernel's half */
    uint64_t identity; /* first page of the identity map's tables */
    uint64_t image;    /* where it was loaded */
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
    uint64_t rights = DESC_UXN;
    if (!(prot & PT_WRITE))
        rights |= DESC_READ_ONLY;
    if (!(prot & PT_EXEC))
        rights |= DESC_PXN;
    return rights;
}

static bool map_page(uint64_t root, uint64_t va, uint64_t pa, unsigned prot)
{
    uint64_t table = root;
    uint64_t *entry;

    for (unsigned shift = TOP_SHIFT;; shift -= INDEX_BITS) {
        entry = &table_at(table)[(va >> shift) % TABLE_WORDS];
        if (shift == PAGE_LG2)
            break;
        table = dma_load64(entry) & DESC_ADDRESS;
        if (table == 0) {
            table = new_table();
            if (table == 0)
                return false;
            dma_store64(entry, table | DESC_TABLE_OR_PAGE);
        }
    }
    dma_store64(entry, pa | DESC_TABLE_OR_PAGE | DESC_AF | DESC_SH_INNER | leaf_rights(prot));
    return true;
}

static bool map_pages(uint64_t root, uint64_t va, uint64_t pa, uint64_t end, unsigned prot)
{
    for (; pa < end; va += PAGE_SIZE, pa += PAGE_SIZE)
        if (!map_page(root, va, pa, prot))
            return false;
    return true;
}

/* At the physical address (identity map), or at that plus LINEAR_BASE, whose low 48 bits are 0: the
 * same table indices. */
static bool map_same(uint64_t root, uint64_t pa, uint64_t end, unsigned prot)
{
    pa = align_down(pa, PAGE_SIZE);
    return map_pages(root, pa, pa, end, prot);
}

static bool map_part(uint64_t linked_at, const char *start, const char *end, unsigned prot)
{
    uint64_t pa = (uint64_t)start;

    return map_pages(early.ttbr1, linked_at + (pa - early.image), pa, (uint64_t)end, prot);
}

/* Not a table of parts: the pointers in it mean nothing yet. What lies between the parts, as the
 * page below the stack, is not mapped. */
static bool map_image(uint64_t at)
{
    const unsigned rw = PT_READ | PT_WRITE;

    return map_part(at, __text_start, __text_end, PT_READ | PT_EXEC) &&
           map_part(at, __rodata_start, __rodata_end, PT_READ) &&
           map_part(at, __data_start, __bss_end, rw) &&
           map_part(at, __stack_bottom, __stack_top, rw) &&
           map_same(early.ttbr1, (uint64_t)__early_pages_start, (uint64_t)__early_pages_end, rw);
}

struct early_roots early_map(uint64_t linked_at)
{
    early.offset = 0;
    early.image = (uint64_t)__image_start;
    early.next = (uint64_t)__early_pages_start;
    early.end = (uint64_t)__early_pages_end;
    early.ttbr1 = new_table();
    if (early.ttbr1 == 0 || !map_image(linked_at))
        return (struct early_roots){0, 0};

    early.identity = new_table();
    if (early.identity == 0 ||
        !map_same(early.identity, (uint64_t)_start, (uint64_t)start_end, PT_READ | PT_EXEC))
        return (struct early_roots){0, 0};
    return (struct early_roots){early.identity, early.ttbr1};
}

void early_map_is_live(void)
{
    early.offset = LINEAR_BASE;
    early.next = early.identity;
}

bool early_map_readonly(uint64_t pa, uint64_t size)
{
    bool ok = map_same(early.ttbr1, pa, pa + size, PT_READ);

    __asm__ volatile("dsb ishst\n\tisb" ::: "memory");
    return ok;
}

struct range early_pages_left(void)
{
    return (struct range){early.next, early.end - 1};
}

struct range image_range(void)
{
    return (struct range){early.image, early.image + (uint64_t)(__image_end - __image_start) - 1};
}
