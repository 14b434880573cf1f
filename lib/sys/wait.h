/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_WAIT_H
#define RF_SYS_WAIT_H

#include <sys/queue.h>

#include "lib/base/types.h"

/* The one way in which a system call blocks. There is one thread: while it waits, the kernel
 * handles interrupts, looks at what must be polled, and sleeps until the next interrupt. A wait for
 * something that never happens idles for ever, as it does on Linux. */

#define WAIT_FOREVER UINT64_MAX

/* A moment at which waits look again; what it means is its owner's business. */
struct wake_timer {
    uint64_t ns; /* of clock_now_ns() */
    LIST_ENTRY(wake_timer) link;
};
void wait_add_timer(struct wake_timer *t);
void wait_remove_timer(struct wake_timer *t);

/* What is polled beside interrupts (sys_config.poll); NULL: nothing. */
void wait_set_poll(void (*poll)(void));

/* Handles what is pending. */
void wait_poll(void);

/* Until ready(ctx) is true: 0; or until deadline_ns has passed: -RF_ETIMEDOUT. ready is asked at
 * least once. */
int wait_until(bool (*ready)(void *ctx), void *ctx, uint64_t deadline_ns);

#endif
