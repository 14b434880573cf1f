/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/aarch64/sysreg.h"
#include "arch/dma.h"
#include "arch/mmu.h"
#include "lib/base/mask.h"

/* CTR_EL0.DminLine: log2 of the words in the smallest data cache line */
#define CTR_DMINLINE MASK(19, 16)

static uint64_t line_size(void)
{
    return UINT64_C(4) << FIELD_GET(CTR_DMINLINE, SYSREG_READ(ctr_el0));
}

/* One cache maintenance instruction for every line of [p, p + n). */
#define FOR_EACH_LINE(op, p, n)                                                      \
    do {                                                                             \
        uint64_t line_ = line_size(), end_ = (uint64_t)(p) + (n);                    \
        for (uint64_t a_ = align_down((uint64_t)(p), line_); a_ < end_; a_ += line_) \
            __asm__ volatile("dc " #op ", %0" : : "r"(a_) : "memory");               \
    } while (0)

void dma_clean(const void *p, size_t n)
{
    FOR_EACH_LINE(cvac, p, n);
}

void dma_inval(const void *p, size_t n)
{
    FOR_EACH_LINE(civac, p, n);
}

/* All of the instruction cache: by address would miss aliases in one that is virtually indexed. */
void mmu_sync_code(const void *p, uint64_t n)
{
    FOR_EACH_LINE(cvau, p, n);
    __asm__ volatile("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb" ::: "memory");
}
