/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "arch/barrier.h"
#include "arch/mem.h"
#include "arch/mmu.h"
#include "lib/base/err.h"
#include "lib/base/panic.h"
#include "lib/mem/page.h"
#include "lib/mem/upage.h"
#include "lib/sys/file.h"
#include "lib/sys/vm.h"

static struct pt table;

struct pt *vm_pt(void)
{
    return &table;
}

/* Blocks that a first touch brings in, largest first: each is one physically contiguous piece, so
 * that a buffer becomes few, large pieces for a device; 64 KiB and 16 KiB are also granules of an
 * IOMMU, which cannot map less. Every page of a block is counted for itself (page_split). */
static const uint8_t block_orders[] = {9, 4, 2, 0};
#define BIG_ORDER 9

/* 2 MiB blocks are given out while this many of them are left. */
#define BIG_BLOCKS_LEFT 16

/* Caches of translations first, the CPU's and the kernel's own; then tables and pages may be used
 * for something else. */
static void sync(struct pt_gather *g)
{
    if (!pt_gather_empty(g)) {
        mmu_user_sync(g);
        upage_forget();
        vm_pin_forget();
    }
    pt_gather_release(g);
}

static uint64_t leaf_size(const struct pt_leaf *leaf)
{
    return UINT64_C(1) << leaf->size_lg2;
}

/* The rights of a leaf. A page without rights keeps its place in the table, out of the reach of
 * unprivileged code. */
static unsigned leaf_prot(const struct vma *v)
{
    unsigned prot = v->prot == 0 ? 0 : v->prot | PT_USER;
    return PT_READ | prot | (v->file != NULL ? PT_DEVICE : 0);
}

/* The CPU's walker sees the entries before the program runs again. */
static int map(uint64_t uaddr, paddr_t pa, uint64_t size, unsigned prot)
{
    int rc = pt_map(vm_pt(), uaddr, pa, size, prot);
    dma_sync();
    return rc;
}

static void unmap(uint64_t uaddr, uint64_t size)
{
    struct pt_gather g;
    pt_gather_init(&g);
    int rc = pt_unmap(vm_pt(), uaddr, size, &g, NULL);
    ASSERT(rc == 0);
    sync(&g);
}

/* ---- first touch */

static bool memory_is_plentiful(void)
{
    struct page_stats s;
    page_get_stats(&s);
    return s.free_pages >> BIG_ORDER >= BIG_BLOCKS_LEFT;
}

/* May the aligned block around uaddr be brought in as one? It is all of the area, and empty. */
static bool block_fits(const struct vma *v, uint64_t uaddr, unsigned order, struct range *block)
{
    uint64_t size = PAGE_SIZE << order;
    *block = (struct range){align_down(uaddr, size), align_down(uaddr, size) + (size - 1)};
    if (order == BIG_ORDER && (!v->big || !memory_is_plentiful()))
        return false;
    uint64_t at;
    struct pt_leaf leaf;
    return range_contains(v->r, *block) &&
           !(pt_next_leaf(vm_pt(), block->start, &at, &leaf) && at <= block->last);
}

/* What comes after the memory before uaddr: then the two are one piece for a device. */
static paddr_t follows(uint64_t uaddr)
{
    struct pt_leaf leaf;
    bool found = pt_lookup(vm_pt(), uaddr - 1, &leaf) && (leaf.prot & PT_DEVICE) == 0;
    return found ? paddr_add(leaf.pa, 1) : PADDR_INVALID;
}

static paddr_t alloc_block(const struct vma *v, uint64_t uaddr, struct range *block)
{
    for (unsigned i = 0; i < ARRAY_SIZE(block_orders); i++) {
        unsigned order = block_orders[i];
        if (!block_fits(v, uaddr, order, block))
            continue;
        paddr_t pa = page_alloc_at(follows(block->start), order);
        if (!paddr_valid(pa))
            continue;
        mem_zero_pages(paddr_to_ptr(pa), PAGE_SIZE << order);
        if (order != 0)
            page_split(pa, order);
        return pa;
    }
    return PADDR_INVALID;
}

static int bring_memory(const struct vma *v, uint64_t uaddr)
{
    struct range block;
    paddr_t pa = alloc_block(v, uaddr, &block);
    if (!paddr_valid(pa))
        return -RF_ENOMEM;
    uint64_t size = range_size(block);
    int rc = map(block.start, pa, size, leaf_prot(v));
    if (rc != 0)
        page_unref_row(pa, size);
    else if ((v->prot & PT_EXEC) != 0)
        mmu_sync_code(paddr_to_ptr(pa), size);
    return rc;
}

static int bring_registers(const struct vma *v, uint64_t uaddr)
{
    uint64_t page = align_down(uaddr, PAGE_SIZE);
    paddr_t pa;
    int rc = v->file->ops->page(v->file, v->offset + (page - v->r.start), &pa);
    return rc != 0 ? rc : map(page, pa, PAGE_SIZE, leaf_prot(v));
}

static int bring(const struct vma *v, uint64_t uaddr)
{
    return v->file != NULL ? bring_registers(v, uaddr) : bring_memory(v, uaddr);
}

int vm_fault(uint64_t uaddr, unsigned access)
{
    struct vma *v = vm_find(uaddr);
    if (v == NULL || (v->prot & access) != access)
        return -RF_EFAULT;
    struct pt_leaf leaf;
    if (!pt_lookup(vm_pt(), uaddr, &leaf))
        return bring(v, uaddr);
    /* The CPU may have kept an older entry with fewer rights. */
    struct pt_gather g;
    pt_gather_init(&g);
    uint64_t start = align_down(uaddr, leaf_size(&leaf));
    pt_gather_add(&g, (struct range){start, start + (leaf_size(&leaf) - 1)}, leaf.size_lg2, false);
    sync(&g);
    return 0;
}

