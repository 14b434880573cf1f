/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_GICV3_LPI_H
#define RF_DRIVERS_IRQ_GICV3_LPI_H

#include <sys/queue.h>

#include "lib/base/types.h"

/* LPIs (IHI 0069 chapter 5): interrupts of messages, which are configured by bytes in memory and
 * translated from events by an ITS. All of them go to the redistributor of this CPU. */

/* Consecutive LPIs of one owner. */
struct lpi_block {
    uint32_t first, count;
    /* The redistributor reads the LPI's configuration again before this returns. */
    void (*reload)(struct lpi_block *b, uint32_t id);
    /* The LPI is no longer pending when this returns. */
    void (*clear)(struct lpi_block *b, uint32_t id);
    LIST_ENTRY(lpi_block) link;
};

/* Makes the tables and switches LPIs on; nothing when they are on by this. Then they are numbers of
 * lib/irq's chip.
 *   -RF_ENODEV  this GIC or this redistributor has no LPIs, or gicv3_init() was not called
 *   -RF_EBUSY   firmware left them on, with its own tables, and they cannot be switched off
 *   -RF_ERANGE  the redistributor does not keep the address of a table
 *   -RF_ENOMEM, -RF_ETIMEDOUT */
int lpi_start(void);

/* The LPIs that there are. */
uint32_t lpi_first(void);
uint32_t lpi_count(void);

/* `count` LPIs, a power of two, first a multiple of it, all disabled. b->reload and b->clear are
 * set. -RF_ENOSPC. */
int lpi_alloc(struct lpi_block *b, unsigned count);

/* None of them is mapped to an event any more, or pending. */
void lpi_free(struct lpi_block *b);

/* How an ITS names the redistributor (GITS_TYPER.PTA). */
paddr_t lpi_target_base(void);
uint16_t lpi_target_processor(void);

#endif
