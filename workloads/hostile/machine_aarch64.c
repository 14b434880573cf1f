/* SPDX-License-Identifier: BSD-2-Clause */
#include "workloads/hostile/attempt.h"

#define KERNEL_IMAGE 0xffffc00000000000 /* its code first */
#define KERNEL_DATA  0x40000            /* inside its zeroed data, which is writable */

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
INSTRUCTION(read_physical_counter, "mrs %0, cntpct_el0")
INSTRUCTION(read_cycle_counter, "mrs %0, pmccntr_el0")
INSTRUCTION(write_kernels_thread, "msr tpidrro_el0, %0")
INSTRUCTION(translate_kernel, "at s1e1r, %0")
INSTRUCTION(invalidate_by_set, "dc isw, %0")
INSTRUCTION(start_sme, ".inst 0xd503477f") /* SMSTART */
INSTRUCTION(count_sve, ".inst 0x0420e3e0") /* CNTB x0 */
INSTRUCTION(read_debug_channel, "mrs %0, dbgdtr_el0")

static void zero_kernel_line(uintptr_t a)
{
    __asm__ volatile("dc zva, %0" ::"r"(KERNEL_IMAGE + KERNEL_DATA + a) : "memory");
}

/* ---- contexts that rt_sigreturn is asked to go back to: struct rt_sigframe of the kernel's ABI,
 * with a state of the CPU that is not a program's. It goes on at EL0 all the same, where reading
 * SCTLR_EL1 is trapped. */

#define NR_RT_SIGRETURN 139
#define FP_MAGIC        0x46508001u

static struct {
    uint8_t info[128], ucontext[176];
    uint64_t fault_address, x[31], sp, pc, pstate, pad;
    uint32_t magic, size, fpsr, fpcr;
    uint8_t v[512], rest[4096 - 528];
} frame __attribute__((aligned(16)));

static void land(void)
{
    uint64_t v;

    __asm__ volatile("mrs %0, sctlr_el1" : "=r"(v));
    attempt(0, "reading sctlr_el1 after rt_sigreturn");
    for (;;)
        ;
}

static void go_back_to(uint64_t pstate, uint64_t pc)
{
    register long nr __asm__("x8") = NR_RT_SIGRETURN;

    frame.pstate = pstate;
    frame.pc = pc;
    frame.sp = ((uintptr_t)__builtin_frame_address(0) - 65536) & ~15ul;
    frame.magic = FP_MAGIC;
    frame.size = 528;
    __asm__ volatile("mov sp, %0\n\tsvc #0" ::"r"(&frame), "r"(nr) : "memory");
    __builtin_unreachable();
}

#define CONTEXT(name, pstate, pc)       \
    static void name(uintptr_t a)       \
    {                                   \
        go_back_to((pstate), (pc) + a); \
    }

CONTEXT(return_to_el1, 0x5, (uintptr_t)land)
CONTEXT(return_to_el1t, 0x4, (uintptr_t)land)
CONTEXT(return_to_el2, 0x9, (uintptr_t)land)
CONTEXT(return_to_el3, 0xd, (uintptr_t)land)
CONTEXT(return_to_aarch32, 0x13, (uintptr_t)land)
CONTEXT(return_masked, 0x3c0, (uintptr_t)land)
CONTEXT(return_stepping, 1ul << 21, (uintptr_t)land)
CONTEXT(return_illegal, 1ul << 20, (uintptr_t)land)
CONTEXT(return_all_ones, ~0ul, (uintptr_t)land)
CONTEXT(return_into_kernel, 0x5, KERNEL_IMAGE)
CONTEXT(return_to_odd_pc, 0, (uintptr_t)land + 2)
CONTEXT(return_to_tagged_pc, 0, (uintptr_t)land | 1ul << 56)

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
    {"mrs cntpct_el0", read_physical_counter},
    {"mrs pmccntr_el0", read_cycle_counter},
    {"msr tpidrro_el0", write_kernels_thread},
    {"at s1e1r", translate_kernel},
    {"dc isw", invalidate_by_set},
    {"smstart", start_sme},
    {"cntb (SVE)", count_sve},
    {"mrs dbgdtr_el0", read_debug_channel},
    {"dc zva of the kernel", zero_kernel_line},
    {"rt_sigreturn to EL1h", return_to_el1},
    {"rt_sigreturn to EL1t", return_to_el1t},
    {"rt_sigreturn to EL2h", return_to_el2},
    {"rt_sigreturn to EL3h", return_to_el3},
    {"rt_sigreturn to AArch32 supervisor", return_to_aarch32},
    {"rt_sigreturn with interrupts masked", return_masked},
    {"rt_sigreturn with single step", return_stepping},
    {"rt_sigreturn with the illegal state", return_illegal},
    {"rt_sigreturn with every bit of PSTATE", return_all_ones},
    {"rt_sigreturn to EL1h in the kernel", return_into_kernel},
    {"rt_sigreturn to an odd program counter", return_to_odd_pc},
    {"rt_sigreturn to a tagged program counter", return_to_tagged_pc},
};

const size_t instruction_count = sizeof(instructions) / sizeof(instructions[0]);

/* The kernel's linear map of RAM, of the GIC, UART and SMMU, the kernel's heap and image; the null
 * page; an address in neither half; the last page of the space. */
const uintptr_t foreign[] = {
    0xffff000048000000, 0xffff000008000000, 0xffff000009000000,
    0xffff000009050000, 0xffff800000000000, KERNEL_IMAGE,
    0x0000000000000000, 0x0100000000000000, 0xfffffffffffff000,
};
const size_t foreign_count = sizeof(foreign) / sizeof(foreign[0]);

const struct place targets[] = {
    {"the kernel's image", 0x40200000},      {"the first page of RAM", 0x40000000},
    {"the device tree", 0x48000000},         {"the SMMU's registers", 0x09050000},
    {"the GIC's distributor", 0x08000000},   {"the MSI frame", 0x08020000},
    {"the ITS's registers", 0x08080000},     {"the ITS's doorbell", 0x08090000},
    {"the GIC's redistributor", 0x080a0000}, {"the UART", 0x09000000},
    {"configuration space", 0x4010000000},   {"another device's BAR", 0x10000000},
    {"sbsa-ref's kernel", 0x10000200000},    {"sbsa-ref's SMMU", 0x60050000},
    {"sbsa-ref's ITS", 0x44081000},          {"the top of the address space", 0xfffffffffffff000},
};
const size_t target_count = sizeof(targets) / sizeof(targets[0]);

const struct place own_windows[] = {
    {"the doorbell window", 0x08000000},
    {"a 64-bit window of the host bridge", 0x8000000000},
};
const size_t window_count = sizeof(own_windows) / sizeof(own_windows[0]);

/* GICv2m: the page that is mapped, and the one beside it. */
const uint64_t doorbells[2] = {0x08000040, 0x08001040};

const uint32_t foreign_interrupts[] = {27, 30, 79, 120, 143, 1023, 0xffffffff};
const size_t foreign_interrupt_count = sizeof(foreign_interrupts) / sizeof(foreign_interrupts[0]);
