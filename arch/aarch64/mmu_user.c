/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/sysreg.h"
#include "arch/barrier.h"
#include "arch/mmu.h"
#include "lib/base/mask.h"

/* The workload's half of the address space: TTBR0, ASID 1. The kernel's translations are global. */
#define USER_ASID UINT64_C(1)
#define TTBR_ASID MASK(63, 48)
#define TCR_EPD0  BIT(7) /* no walks by TTBR0: every user address faults */

/* Operand of TLBI by address */
#define TLBI_ASID MASK(63, 48)
#define TLBI_VA   MASK(43, 0) /* VA[55:12] */

/* Above so many addresses, dropping the whole ASID is cheaper. */
#define TLBI_ADDRESSES_MAX 128

const struct pt_format *const mmu_user_format = &pt_arm_s1;

static uint64_t asid_operand(void)
{
    return FIELD_PREP(TLBI_ASID, USER_ASID);
}

static void drop_asid(void)
{
    __asm__ volatile("tlbi aside1is, %0" : : "r"(asid_operand()) : "memory");
}

/* Leaves only, or also the table entries that lead to them. */
static void drop_address(uint64_t uaddr, bool tables)
{
    uint64_t operand = asid_operand() | FIELD_PREP(TLBI_VA, uaddr >> PAGE_LG2);

    if (tables)
        __asm__ volatile("tlbi vae1is, %0" : : "r"(operand) : "memory");
    else
        __asm__ volatile("tlbi vale1is, %0" : : "r"(operand) : "memory");
}

/* Steps of an unknown leaf size, and those that unlink tables, are the smallest: an invalidation by
 * address drops whatever leaf the address is in, but only the tables on its own path. */
static unsigned step_lg2(const struct pt_flush *f)
{
    return f->tables || f->leaf_lg2 == 0 ? PAGE_LG2 : f->leaf_lg2;
}

static uint64_t count_addresses(const struct pt_gather *g)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < g->count; i++)
        n += ((g->flush[i].iova.last - g->flush[i].iova.start) >> step_lg2(&g->flush[i])) + 1;
    return n;
}

static void drop_flush(const struct pt_flush *f)
{
    uint64_t step = BIT(step_lg2(f));

    for (uint64_t uaddr = f->iova.start; uaddr < f->iova.last; uaddr += step)
        drop_address(uaddr, f->tables);
}

void mmu_user_sync(const struct pt_gather *g)
{
    if (pt_gather_empty(g))
        return;
    __asm__ volatile("dsb ishst" ::: "memory"); /* the cleared entries, before the invalidation */
    if (g->all || count_addresses(g) > TLBI_ADDRESSES_MAX)
        drop_asid();
    else
        for (unsigned i = 0; i < g->count; i++)
            drop_flush(&g->flush[i]);
    __asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

static void set_walks(bool on)
{
    uint64_t tcr = SYSREG_READ(tcr_el1);

    SYSREG_WRITE(tcr_el1, on ? tcr & ~TCR_EPD0 : tcr | TCR_EPD0);
    isb();
}

void mmu_user_activate(paddr_t root)
{
    set_walks(false);
    SYSREG_WRITE(ttbr0_el1, paddr_valid(root) ? FIELD_PREP(TTBR_ASID, USER_ASID) | root.v : 0);
    isb();
    __asm__ volatile("dsb ishst" ::: "memory"); /* the tables, before the first walk */
    drop_asid();
    __asm__ volatile("dsb ish\n\tisb" ::: "memory");
    if (paddr_valid(root))
        set_walks(true);
}
