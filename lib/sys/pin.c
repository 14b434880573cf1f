/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"
#include "lib/sys/vm.h"

/* Memory of the workload that a device may use: present, and kept for as long as it is mapped for
 * DMA, whatever the workload does to its own mapping meanwhile. */

struct pinning {
    int (*piece)(void *ctx, paddr_t pa, uint64_t size);
    void *ctx;
    paddr_t pa; /* the piece that still grows */
    uint64_t size;
};

static int flush(struct pinning *p)
{
    return p->size == 0 ? 0 : p->piece(p->ctx, p->pa, p->size);
}

static int extend(struct pinning *p, paddr_t pa, uint64_t size)
{
    if (p->size != 0 && p->pa.v + p->size == pa.v) {
        p->size += size;
        return 0;
    }
    int rc = flush(p);
    p->pa = pa;
    p->size = size;
    return rc;
}

/* Bytes from uaddr to the end of its leaf, at most n. */
static uint64_t rest_of_leaf(uint64_t uaddr, const struct pt_leaf *leaf, uint64_t n)
{
    uint64_t size = UINT64_C(1) << leaf->size_lg2;
    return MIN(n, size - (uaddr & (size - 1)));
}

static void explain(uint64_t uaddr, bool write)
{
    const struct vma *v = vm_find(uaddr);
    const char *why = v == NULL ? "nothing is mapped there"
                      : v->file != NULL
                          ? "device registers are there, but not in one mapping with that right"
                      : write ? "the memory is not writable for the program itself"
                              : "the memory is not readable for the program itself";
    log_warn_limited("DMA map of user address 0x%lx refused: %s", uaddr, why);
}

/* Drops what an incomplete pin holds: the space is as it was then, so it tells which pages. */
static void undo(uint64_t uaddr, uint64_t size)
{
    struct pt_leaf leaf;
    for (uint64_t off = 0; off < size && pt_lookup(vm_pt(), uaddr + off, &leaf);) {
        uint64_t part = rest_of_leaf(uaddr + off, &leaf, size - off);
        vm_unpin(leaf.pa, part, true);
        off += part;
    }
}

/* Pins what is left of the leaf at uaddr, at most n bytes; *done grows by what was pinned. */
static int pin_leaf(struct pinning *p, uint64_t uaddr, uint64_t n, bool write, uint64_t *done)
{
    struct pt_leaf leaf;
    int rc = vm_reach(uaddr, PT_READ | (write ? PT_WRITE : 0), &leaf);
    if (rc == -RF_EFAULT)
        explain(uaddr, write);
    if (rc != 0)
        return rc;
    uint64_t part = rest_of_leaf(uaddr, &leaf, n);
    page_ref_row(leaf.pa, part);
    *done += part;
    return extend(p, leaf.pa, part);
}

int vm_pin(uint64_t uaddr, uint64_t size, bool write,
           int (*piece)(void *ctx, paddr_t pa, uint64_t size), void *ctx)
{
    struct range r;
    if (!range_make(uaddr, size, &r) || !range_contains(USER_RANGE, r) ||
        !is_aligned(uaddr | size, PAGE_SIZE))
        return -RF_EFAULT;

    struct pinning p = {.piece = piece, .ctx = ctx};
    uint64_t done = 0;
    int rc = 0;
    while (rc == 0 && done < size)
        rc = pin_leaf(&p, uaddr + done, size - done, write, &done);
    if (rc == 0)
        rc = flush(&p);
    if (rc != 0)
        undo(uaddr, done);
    return rc;
}

void vm_unpin(paddr_t pa, uint64_t size, bool ok)
{
    if (ok) {
        page_unref_row(pa, size);
        return;
    }
    for (uint64_t off = 0; off < size; off += PAGE_SIZE)
        page_quarantine(paddr_add(pa, off), 0);
}
