/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/cpu.h"

#include <string.h>

#include "arch/apic.h"
#include "arch/x86_64/clock.h"
#include "arch/x86_64/cpu_start.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/base/strbuf.h"

#define CR0_MP BIT(1)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)

#define CR4_MCE        BIT(6)
#define CR4_PGE        BIT(7)
#define CR4_OSFXSR     BIT(9)
#define CR4_OSXMMEXCPT BIT(10)

/* IA32_PAT as after reset, which lib/pt/fmt_cpu_x86.c counts on: PCD and PWT are strong
 * uncacheable. */
#define PAT_RESET UINT64_C(0x0007040600070406)

/* What is used where the CPU has it: bits of CPUID 7, and of CR4. */
enum cpuid7_register { CPUID7_EBX, CPUID7_ECX };
static const struct feature {
    uint8_t bit;
    uint8_t reg; /* enum cpuid7_register */
    uint64_t cr4;
    const char *name;
} features[] = {
    {7, CPUID7_EBX, BIT(20), "SMEP"},     /* the kernel executes no page of the workload ... */
    {20, CPUID7_EBX, BIT(21), "SMAP"},    /* ... and does not access one by its user address */
    {2, CPUID7_ECX, BIT(11), "UMIP"},     /* the workload does not see descriptor tables */
    {0, CPUID7_EBX, BIT(16), "FSGSBASE"}, /* the workload sets its segment bases itself */
};

static bool has(const struct feature *f)
{
    struct cpuid c = cpuid_if_there(7, 0);

    return ((f->reg == CPUID7_EBX ? c.ebx : c.ecx) & BIT(f->bit)) != 0;
}

/* XSAVE stays off (CR4.OSXSAVE), so that programs see a CPU without AVX: its registers are not
 * among what a signal frame saves. */
void cpu_start(void)
{
    uint64_t cr4 = SYSREG_READ(cr4) | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;

    for (unsigned i = 0; i < ARRAY_SIZE(features); i++)
        if (has(&features[i]))
            cr4 |= features[i].cr4;
    SYSREG_WRITE(cr4, cr4);
    SYSREG_WRITE(cr0, (SYSREG_READ(cr0) & ~(CR0_EM | CR0_TS)) | CR0_MP);
    msr_write(MSR_PAT, PAT_RESET);
    __asm__ volatile("movq %0, %%dr7" : : "r"(UINT64_C(0x400))); /* no breakpoint */
}

static void add_model(struct strbuf *s)
{
    char name[49] = "";
    const char *start = name;

    for (unsigned i = 0; i < 3; i++) {
        struct cpuid c = cpuid_if_there(0x80000002u + i, 0);
        memcpy(name + i * sizeof(c), &c, sizeof(c));
    }
    while (*start == ' ')
        start++;
    strbuf_printf(s, "%s", *start ? start : "x86-64");
}

void cpu_describe(char *text, size_t n)
{
    struct strbuf s;

    strbuf_init(&s, text, n);
    add_model(&s);
    strbuf_printf(&s, ", TSC %lu MHz, %u-bit physical addresses", clock_tsc_hz() / 1000000,
                  cpu_pa_bits());
    for (unsigned i = 0; i < ARRAY_SIZE(features); i++)
        if (has(&features[i]))
            strbuf_printf(&s, ", %s", features[i].name);
}

/* Where CPUID does not tell, 36 (SDM 3A 4.1.4). */
unsigned cpu_pa_bits(void)
{
    uint32_t bits = cpuid_if_there(0x80000008, 0).eax & 0xff;

    return bits != 0 ? MIN(bits, 52u) : 36;
}

int cpu_check(void)
{
    if (clock_tsc_hz() == 0) {
        log_err("the frequency of the time-stamp counter is not known: CPUID does not tell it, and "
                "there is no 8254 timer to measure it by; no time-out can be measured");
        return -RF_ENODEV;
    }
    return 0;
}

void cpu_on_bus_error(void (*fn)(paddr_t at))
{
    (void)fn; /* a read of nothing is all ones, a write to nothing is lost: no exception comes */
}

static uint64_t idle_tsc;

/* An interrupt that is pending already ends the halt at once: sti takes effect after the next
 * instruction. */
void cpu_idle(void)
{
    uint64_t begun = clock_tsc();

    __asm__ volatile("sti\n\thlt\n\tcli" ::: "memory");
    apic_end_timer();
    idle_tsc += clock_tsc() - begun;
}

/* The timer may be early: by its measured frequency, or because the count does not fit. */
void cpu_sleep_until(uint64_t ns)
{
    apic_only_timer(true);
    while (clock_now_ns() < ns) {
        clock_set_wakeup(ns);
        cpu_idle();
    }
    clock_set_wakeup(UINT64_MAX);
    apic_only_timer(false);
}

uint64_t cpu_idle_ns(void)
{
    return clock_tsc_to_ns(idle_tsc);
}
