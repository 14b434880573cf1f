/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/apic.h"

#include "arch/mmu.h"
#include "arch/x86_64/clock.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/err.h"
#include "lib/base/mask.h"
#include "lib/base/strbuf.h"

/* IA32_APIC_BASE */
#define BASE_X2APIC BIT(10)
#define BASE_ENABLE BIT(11)
#define BASE_ADDR   MASK(51, 12)

#define CPUID1_ECX_X2APIC       BIT(21)
#define CPUID1_ECX_TSC_DEADLINE BIT(24)
#define CPUID1_EDX_APIC         BIT(9)

/* Registers (SDM 3A table 11-1) */
enum {
    REG_ID = 0x20,
    REG_VERSION = 0x30,
    REG_TPR = 0x80,
    REG_EOI = 0xb0,
    REG_SVR = 0xf0,
    REG_ISR = 0x100, /* 8 registers of 32 vectors, 16 bytes apart */
    REG_LVT_CMCI = 0x2f0,
    REG_LVT_TIMER = 0x320,
    REG_LVT_THERMAL = 0x330,
    REG_LVT_PERFORMANCE = 0x340,
    REG_LVT_LINT0 = 0x350,
    REG_LVT_LINT1 = 0x360,
    REG_LVT_ERROR = 0x370,
    REG_TIMER_COUNT = 0x380,
    REG_TIMER_NOW = 0x390,
    REG_TIMER_DIVIDE = 0x3e0,
};
#define SVR_ENABLE       BIT(8)
#define VERSION_MAX_LVT  MASK(23, 16)
#define LVT_NMI          (UINT32_C(4) << 8)
#define LVT_MASKED       BIT(16)
#define LVT_TSC_DEADLINE BIT(18)
#define DIVIDE_BY_16     3u
#define XAPIC_ID         MASK(31, 24)
#define PAGE_BYTES       4096u

#define MEASURE_US 500

static struct {
    bool on, x2apic, deadline;
    struct mmio regs;  /* xAPIC */
    uint64_t timer_hz; /* after the divider; not with a TSC deadline */
} apic;

/* vectors.S, user.c: a bit for each vector that came in, which spares looks at ISR; and whether
 * there is one. */
#pragma GCC visibility push(hidden)
uint64_t apic_came[256 / 64];
volatile uint8_t apic_any;
#pragma GCC visibility pop

static uint32_t apic_read(unsigned offset)
{
    return apic.x2apic ? (uint32_t)msr_read(MSR_X2APIC + offset / 16)
                       : mmio_read32(&apic.regs, REG32(offset));
}

static void apic_write(unsigned offset, uint32_t value)
{
    if (apic.x2apic)
        msr_write(MSR_X2APIC + offset / 16, value);
    else
        mmio_write32(&apic.regs, REG32(offset), value);
}

uint32_t apic_id(void)
{
    uint32_t id = apic_read(REG_ID);

    return apic.x2apic ? id : (uint32_t)FIELD_GET(XAPIC_ID, id);
}

/* A spurious interrupt is not in service (SDM 3A 11.9). */
static bool take_known(uint32_t *vector)
{
    apic_came[APIC_VECTOR_SPURIOUS / 64] &= ~BIT(APIC_VECTOR_SPURIOUS % 64);
    for (unsigned i = ARRAY_SIZE(apic_came); i-- > 0;) {
        if (apic_came[i] != 0) {
            unsigned bit = log2_floor(apic_came[i]);

            apic_came[i] &= ~BIT(bit);
            *vector = i * 64 + bit;
            return true;
        }
    }
    apic_any = false;
    return false;
}

bool apic_take(uint32_t *vector)
{
    if (apic_any && take_known(vector))
        return true;
    __asm__ volatile("sti\n\tnop\n\tcli" ::: "memory");
    return apic_any && take_known(vector);
}

void apic_end(void)
{
    apic_write(REG_EOI, 0);
}

void apic_end_timer(void)
{
    uint64_t *came = &apic_came[APIC_VECTOR_TIMER / 64];

    if ((*came & BIT(APIC_VECTOR_TIMER % 64)) == 0)
        return;
    *came &= ~BIT(APIC_VECTOR_TIMER % 64);
    apic_end();
}

void apic_only_timer(bool only)
{
    apic_write(REG_TPR, only ? APIC_VECTOR_FREE_LAST : 0);
}

bool apic_is_x2apic(void)
{
    return (msr_read(MSR_APIC_BASE) & BASE_X2APIC) != 0;
}

bool apic_has_x2apic(void)
{
    return (cpuid(1, 0).ecx & CPUID1_ECX_X2APIC) != 0;
}

