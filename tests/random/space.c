/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/random/space.h"

#include <string.h>

#include "arch/mem.h"
#include "lib/base/err.h"
#include "lib/mem/page.h"
#include "lib/sys/calls.h"
#include "lib/sys/linux.h"
#include "lib/sys/vm.h"
#include "tests/random/execute.h"
#include "tests/random/program.h"
#include "tests/random/verdict.h"

#define READ_WRITE (LX_PROT_READ | LX_PROT_WRITE)
#define BLOCK_64K  (KIB(64) / PAGE_SIZE) /* what a first touch brings in at most */

static struct page {
    bool mapped;
    uint64_t prot; /* PROT_* */
    uint64_t pa;   /* 0: it was not touched */
} page[USER_PAGES];

uint64_t space_page(unsigned i)
{
    return page[i].pa;
}

unsigned space_uses(uint64_t pa)
{
    unsigned n = 0;

    for (unsigned i = 0; i < USER_PAGES; i++)
        n += page[i].pa == pa;
    return n;
}

static uint64_t address(uint64_t i)
{
    return USER_BASE + i * PAGE_SIZE;
}

/* ---- what is in a page ----------------------------------------------------------------------- */

static uint64_t content(uint64_t pa)
{
    return pa * UINT64_C(0x9e3779b97f4a7c15);
}

bool space_is_intact(uint64_t pa)
{
    const uint64_t *words = paddr_to_ptr(PADDR(pa));

    return words[0] == content(pa) && words[PAGE_SIZE / 8 - 1] == content(pa);
}

static void learn(unsigned i, uint64_t pa)
{
    uint64_t *words = paddr_to_ptr(PADDR(pa));

    if (words[0] || words[PAGE_SIZE / 8 - 1])
        verdict_fail("page %u of the program comes with what somebody left in it", i);
    words[0] = words[PAGE_SIZE / 8 - 1] = content(pa);
    page[i].pa = pa;
}

/* ---- ranges ---------------------------------------------------------------------------------- */

struct span {
    unsigned first, end;
};

/* False: it is not all inside the array. */
static bool span_of(uint64_t vaddr, uint64_t size, struct span *out)
{
    uint64_t first = (vaddr - USER_BASE) / PAGE_SIZE, n = size / PAGE_SIZE;

    if (vaddr < USER_BASE || first >= USER_PAGES || n > USER_PAGES - first)
        return false;
    *out = (struct span){(unsigned)first, (unsigned)(first + n)};
    return true;
}

static struct span span_of_step(const uint64_t *arg)
{
    uint64_t end = MIN(arg[SPACE_PAGE] + arg[SPACE_COUNT], USER_PAGES);

    return (struct span){(unsigned)arg[SPACE_PAGE], (unsigned)end};
}

static bool is_mapped(struct span s, bool mapped)
{
    for (unsigned i = s.first; i < s.end; i++)
        if (page[i].mapped != mapped)
            return false;
    return true;
}

bool space_allows(uint64_t vaddr, uint64_t size, bool write)
{
    struct span s;

    if (!span_of(vaddr, size, &s))
        return false;
    for (unsigned i = s.first; i < s.end; i++)
        if (!(page[i].prot & (write ? LX_PROT_WRITE : READ_WRITE)))
            return false;
    return true;
}

void space_look(uint64_t vaddr, uint64_t size)
{
    const uint64_t most = USER_PAGES * PAGE_SIZE - (vaddr - USER_BASE);
    struct pt_leaf leaf;
    struct span s;

    if (!span_of(vaddr, MIN(size, most), &s)) /* a part of it is outside: a call got so far */
        return;
    s.first = (unsigned)align_down(s.first, BLOCK_64K);
    s.end = (unsigned)align_up(s.end, BLOCK_64K);
    for (unsigned i = s.first; i < s.end; i++)
        if (page[i].mapped && !page[i].pa && pt_lookup(vm_pt(), address(i), &leaf))
            learn(i, leaf.pa.v);
}

void space_check(unsigned i)
{
    struct pt_leaf leaf;
    bool there = pt_lookup(vm_pt(), address(i), &leaf);

    if (there != (page[i].pa != 0))
        verdict_fail("page %u of the program is %sthere", i, there ? "" : "not ");
    if (there && leaf.pa.v != page[i].pa)
        verdict_fail("page %u of the program is 0x%lx, and was 0x%lx", i, leaf.pa.v, page[i].pa);
}

/* ---- system calls ---------------------------------------------------------------------------- */

