/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/x86_64/clock.h"

#include "arch/mmio.h"
#include "arch/x86_64/sysreg.h"
#include "lib/base/mask.h"

#define NS_PER_S UINT64_C(1000000000)

/* The PC's 8254: counter 2 counts 16 bits down while its gate (port 0x61) is open. */
#define PIT_HZ      UINT64_C(1193182)
#define PIT_COUNT2  REG8(2)
#define PIT_COMMAND REG8(3)
#define PIT_MODE0   0xb0 /* counter 2, low byte then high byte, mode 0 */
#define PIT_COUNT0  REG8(0)
#define PIT_ONCE0   0x30 /* the same of counter 0 */
#define PIT_LATCH   0x80 /* counter 2 */
#define GATE        REG8(0)
#define GATE_OPEN   BIT(0)
#define GATE_SOUND  BIT(1)

static const struct mmio pit = {0x40, 4};
static const struct mmio gate = {0x61, 1};

#define PIT_START 0xffffu
#define PIT_TICKS 1200u   /* about 1 ms: an error of a tick is one of 0.08 % */
#define PIT_LOOKS 1000000 /* reads until it is taken for dead */

static uint64_t tsc_hz, tsc_start;

uint64_t clock_tsc(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

uint64_t clock_scale(uint64_t value, uint64_t from, uint64_t to)
{
    return value / from * to + value % from * to / from;
}

/* CPUID 15H: crystal and ratio, where the CPU tells both. */
static uint64_t hz_by_cpuid(void)
{
    struct cpuid c = cpuid_if_there(0x15, 0);

    return c.eax != 0 && c.ebx != 0 ? (uint64_t)c.ecx * c.ebx / c.eax : 0;
}

static uint32_t pit_elapsed(void)
{
    mmio_write8(&pit, PIT_COMMAND, PIT_LATCH);
    uint32_t low = mmio_read8(&pit, PIT_COUNT2);
    uint32_t high = mmio_read8(&pit, PIT_COUNT2);

    return PIT_START - (high << 8 | low);
}

static void pit_start(void)
{
    uint8_t old = mmio_read8(&gate, GATE);

    mmio_write8(&gate, GATE, (uint8_t)((old & ~GATE_SOUND) | GATE_OPEN));
    mmio_write8(&pit, PIT_COMMAND, PIT_MODE0);
    mmio_write8(&pit, PIT_COUNT2, PIT_START & 0xff);
    mmio_write8(&pit, PIT_COUNT2, PIT_START >> 8);
}

static uint64_t measure(void)
{
    uint32_t first, ticks = 0;
    uint64_t begun, now = 0;

    pit_start();
    first = pit_elapsed();
    begun = clock_tsc();
    for (unsigned i = 0; i < PIT_LOOKS && ticks < PIT_TICKS; i++) {
        ticks = pit_elapsed() - first;
        now = clock_tsc();
    }
    return ticks < PIT_TICKS ? 0 : clock_scale(now - begun, ticks, PIT_HZ);
}

/* Counter 0 interrupts 18 times a second after reset, and nobody listens: in mode 0 it stops when
 * it has counted. */
static void pit_stop_tick(void)
{
    mmio_write8(&pit, PIT_COMMAND, PIT_ONCE0);
    mmio_write8(&pit, PIT_COUNT0, 1);
    mmio_write8(&pit, PIT_COUNT0, 0);
}

static bool agree(uint64_t a, uint64_t b)
{
    return MAX(a, b) - MIN(a, b) <= MIN(a, b) / PIT_TICKS;
}

/* A hypervisor or firmware may hold the CPU up between two looks: where two measurements do not
 * agree, it is the median of three. */
static uint64_t hz_by_pit(void)
{
    uint64_t a = measure(), b = measure(), c = agree(a, b) ? a : measure();

    pit_stop_tick();
    return MAX(MIN(a, b), MIN(MAX(a, b), c));
}

void clock_start(void)
{
    tsc_start = clock_tsc();
}

void clock_calibrate(void)
{
    tsc_hz = hz_by_cpuid();
    if (tsc_hz == 0)
        tsc_hz = hz_by_pit();
}

uint64_t clock_tsc_hz(void)
{
    return tsc_hz;
}

uint64_t clock_tsc_to_ns(uint64_t ticks)
{
    return tsc_hz == 0 ? 0 : clock_scale(ticks, tsc_hz, NS_PER_S);
}

/* Time stands still where there is no clock: cpu_check() refuses such a machine. */
uint64_t clock_now_ns(void)
{
    return clock_tsc_to_ns(clock_tsc() - tsc_start);
}

void clock_relax(void)
{
    __asm__ volatile("pause" ::: "memory");
}

void clock_delay_us(uint64_t us)
{
    deadline_t end = deadline_in_us(us);

    while (!deadline_passed(end))
        clock_relax();
}

/* One tick more: the conversions round down, and the moment must have come. */
uint64_t clock_tsc_at(uint64_t ns)
{
    return tsc_start + clock_scale(ns, NS_PER_S, tsc_hz) + 1;
}
