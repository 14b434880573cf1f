/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_I8259_H
#define RF_DRIVERS_IRQ_I8259_H

#include "arch/mmio.h"

/* The PC's pair of 8259A interrupt controllers, which are not used: moves their vectors away from
 * the CPU's exceptions, up to `vector` + 15, and masks all lines. */
void i8259_mask(const struct mmio *primary, const struct mmio *secondary, uint8_t vector);

#endif
