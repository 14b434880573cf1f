/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SERIAL_PL011_H
#define RF_SERIAL_PL011_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/mmio.h"

/* Arm PL011 UART (DDI 0183), polled, one in the machine: the console. */

/* Whether the identification registers are a PL011's (3.3.14, 3.3.15). */
bool pl011_is_there(const struct mmio *regs);

/* 8 data bits, no parity, 1 stop bit, FIFOs on, interrupts off. The speed stays what firmware set.
 * The registers' window is copied. */
void pl011_init(const struct mmio *regs);

/* Writes text as it is: "\n" is not made "\r\n", which is the terminal's affair. A character that
 * finds no room for 10 ms is dropped, and those after it at once, until there is room again: a
 * console that is stuck costs time once. Nothing before pl011_init(). */
void pl011_write(const char *text, size_t n);

/* pl011_write as a log sink (lib/base/log.h); ctx is not used. */
void pl011_sink(void *ctx, const char *text, size_t n);

/* A received character, or -1. */
int pl011_getc(void);

/* Characters dropped so far. */
uint64_t pl011_dropped(void);

#endif