int vm_reach(uint64_t uaddr, unsigned access, struct pt_leaf *leaf)
{
    if (!range_has(USER_RANGE, uaddr))
        return -RF_EFAULT;
    if (!pt_lookup(vm_pt(), uaddr, leaf)) {
        int rc = vm_fault(uaddr, access);
        if (rc != 0)
            return rc == -RF_ENOMEM ? rc : -RF_EFAULT;
        if (!pt_lookup(vm_pt(), uaddr, leaf))
            return -RF_EFAULT;
    }
    return vm_allows(leaf->prot, access) ? 0 : -RF_EFAULT;
}

int vm_populate(struct range r)
{
    for (uint64_t at = r.start; at <= r.last;) {
        struct vma *v = vm_find(at);
        if (v == NULL)
            return -RF_EFAULT;
        struct pt_leaf leaf;
        if (!pt_lookup(vm_pt(), at, &leaf)) {
            int rc = bring(v, at);
            if (rc != 0)
                return rc;
            continue;
        }
        at = align_down(at, leaf_size(&leaf)) + leaf_size(&leaf);
    }
    return 0;
}

int vm_poke(uint64_t uaddr, const void *src, uint64_t n)
{
    const uint8_t *from = src;
    while (n != 0) {
        struct pt_leaf leaf;
        int rc = vm_populate((struct range){uaddr, uaddr});
        if (rc != 0)
            return rc;
        if (!pt_lookup(vm_pt(), uaddr, &leaf) || (leaf.prot & PT_DEVICE) != 0)
            return -RF_EFAULT;
        uint64_t part = MIN(n, PAGE_SIZE - (uaddr & (PAGE_SIZE - 1)));
        void *to = paddr_to_ptr(leaf.pa);
        memcpy(to, from, part);
        if ((leaf.prot & PT_EXEC) != 0)
            mmu_sync_code(to, part);
        from += part;
        uaddr += part;
        n -= part;
    }
    return 0;
}

/* ---- changes */

#define DROP_BATCH 64

/* Unmaps the first pages from *at on, waits until no CPU translation is left, and only then gives
 * their references back. False: there was none. */
static bool drop_some(uint64_t *at, uint64_t last)
{
    struct pt_leaf leaves[DROP_BATCH];
    unsigned n = 0;
    uint64_t start = *at, found;
    while (n < DROP_BATCH && pt_next_leaf(vm_pt(), *at, &found, &leaves[n]) && found <= last)
        *at = found + leaf_size(&leaves[n++]);
    if (n == 0)
        return false;
    unmap(start, *at - start);
    for (unsigned i = 0; i < n; i++) {
        if ((leaves[i].prot & PT_DEVICE) == 0)
            page_unref_row(leaves[i].pa, leaf_size(&leaves[i]));
    }
    return true;
}

void vm_drop_pages(struct range r)
{
    uint64_t at = r.start;
    while (drop_some(&at, r.last))
        ;
}

/* Break before make (DDI 0487 D8.13.1): the large leaf is gone from every cache before small ones
 * take its place. When tables for those cannot be had, the large one goes back, which needs no more
 * tables than its removal freed. */
int vm_cut_page(uint64_t at)
{
    struct pt_leaf leaf;
    if (!pt_lookup(vm_pt(), at, &leaf) || is_aligned(at, leaf_size(&leaf)))
        return 0;
    uint64_t size = leaf_size(&leaf);
    uint64_t start = align_down(at, size);
    uint64_t lower = at - start;
    paddr_t pa = PADDR(leaf.pa.v - lower);

    unmap(start, size);
    int rc = map(start, pa, lower, leaf.prot);
    if (rc == 0) {
        rc = map(at, leaf.pa, size - lower, leaf.prot);
        if (rc != 0)
            unmap(start, lower);
    }
    if (rc != 0) {
        int back = map(start, pa, size, leaf.prot);
        ASSERT(back == 0);
    }
    return rc;
}

static void sync_code(struct range r)
{
    struct pt_leaf leaf;
    for (uint64_t at = r.start; pt_next_leaf(vm_pt(), at, &at, &leaf) && at <= r.last;
         at += leaf_size(&leaf))
        mmu_sync_code(paddr_to_ptr(leaf.pa), leaf_size(&leaf));
}

void vm_update_rights(const struct vma *v)
{
    uint64_t at;
    struct pt_leaf leaf;
    if (!pt_next_leaf(vm_pt(), v->r.start, &at, &leaf) || at > v->r.last)
        return;
    struct pt_gather g;
    pt_gather_init(&g);
    int rc = pt_protect(vm_pt(), v->r.start, range_size(v->r), leaf_prot(v), &g);
    ASSERT(rc == 0);
    sync(&g);
    if ((v->prot & PT_EXEC) != 0)
        sync_code(v->r);
}

int vm_alias_pages(struct range from, uint64_t to, unsigned prot)
{
    const struct vma target = {.prot = prot};
    uint64_t at = from.start;
    struct pt_leaf leaf;
    while (pt_next_leaf(vm_pt(), at, &at, &leaf) && at <= from.last) {
        int rc = map(to + (at - from.start), leaf.pa, leaf_size(&leaf), leaf_prot(&target));
        if (rc != 0) {
            unmap(to, range_size(from));
            return rc;
        }
        at += leaf_size(&leaf);
    }
    return 0;
}

void vm_unalias_pages(struct range r)
{
    unmap(r.start, range_size(r));
}
