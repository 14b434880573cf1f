/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/wait.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

bool wait_for_condition(bool (*holds)(const void *ctx), const void *ctx, uint32_t timeout_us)
{
    deadline_t end = deadline_in_us(timeout_us);

    for (;;) {
        bool last_look = deadline_passed(end);

        if (holds(ctx))
            return true;
        if (last_look)
            return false;
        clock_relax();
    }
}

int wait_mmio32(const struct mmio *m, reg32_t reg, const struct wait_reg *w)
{
    deadline_t end = deadline_in_us(w->timeout_us);

    for (;;) {
        bool last_look = deadline_passed(end);
        uint32_t value = mmio_read32(m, reg);

        if ((value & w->mask) == w->want)
            return 0;
        if (last_look) {
            log_err("%s: waited %u us for 0x%x in mask 0x%x, got 0x%x", w->name, w->timeout_us,
                    w->want, w->mask, value);
            return -RF_ETIMEDOUT;
        }
        clock_relax();
    }
}

static bool may_sleep;

void wait_may_sleep(void)
{
    may_sleep = true;
}

void wait_us(uint64_t us)
{
    if (may_sleep)
        cpu_sleep_until(deadline_in_us(us).ns);
    else
        clock_delay_us(us);
}
