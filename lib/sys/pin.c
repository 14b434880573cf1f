/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/page.h"
#include "lib/sys/vm.h"

/* Memory of the workload that a device may use: present, and kept for as long as it is mapped for
 * DMA, whatever the workload does to its own mapping meanwhile. */

/* Why a device cannot have what is at uaddr, in one line; for registers their owner says it. */
static int refuse(uint64_t uaddr, bool write)
{
    const struct vma *v = vm_find(uaddr);
    if (v != NULL && v->file != NULL)
        return -RF_ENXIO;
    log_warn_limited("DMA map of user address 0x%lx refused: %s", uaddr,
                     v == NULL ? "nothing is mapped there"
                     : write   ? "the memory is not writable for the program itself"
                               : "the memory is not readable for the program itself");
    return -RF_EFAULT;
}

static int reach(uint64_t uaddr, uint64_t size, bool write, paddr_t *pa, uint64_t *run)
{
    int rc = vm_reach_run(uaddr, size, PT_READ | (write ? PT_WRITE : 0), pa, run);
    return rc == -RF_EFAULT ? refuse(uaddr, write) : rc;
}

/* A piece goes as far as memory does: two that touched would be pinned as two rows, and unpinned as
 * the one that they are in a map. */
int vm_pin(uint64_t uaddr, uint64_t size, bool write, paddr_t *pa, uint64_t *piece)
{
    struct range r;
    if (!range_make(uaddr, size, &r) || !range_contains(USER_RANGE, r) ||
        !is_aligned(uaddr | size, PAGE_SIZE))
        return -RF_EFAULT;
    int rc = reach(uaddr, size, write, pa, piece);
    while (rc == 0 && *piece < size) {
        paddr_t next;
        uint64_t more;
        rc = reach(uaddr + *piece, size - *piece, write, &next, &more);
        if (rc == 0 && next.v != pa->v + *piece)
            break;
        *piece += more;
    }
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
