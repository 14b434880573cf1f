/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/hostile/attempt.h"

#define INSTRUCTION(name, text)                     \
    static void name(uintptr_t a)                   \
    {                                               \
        __asm__ volatile(text : "+r"(a)::"memory"); \
    }

INSTRUCTION(read_sctlr, "mrs %0, sctlr_el1")
INSTRUCTION(write_ttbr0, "msr ttbr0_el1, %0")
INSTRUCTION(write_vbar, "msr vbar_el1, %0")
INSTRUCTION(unmask_interrupts, "msr daifclr, #2")
INSTRUCTION(invalidate_tlb, "tlbi vmalle1")
INSTRUCTION(call_hypervisor, "hvc #0")
INSTRUCTION(call_monitor, "smc #0")
INSTRUCTION(return_from_exception, "eret")
INSTRUCTION(call_semihosting, "hlt #0xf000")
INSTRUCTION(invalidate_cache_line, "dc ivac, %0")
INSTRUCTION(write_timer, "msr cntv_cval_el0, %0")

const struct instruction instructions[] = {
    {"mrs sctlr_el1", read_sctlr},
    {"msr ttbr0_el1", write_ttbr0},
    {"msr vbar_el1", write_vbar},
    {"msr daifclr", unmask_interrupts},
    {"tlbi vmalle1", invalidate_tlb},
    {"hvc", call_hypervisor},
    {"smc", call_monitor},
    {"eret", return_from_exception},
    {"hlt 0xf000 (semihosting)", call_semihosting},
    {"dc ivac", invalidate_cache_line},
    {"msr cntv_cval_el0", write_timer},
};

const size_t instruction_count = sizeof(instructions) / sizeof(instructions[0]);
