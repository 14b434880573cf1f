/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BASE_WAIT_H
#define RF_BASE_WAIT_H

#include "arch/mmio.h"

/* What a bounded wait waits for. `name` is the specification's register name. */
struct wait_reg {
    const char *name;
    uint32_t mask;
    uint32_t want;
    uint32_t timeout_us;
};

/* Reads reg until (value & w->mask) == w->want. 0, or -RF_ETIMEDOUT after timeout_us with one
 * logged line that names the register, what was wanted and what was read last. The last look is
 * after the deadline, so a slow machine does not time out on a condition that holds. */
int wait_mmio32(const struct mmio *m, reg32_t reg, const struct wait_reg *w);

/* Whether the condition holds now, or does within timeout_us. The last look is after the deadline,
 * as above; nothing is logged. */
bool wait_for_condition(bool (*holds)(const void *ctx), const void *ctx, uint32_t timeout_us);

/* At least that long, asleep once wait_may_sleep() was called. Interrupts that come meanwhile stay
 * pending. */
void wait_us(uint64_t us);

/* From now on the timer's interrupt is enabled. */
void wait_may_sleep(void);

#endif
