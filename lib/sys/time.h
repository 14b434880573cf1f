/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SYS_TIME_H
#define RF_SYS_TIME_H

#include "lib/sys/linux.h"

/* Linux's time structures. Nanoseconds saturate at WAIT_FOREVER - 1. */

/* Reads a timespec: 0, -RF_EFAULT, -RF_EINVAL (negative, or a billion nanoseconds and more). */
int time_copy_in(uint64_t uaddr, uint64_t *ns);

/* The deadline that a relative timeout at uaddr means; address 0: WAIT_FOREVER. */
int time_deadline(uint64_t uaddr, uint64_t *deadline_ns);

/* now + ns, saturated. */
uint64_t time_after(uint64_t ns);

int time_decode(const struct lx_timespec *ts, uint64_t *ns); /* 0 or -RF_EINVAL */
struct lx_timespec time_encode(uint64_t ns);

#endif
