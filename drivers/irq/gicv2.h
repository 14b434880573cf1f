/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_GICV2_H
#define RF_DRIVERS_IRQ_GICV2_H

#include "arch/mmio.h"

/* Arm Generic Interrupt Controller version 2 (IHI 0048B), as one CPU without the Security
 * Extensions or in their Non-secure state uses it. Takes it over from any state: every interrupt
 * disabled, not pending and not active; shared ones go to this CPU. Then it is lib/irq's chip.
 * -RF_ENODEV: no GICv2 answers; -RF_EINVAL: the register blocks are too small. */
int gicv2_init(const struct mmio *dist, const struct mmio *cpu);

#endif
