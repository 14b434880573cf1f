/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"
#include "lib/sys/vm.h"

/* Memory of the workload that a device may use: present, and kept for as long as it is mapped for
 * DMA, whatever the workload does to its own mapping meanwhile. */

/* The run of pages that was found last, and their rights: a buffer is pinned page after page, or
 * the same page again. It may be here only as long as its translation is valid: it goes where the
 * CPU's own go (vm_page.c), so that it is never older. */
static struct {
    struct range user; /* last < start: none */
    uint64_t to_pa;    /* what to add to a user address, modulo 2^64 */
    unsigned prot;
} run = {.user = {1, 0}};

void vm_pin_forget(void)
{
    run.user = (struct range){1, 0};
}

/* Why a device cannot have what is at uaddr, in one line; for registers their owner says it. */
static int refuse(uint64_t uaddr, unsigned access)
{
    const struct vma *v = vm_find(uaddr);
    if (v != NULL && v->file != NULL)
        return -RF_ENXIO;
    log_warn_limited("DMA map of user address 0x%lx refused: %s", uaddr,
                     v == NULL ? "nothing is mapped there"
                     : (access & PT_WRITE) != 0
                         ? "the memory is not writable for the program itself"
                         : "the memory is not readable for the program itself");
    return -RF_EFAULT;
}

/* The leaf at uaddr, which is brought in, and how far those after it go on with its memory. */
static int look_up(uint64_t uaddr, uint64_t size, unsigned access, struct pt_leaf *leaf,
                   uint64_t *bytes)
{
    if (pt_lookup_run(vm_pt(), uaddr, size, leaf, bytes))
        return vm_allows(leaf->prot, access) ? 0 : -RF_EFAULT;
    int rc = vm_reach(uaddr, access, leaf);
    if (rc == 0 && !pt_lookup_run(vm_pt(), uaddr, size, leaf, bytes))
        return -RF_EFAULT;
    return rc;
}

/* Remembers the run that has uaddr, from the start to the end of its leaves. */
static __attribute__((noinline)) int find_run(uint64_t uaddr, uint64_t size, unsigned access)
{
    struct pt_leaf leaf;
    uint64_t bytes;
    int rc = look_up(uaddr, size, access, &leaf, &bytes);
    if (rc != 0)
        return rc == -RF_EFAULT ? refuse(uaddr, access) : rc;
    const uint64_t leaf_size = UINT64_C(1) << leaf.size_lg2;
    run.user.start = align_down(uaddr, leaf_size);
    run.user.last = align_up(uaddr + bytes, leaf_size) - 1;
    run.to_pa = leaf.pa.v - uaddr;
    run.prot = leaf.prot;
    return 0;
}

/* Memory from uaddr on: *bytes of `size` follow each other from *pa on. */
static inline int reach(uint64_t uaddr, uint64_t size, unsigned access, paddr_t *pa,
                        uint64_t *bytes)
{
    if (!range_has(run.user, uaddr) || !vm_allows(run.prot, access)) {
        int rc = find_run(uaddr, size, access);
        if (rc != 0)
            return rc;
    }
    *pa = PADDR(uaddr + run.to_pa);
    *bytes = MIN(size, run.user.last - uaddr + 1);
    return 0;
}

/* A piece goes as far as memory does: two that touched would be pinned as two rows, and unpinned as
 * the one that they are in a map. */
static int add_what_follows(uint64_t uaddr, uint64_t size, unsigned access, paddr_t pa,
                            uint64_t *piece)
{
    while (*piece < size) {
        paddr_t next;
        uint64_t more;
        int rc = reach(uaddr + *piece, size - *piece, access, &next, &more);
        if (rc != 0 || next.v != pa.v + *piece)
            return rc;
        *piece += more;
    }
    return 0;
}

int vm_pin(uint64_t uaddr, uint64_t size, bool write, paddr_t *pa, uint64_t *piece)
{
    const unsigned access = PT_READ | (write ? PT_WRITE : 0);
    if (size == 0 || !is_aligned(uaddr | size, PAGE_SIZE))
        return -RF_EFAULT;
    int rc = reach(uaddr, size, access, pa, piece);
    if (rc == 0 && *piece < size)
        rc = add_what_follows(uaddr, size, access, *pa, piece);
    if (rc == 0)
        page_pin_row(*pa, *piece);
    return rc;
}

void vm_unpin(paddr_t pa, uint64_t size, bool ok)
{
    if (ok) {
        page_unpin_row(pa, size);
        return;
    }
    for (uint64_t off = 0; off < size; off += PAGE_SIZE)
        page_quarantine(paddr_add(pa, off), 0);
}
