/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/clock.h"

#include "arch/aarch64/sysreg.h"

/* The generic timer (DDI 0487 D11): the virtual counter, which counts also while the CPU waits, and
 * the virtual timer, whose interrupt ends the waiting. cpu_check() refuses a frequency of 0. */
#define NS_PER_S UINT64_C(1000000000)

/* CNTV_CTL_EL0 */
#define CNTV_CTL_ENABLE UINT64_C(1)

static uint64_t frequency(void)
{
    return SYSREG_READ(cntfrq_el0);
}

/* Whole seconds apart, so that the product does not overflow for 584 years. */
static uint64_t scale(uint64_t value, uint64_t from, uint64_t to)
{
    return value / from * to + value % from * to / from;
}

uint64_t clock_now_ns(void)
{
    isb(); /* the counter may be read early */
    return scale(SYSREG_READ(cntvct_el0), frequency(), NS_PER_S);
}

void clock_relax(void)
{
    __asm__ volatile("yield" ::: "memory");
}

void clock_delay_us(uint64_t us)
{
    deadline_t end = deadline_in_us(us);

    while (!deadline_passed(end))
        clock_relax();
}

void clock_set_wakeup(uint64_t ns)
{
    if (ns == UINT64_MAX) {
        SYSREG_WRITE(cntv_ctl_el0, 0);
    } else {
        /* One tick more: the conversions round down, and the moment must have come. */
        SYSREG_WRITE(cntv_cval_el0, scale(ns, NS_PER_S, frequency()) + 1);
        SYSREG_WRITE(cntv_ctl_el0, CNTV_CTL_ENABLE);
    }
    isb();
}
