/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_GICV3_H
#define RF_DRIVERS_IRQ_GICV3_H

#include "arch/gic.h"
#include "arch/mmio.h"

/* Arm Generic Interrupt Controller version 3 or 4 (IHI 0069), as one CPU with affinity routing uses
 * it, in a machine with one Security state or in the Non-secure one. */

/* This CPU's end of it (arch/gic.h). */
struct gicv3_cpu {
    uint64_t (*acknowledge)(void);
    void (*end)(uint32_t id);
    uint64_t (*read)(enum gic_register r);
    void (*write)(enum gic_register r, uint64_t v);
    uint64_t affinity;
};

/* A region of redistributors, which stand one after the other. */
struct gicv3_region {
    struct mmio regs;
    paddr_t base;
};

struct gicv3_config {
    struct mmio dist;
    const struct gicv3_region *region; /* used only during gicv3_init() */
    unsigned region_count;
    struct gicv3_cpu cpu;
    bool noncoherent; /* firmware says that redistributors do not snoop the CPU's caches */
};

/* Takes it over from any state: every interrupt disabled, not pending and not active, Group 1;
 * shared ones go to this CPU. Then it is lib/irq's chip.
 *   -RF_ENODEV     no GICv3 answers, or none of its redistributors is this CPU's
 *   -RF_EINVAL     the register blocks are too small
 *   -RF_ETIMEDOUT  it does not follow; logged */
int gicv3_init(const struct gicv3_config *cfg);

#endif
