/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#define EM_AARCH64 183

const uint16_t cpu_elf_machine = EM_AARCH64;
const char cpu_workload[] = "workload-aarch64.elf";
const UINT64 cpu_kernel_last = UINT64_MAX;

/* DDI 0487 B2.4.4: cleaned to the point of unification, then all instructions are fetched anew. */
void cpu_sync_code(const void *code, UINTN size)
{
    UINT64 ctr;

    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    const UINTN line = UINT64_C(4) << (ctr >> 16 & 0xf); /* DminLine: log2 of words */
    for (UINTN at = (UINTN)code & ~(line - 1); at < (UINTN)code + size; at += line)
        __asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
    __asm__ volatile("dsb ish\n\tic iallu\n\tdsb nsh\n\tisb" : : : "memory");
}

void cpu_enter(EFI_PHYSICAL_ADDRESS entry, EFI_PHYSICAL_ADDRESS handover)
{
    void (*kernel)(EFI_PHYSICAL_ADDRESS) = (void (*)(EFI_PHYSICAL_ADDRESS))entry;

    __asm__ volatile("msr daifset, #0xf" : : : "memory");
    kernel(handover);
    __builtin_unreachable();
}
