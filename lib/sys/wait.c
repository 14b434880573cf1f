/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/sys/wait.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "lib/base/err.h"
#include "lib/irq/irq.h"

static LIST_HEAD(, wake_timer) timers = LIST_HEAD_INITIALIZER(timers);
static void (*poll_devices)(void);

void wait_add_timer(struct wake_timer *t)
{
    LIST_INSERT_HEAD(&timers, t, link);
}

void wait_remove_timer(struct wake_timer *t)
{
    LIST_REMOVE(t, link);
}

void wait_set_poll(void (*poll)(void))
{
    poll_devices = poll;
}

void wait_poll(void)
{
    irq_poll();
    if (poll_devices != NULL)
        poll_devices();
}

/* The next moment at which something may have changed without an interrupt of a device. */
static uint64_t next_wakeup(uint64_t deadline_ns)
{
    struct wake_timer *t;
    uint64_t now = LIST_EMPTY(&timers) ? 0 : clock_now_ns();
    LIST_FOREACH (t, &timers, link) {
        if (t->ns > now)
            deadline_ns = MIN(deadline_ns, t->ns);
    }
    return deadline_ns;
}

static void sleep_until(uint64_t ns)
{
    if (ns != WAIT_FOREVER)
        clock_set_wakeup(ns);
    cpu_idle();
    if (ns != WAIT_FOREVER)
        clock_set_wakeup(UINT64_MAX);
}

/* Interrupts are masked all through: one that comes after the last look stays pending, and cpu_idle
 * returns at once. */
int wait_until(bool (*ready)(void *ctx), void *ctx, uint64_t deadline_ns)
{
    for (;;) {
        wait_poll();
        if (ready(ctx))
            return 0;
        if (deadline_ns != WAIT_FOREVER && clock_now_ns() >= deadline_ns)
            return -RF_ETIMEDOUT;
        sleep_until(next_wakeup(deadline_ns));
    }
}
