/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_GICV3_STATE_H
#define RF_DRIVERS_IRQ_GICV3_STATE_H

#include "drivers/irq/gicv3/gicv3.h"
#include "lib/irq/irq.h"

/* Private to drivers/irq/gicv3. There is one in a machine. */
struct gicv3 {
    struct mmio dist;
    struct mmio rd; /* this CPU's redistributor: the control frame, then that of SGIs and PPIs */
    paddr_t rd_base;
    uint64_t rd_typer;
    struct gicv3_cpu cpu;
    bool noncoherent;
    struct irq_chip chip;
};
extern struct gicv3 gicv3;

#define GICV3_WAIT_US 1000000

/* ---- redist.c */
/* Finds this CPU's redistributor. -RF_ENODEV: it is not there. */
int gicv3_redist_find(struct gicv3 *g, const struct gicv3_region *region, unsigned count);
/* Wakes it, and resets its private interrupts. -RF_ETIMEDOUT. */
int gicv3_redist_start(const struct gicv3 *g);
/* Until what was switched off is (GICR_CTLR.RWP). -RF_ETIMEDOUT. */
int gicv3_redist_wait(const struct gicv3 *g);

/* ---- lpi.c */
/* The byte of its configuration; has the redistributor read it again. */
void gicv3_lpi_enable(uint32_t id, bool on);
void gicv3_lpi_clear(uint32_t id);

#endif
