/* SPDX-License-Identifier: BSD-2-Clause */
#include "boards/uefi/loader.h"

#define EM_X86_64 62

const uint16_t cpu_elf_machine = EM_X86_64;
const char cpu_workload[] = "workload-x86_64.elf";

/* The kernel's start goes through a mode without paging. */
const UINT64 cpu_kernel_last = UINT32_MAX;

/* The CPU looks at what is written (SDM 3A 12.6). */
void cpu_sync_code(const void *code, UINTN size)
{
    (void)code;
    (void)size;
}

void cpu_enter(EFI_PHYSICAL_ADDRESS entry, EFI_PHYSICAL_ADDRESS handover)
{
    void (*kernel)(EFI_PHYSICAL_ADDRESS) = (void (*)(EFI_PHYSICAL_ADDRESS))entry;

    __asm__ volatile("cli" : : : "memory");
    kernel(handover);
    __builtin_unreachable();
}
