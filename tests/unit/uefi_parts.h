/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_UEFI_PARTS_H
#define RF_TESTS_UEFI_PARTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boards/uefi/loader.h"

/* For tests of the loader's parts, which need neither a kernel nor a CPU. */

const uint8_t loader_kernel[1];
const UINT64 loader_kernel_size, cpu_kernel_last;
const uint16_t cpu_elf_machine;
const char cpu_workload[1];

void cpu_sync_code(const void *code, UINTN size)
{
    (void)code;
    (void)size;
}

void cpu_enter(EFI_PHYSICAL_ADDRESS entry, EFI_PHYSICAL_ADDRESS handover)
{
    (void)entry;
    (void)handover;
    abort();
}

#endif
