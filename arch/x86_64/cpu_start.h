/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_X86_64_CPU_START_H
#define RF_X86_64_CPU_START_H

/* Switches on what the CPU has of protection and of what the workload may use. Once. */
void cpu_start(void);

#endif
