/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_SERIAL_NS16550_H
#define RF_SERIAL_NS16550_H

#include <stddef.h>

#include "arch/mmio.h"

/* 16550 UART with registers of one byte side by side (PC16550D data sheet), polled, one in the
 * machine: the console. */

/* 8 data bits, no parity, 1 stop bit, FIFOs on, interrupts off. The speed stays what firmware set.
 * The registers' window, memory or ports, is copied. */
void ns16550_init(const struct mmio *regs);

/* A log sink (lib/base/log.h); ctx is not used. Writes text as it is. A character that finds no
 * room for 10 ms is dropped, and those after it at once, until there is room again. */
void ns16550_sink(void *ctx, const char *text, size_t n);

/* A received character, or -1. */
int ns16550_getc(void);

#endif