static long call(sys_fn fn, struct span s, uint64_t third)
{
    const uint64_t arg[6] = {address(s.first),
                             (s.end - s.first) * PAGE_SIZE,
                             third,
                             LX_MAP_PRIVATE | LX_MAP_ANONYMOUS | LX_MAP_FIXED,
                             (uint64_t)-1,
                             0};

    return (long)fn(arg);
}

static void set(struct span s, struct page p)
{
    for (unsigned i = s.first; i < s.end; i++)
        page[i] = p;
}

static void bring(unsigned i, paddr_t pa, uint64_t size)
{
    if (pt_map(vm_pt(), address(i), pa, size, PT_READ | PT_WRITE | PT_USER))
        page_unref_row(pa, size);
}

/* All is new: the first 2 MiB are one block, as where memory is plentiful, and the pages behind it
 * lie in falling order. What cannot be had comes later, by and by. */
static void bring_all(void)
{
    const unsigned n = USER_PAGES - USER_BLOCK, order = log2_floor(n);
    paddr_t block = page_alloc_zeroed(9), tail = page_alloc_zeroed(order);

    if (paddr_valid(block)) {
        page_split(block, 9);
        bring(0, block, MIB(2));
    }
    if (paddr_valid(tail)) {
        page_split(tail, order);
        for (unsigned i = 0; i < n; i++)
            bring(USER_PAGES - 1 - i, paddr_add(tail, i * PAGE_SIZE), PAGE_SIZE);
    }
    space_look(USER_BASE, USER_PAGES * PAGE_SIZE);
}

void step_mmap(const uint64_t *arg)
{
    struct span s = span_of_step(arg);
    long got = call(sys_mmap, s, arg[SPACE_PROT]);

    got = got == (long)address(s.first) ? 0 : got;
    judge("mmap", 0, got);
    if (got == 0)
        set(s, (struct page){.mapped = true, .prot = arg[SPACE_PROT]});
    if (got == 0 && s.end - s.first == USER_PAGES)
        bring_all();
}

void step_munmap(const uint64_t *arg)
{
    struct span s = span_of_step(arg);
    long got = call(sys_munmap, s, 0);

    judge("munmap", 0, got);
    if (got == 0)
        set(s, (struct page){0});
}

void step_mprotect(const uint64_t *arg)
{
    struct span s = span_of_step(arg);
    long got = call(sys_mprotect, s, arg[SPACE_PROT]);

    judge("mprotect", is_mapped(s, true) ? 0 : -RF_ENOMEM, got);
    for (unsigned i = s.first; got == 0 && i < s.end; i++)
        page[i].prot = arg[SPACE_PROT];
}

void step_forget(const uint64_t *arg)
{
    struct span s = span_of_step(arg);
    long got = call(sys_madvise, s, LX_MADV_DONTNEED);

    judge("madvise", is_mapped(s, true) ? 0 : -RF_ENOMEM, got);
    for (unsigned i = s.first; got == 0 && i < s.end; i++)
        page[i].pa = 0;
}

/* Where mremap moves to is the kernel's choice: here it is the program's. */
void step_mremap(const uint64_t *arg)
{
    struct span s = span_of_step(arg), to;
    uint64_t size = (s.end - s.first) * PAGE_SIZE;
    const struct range from = {address(s.first), address(s.end) - 1};
    const struct vma *v = vm_find(from.start);

    if (!v || !range_contains(v->r, from) || !span_of(address(arg[SPACE_TO]), size, &to) ||
        !is_mapped(to, false))
        return;
    long got = vm_move(from, address(to.first), size);
    judge("mremap", 0, got);
    if (got)
        return;
    memcpy(&page[to.first], &page[s.first], (s.end - s.first) * sizeof(page[0]));
    set(s, (struct page){0});
}

void space_touch(uint64_t vaddr, uint64_t size)
{
    struct span s;

    if (!span_of(vaddr, size, &s) || s.first == s.end || !is_mapped(s, true))
        return;
    judge("madvise", 0, call(sys_madvise, s, LX_MADV_WILLNEED));
    space_look(vaddr, size);
}

void step_touch(const uint64_t *arg)
{
    struct span s = span_of_step(arg);

    space_touch(address(s.first), (s.end - s.first) * PAGE_SIZE);
}

/* ---- life ------------------------------------------------------------------------------------ */

void space_start(void)
{
    const uint64_t all[] = {0, USER_PAGES, READ_WRITE};

    if (vm_init())
        verdict_fail("no memory for the workload");
    memset(page, 0, sizeof(page));
    step_mmap(all);
}

void space_stop(void)
{
    vm_fini();
}
