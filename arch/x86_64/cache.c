/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/dma.h"
#include "arch/mmu.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/mask.h"

/* CPUID 1, EBX: size of the line that CLFLUSH works on, in 8 bytes. */
#define CPUID1_EBX_CLFLUSH MASK(15, 8)

/* Devices snoop; only a VT-d unit may not (ECAP.C). */
static void flush_lines(const void *p, size_t n)
{
    uint64_t line = FIELD_GET(CPUID1_EBX_CLFLUSH, cpuid(1, 0).ebx) * 8;
    uint64_t end = (uint64_t)p + n;

    for (uint64_t a = align_down((uint64_t)p, line); a < end; a += line)
        __asm__ volatile("clflush (%0)" : : "r"(a) : "memory");
}

void dma_clean(const void *p, size_t n)
{
    flush_lines(p, n);
}

void dma_inval(const void *p, size_t n)
{
    flush_lines(p, n);
}

/* Instruction fetch is coherent with stores, also through another address, once the CPU has
 * executed an instruction that serialises (SDM 3A 8.1.3): the return to the workload. */
void mmu_sync_code(const void *p, uint64_t n)
{
    (void)p;
    (void)n;
}
