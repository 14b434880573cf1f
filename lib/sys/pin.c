/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"
#include "lib/sys/vm.h"

/* Memory of the workload that a device may use: present, and kept for as long as it is mapped for
 * DMA, whatever the workload does to its own mapping meanwhile. */

typedef int (*piece_fn)(void *ctx, paddr_t pa, uint64_t size);

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

/* Brings the pages of [uaddr, uaddr + size) in, and hands each physically contiguous piece on. */
static int walk(uint64_t uaddr, uint64_t size, bool write, piece_fn piece, void *ctx)
{
    const unsigned access = PT_READ | (write ? PT_WRITE : 0);
    paddr_t pa = PADDR_INVALID; /* of the piece that still grows */
    uint64_t grown = 0;
    int rc = 0;
    while (rc == 0 && size != 0) {
        struct pt_leaf leaf;
        uint64_t run;
        rc = vm_reach_run(uaddr, size, access, &leaf, &run);
        if (rc == -RF_EFAULT)
            explain(uaddr, write);
        if (rc == 0 && grown != 0 && pa.v + grown != leaf.pa.v) {
            rc = piece(ctx, pa, grown);
            grown = 0;
        }
        if (rc != 0)
            return rc;
        pa = grown == 0 ? leaf.pa : pa;
        grown += run;
        uaddr += run;
        size -= run;
    }
    return grown != 0 ? piece(ctx, pa, grown) : rc;
}

struct pinning {
    piece_fn piece;
    void *ctx;
    uint64_t done; /* bytes that are pinned */
};

static int pin_piece(void *ctx, paddr_t pa, uint64_t size)
{
    struct pinning *p = ctx;
    page_pin_row(pa, size);
    int rc = p->piece(p->ctx, pa, size);
    if (rc != 0)
        page_unpin_row(pa, size);
    else
        p->done += size;
    return rc;
}

static int unpin_piece(void *ctx, paddr_t pa, uint64_t size)
{
    (void)ctx;
    page_unpin_row(pa, size);
    return 0;
}

/* An incomplete pin is undone by the same walk: the space has not changed since. */
int vm_pin(uint64_t uaddr, uint64_t size, bool write, piece_fn piece, void *ctx)
{
    struct pinning p = {.piece = piece, .ctx = ctx};
    struct range r;
    if (!range_make(uaddr, size, &r) || !range_contains(USER_RANGE, r) ||
        !is_aligned(uaddr | size, PAGE_SIZE))
        return -RF_EFAULT;
    int rc = walk(uaddr, size, write, pin_piece, &p);
    if (rc != 0)
        (void)walk(uaddr, p.done, write, unpin_piece, NULL);
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
