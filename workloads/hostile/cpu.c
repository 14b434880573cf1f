/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>

#include "workloads/hostile/attempt.h"

static void load(uintptr_t a)
{
    (void)*(volatile uint8_t *)a;
}

static void store(uintptr_t a)
{
    *(volatile uint8_t *)a = 1;
}

static void jump(uintptr_t a)
{
    ((void (*)(void))a)();
}

static const struct {
    const char *name;
    void (*fn)(uintptr_t a);
} accesses[] = {{"load from", load}, {"store to", store}, {"jump to", jump}};

static void attack_addresses(void)
{
    for (size_t i = 0; i < foreign_count; i++)
        for (size_t k = 0; k < sizeof(accesses) / sizeof(accesses[0]); k++)
            attempt(trap(accesses[k].fn, foreign[i]) != 0, "%s 0x%016lx", accesses[k].name,
                    (unsigned long)foreign[i]);
}

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

static const struct {
    const char *name;
    void (*fn)(uintptr_t a);
} instructions[] = {
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

static void attack_instructions(void)
{
    for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
        attempt(trap(instructions[i].fn, 0) != 0, "instruction %s", instructions[i].name);
}

static void attack_own_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    attempt(trap(store, (uintptr_t)attack_own_code) != 0, "store to its own code");
    attempt(page != MAP_FAILED && trap(jump, (uintptr_t)page) != 0, "jump to its own data");
}

void attack_cpu(void)
{
    attack_addresses();
    attack_instructions();
    attack_own_code();
}
