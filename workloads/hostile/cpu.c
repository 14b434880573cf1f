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

static void attack_instructions(void)
{
    for (size_t i = 0; i < instruction_count; i++)
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
