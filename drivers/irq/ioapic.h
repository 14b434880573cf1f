/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_IOAPIC_H
#define RF_DRIVERS_IRQ_IOAPIC_H

#include "arch/mmio.h"

/* The I/O APIC (82093AA; 13.5 of Intel's I/O controller hubs), whose pins are not used: devices
 * interrupt by MSI. What firmware left in its entries is taken away, so that no pin interrupts. */

struct ioapic_pins {
    unsigned count;
    unsigned were_open; /* of them, before */
};

/* Masks every pin, whatever it was to raise and in whatever format, and looks that it is masked.
 * One line tells why it fails. -RF_ENODEV: no I/O APIC answers there, *pins is unchanged; -RF_EIO:
 * a pin stays open, and the others are masked. */
int ioapic_mask(const struct mmio *regs, struct ioapic_pins *pins);

#endif
