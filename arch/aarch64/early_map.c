/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/early.h"

#include "arch/aarch64/image.h"
#include "arch/aarch64/layout.h"
#include "arch/dma.h"
#include "lib/base/mask.h"
#include "lib/pt/early.h"
#include "lib/pt/pt.h"

/* The start-up tables, taken from the early pages in ascending order. The few descriptor bits that
 * lib/pt's format has are repeated here; mmu_init() adopts these tables. */

/* VMSAv8-64 descriptors, DDI 0487 D8.3 */
#define DESC_TABLE_OR_PAGE UINT64_C(3)
#define DESC_READ_ONLY     BIT(7) /* AP[2] */
#define DESC_SH_INNER      FIELD_PREP(MASK(9, 8), 3)
#define DESC_AF            BIT(10)
#define DESC_PXN           BIT(53)
#define DESC_UXN           BIT(54)

static struct {
    struct pt_early tables;
    uint64_t ttbr1;    /* root of the kernel's half */
    uint64_t identity; /* first page of the identity map's tables */
    uint64_t image;    /* where it was loaded */
} early;

static uint64_t leaf_bits(unsigned prot)
{
    uint64_t bits = DESC_TABLE_OR_PAGE | DESC_AF | DESC_SH_INNER | DESC_UXN;
    if (!(prot & PT_WRITE))
        bits |= DESC_READ_ONLY;
    if (!(prot & PT_EXEC))
        bits |= DESC_PXN;
    return bits;
}

/* At the physical address (identity map), or at that plus LINEAR_BASE, whose low 48 bits are 0: the
 * same table indices. */
static bool map_same(uint64_t root, uint64_t pa, uint64_t end, unsigned prot)
{
    pa = align_down(pa, PAGE_SIZE);
    return pt_early_map(&early.tables, root, pa, pa, end, leaf_bits(prot));
}

static bool map_part(uint64_t linked_at, const char *start, const char *end, unsigned prot)
{
    uint64_t pa = (uint64_t)start;

    return pt_early_map(&early.tables, early.ttbr1, linked_at + (pa - early.image), pa,
                        (uint64_t)end, leaf_bits(prot));
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
    early.image = (uint64_t)__image_start;
    early.tables = (struct pt_early){
        .next = (uint64_t)__early_pages_start,
        .end = (uint64_t)__early_pages_end,
        .table = DESC_TABLE_OR_PAGE,
    };
    early.ttbr1 = pt_early_table(&early.tables);
    if (early.ttbr1 == 0 || !map_image(linked_at))
        return (struct early_roots){0, 0};

    early.identity = pt_early_table(&early.tables);
    if (early.identity == 0 ||
        !map_same(early.identity, (uint64_t)_start, (uint64_t)start_end, PT_READ | PT_EXEC))
        return (struct early_roots){0, 0};
    return (struct early_roots){early.identity, early.ttbr1};
}

void early_map_is_live(void)
{
    early.tables.offset = LINEAR_BASE;
    early.tables.next = early.identity;
}

bool early_map_readonly(uint64_t pa, uint64_t size)
{
    bool ok = map_same(early.ttbr1, pa, pa + size, PT_READ);

    __asm__ volatile("dsb ishst\n\tisb" ::: "memory");
    return ok;
}

struct range early_pages_left(void)
{
    return (struct range){early.tables.next, early.tables.end - 1};
}

struct range image_range(void)
{
    return (struct range){early.image, early.image + (uint64_t)(__image_end - __image_start) - 1};
}
