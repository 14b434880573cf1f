/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_AARCH64_CPU_ID_H
#define RF_AARCH64_CPU_ID_H

#include "arch/cpu.h"

/* Remembers the exception level that firmware entered the kernel at, for cpu_describe(). */
void cpu_set_entry_el(unsigned el);

#endif