/* The way to x2APIC leads through xAPIC (SDM 3A 11.12.5). */
static int open_registers(bool x2apic)
{
    uint64_t base = msr_read(MSR_APIC_BASE) | BASE_ENABLE;

    msr_write(MSR_APIC_BASE, base);
    if (x2apic)
        msr_write(MSR_APIC_BASE, base | BASE_X2APIC);
    apic.x2apic = apic_is_x2apic();
    return apic.x2apic ? 0 : mmu_map_device(PADDR(base & BASE_ADDR), PAGE_BYTES, &apic.regs);
}

/* Only the timer may interrupt, and by LINT1 the machine, when its hardware has an error. */
static void mask_local_sources(void)
{
    static const uint16_t sources[] = {REG_LVT_THERMAL, REG_LVT_PERFORMANCE, REG_LVT_LINT0,
                                       REG_LVT_ERROR};
    uint64_t max_lvt = FIELD_GET(VERSION_MAX_LVT, apic_read(REG_VERSION));

    for (unsigned i = 0; i < ARRAY_SIZE(sources); i++)
        if (sources[i] != REG_LVT_THERMAL || max_lvt >= 5)
            apic_write(sources[i], LVT_MASKED);
    if (max_lvt >= 6)
        apic_write(REG_LVT_CMCI, LVT_MASKED);
    apic_write(REG_LVT_LINT1, LVT_NMI);
}

static bool is_serving(void)
{
    uint32_t any = 0;

    for (unsigned i = 0; i < 8; i++)
        any |= apic_read(REG_ISR + 16 * i);
    return any != 0;
}

/* What firmware took and did not end would keep lower vectors out for ever. */
static void end_what_was_in_service(void)
{
    for (unsigned n = 0; n < 256 && is_serving(); n++)
        apic_end();
}

/* Counts down from the largest value against the clock. */
static uint64_t measure_timer(void)
{
    apic_write(REG_TIMER_DIVIDE, DIVIDE_BY_16);
    apic_write(REG_LVT_TIMER, LVT_MASKED | APIC_VECTOR_TIMER);
    apic_write(REG_TIMER_COUNT, UINT32_MAX);
    uint64_t begun = clock_tsc();
    clock_delay_us(MEASURE_US);
    uint32_t ticks = UINT32_MAX - apic_read(REG_TIMER_NOW);
    uint64_t spent = clock_tsc() - begun;
    apic_write(REG_TIMER_COUNT, 0);
    return clock_scale(ticks, spent, clock_tsc_hz());
}

int apic_start(bool x2apic)
{
    int err;

    if (!(cpuid(1, 0).edx & CPUID1_EDX_APIC))
        return -RF_ENODEV;
    err = open_registers(x2apic);
    if (err)
        return err;
    apic_write(REG_SVR, SVR_ENABLE | APIC_VECTOR_SPURIOUS);
    apic_write(REG_TPR, 0);
    end_what_was_in_service();
    mask_local_sources();
    apic.deadline = (cpuid(1, 0).ecx & CPUID1_ECX_TSC_DEADLINE) != 0;
    if (!apic.deadline) {
        apic.timer_hz = measure_timer();
        if (apic.timer_hz == 0)
            return -RF_ENODEV;
    }
    apic_write(REG_LVT_TIMER, APIC_VECTOR_TIMER | (apic.deadline ? LVT_TSC_DEADLINE : 0));
    /* The mode is in force before the first deadline (SDM 3A 11.5.4.1). */
    __asm__ volatile("mfence" ::: "memory");
    apic.on = true;
    return 0;
}

void apic_describe(struct strbuf *s)
{
    strbuf_printf(s, "%s %u, %s timer", apic.x2apic ? "x2APIC" : "xAPIC", apic_id(),
                  apic.deadline ? "TSC-deadline" : "counting");
}

/* A count that does not fit wakes early: whoever waits looks at the clock. */
static uint32_t timer_count(uint64_t ns)
{
    uint64_t tsc = clock_tsc_at(ns), now = clock_tsc();

    if (ns == UINT64_MAX)
        return 0;
    if (tsc <= now)
        return 1;
    return (uint32_t)MIN(clock_scale(tsc - now, clock_tsc_hz(), apic.timer_hz) + 1, UINT32_MAX);
}

void clock_set_wakeup(uint64_t ns)
{
    if (!apic.on)
        return;
    if (apic.deadline)
        msr_write(MSR_TSC_DEADLINE, ns == UINT64_MAX ? 0 : clock_tsc_at(ns));
    else
        apic_write(REG_TIMER_COUNT, timer_count(ns));
}
