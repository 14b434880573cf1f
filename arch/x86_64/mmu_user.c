/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/dma.h"
#include "arch/mem.h"
#include "arch/mmu.h"
#include "arch/x86_64/mmu_root.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/mask.h"

#define ROOT_ENTRIES 512
#define KERNEL_FIRST 256 /* entry of the upper half */

/* Above so many addresses, dropping all of the workload's translations is cheaper. */
#define INVLPG_MAX 128

const struct pt_format *const mmu_user_format = &pt_cpu_x86;

static paddr_t kernel_root, user_root = PADDR_INVALID;

void mmu_root_init(paddr_t kernel)
{
    kernel_root = kernel;
}

void mmu_root_share(void)
{
    const uint64_t *from = paddr_to_ptr(kernel_root);

    if (!paddr_valid(user_root))
        return;
    for (unsigned i = KERNEL_FIRST; i < ROOT_ENTRIES; i++)
        dma_store64((uint64_t *)paddr_to_ptr(user_root) + i, dma_load64(&from[i]));
}

/* Also drops every translation that is not the kernel's: those are global. */
static void load_root(paddr_t root)
{
    SYSREG_WRITE(cr3, root.v);
}

void mmu_user_activate(paddr_t root)
{
    user_root = root;
    mmu_root_share();
    load_root(paddr_valid(root) ? root : kernel_root);
}

static unsigned step_lg2(const struct pt_flush *f)
{
    return f->leaf_lg2 == 0 ? PAGE_LG2 : f->leaf_lg2;
}

static uint64_t count_addresses(const struct pt_gather *g)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < g->count; i++)
        n += ((g->flush[i].iova.last - g->flush[i].iova.start) >> step_lg2(&g->flush[i])) + 1;
    return n;
}

/* INVLPG drops the leaf of the address, and all that is cached of tables (SDM 3A 4.10.4.1). */
static void drop_flush(const struct pt_flush *f)
{
    uint64_t step = BIT(step_lg2(f));

    for (uint64_t uaddr = f->iova.start; uaddr < f->iova.last; uaddr += step)
        __asm__ volatile("invlpg (%0)" : : "r"(uaddr) : "memory");
}

void mmu_user_sync(const struct pt_gather *g)
{
    if (pt_gather_empty(g))
        return;
    if (g->all || count_addresses(g) > INVLPG_MAX) {
        load_root(paddr_valid(user_root) ? user_root : kernel_root);
        return;
    }
    for (unsigned i = 0; i < g->count; i++)
        drop_flush(&g->flush[i]);
}
