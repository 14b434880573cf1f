/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_LAPIC_H
#define RF_DRIVERS_IRQ_LAPIC_H

#include "lib/irq/msi.h"

/* The local APIC as interrupt controller (SDM 3A 11.8), and the MSIs that it receives. Numbers are
 * vectors. It has no mask a vector: what comes is taken at once, and kept until its vector is
 * enabled. */

/* The APIC itself: apic_take() and apic_end() of arch/apic.h. */
struct lapic {
    bool (*take)(uint32_t *vector);
    void (*end)(void);
};

/* Becomes the interrupt controller (irq_set_chip). */
void lapic_init(const struct lapic *l);

/* The vectors first .. last as MSIs to the APIC `id`, in compatibility format (SDM 3A 11.11): any
 * device can write the message of any other, so it does not tell them apart. One in the machine.
 * -RF_ERANGE: an id above 254 has no place in such a message. */
int lapic_msi_create(const char *name, uint32_t id, uint32_t first, uint32_t last,
                     struct msi_controller **out);

#endif
