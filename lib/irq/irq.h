/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IRQ_IRQ_H
#define RF_IRQ_IRQ_H

#include "lib/base/types.h"

enum irq_trigger { IRQ_LEVEL, IRQ_EDGE };

/* An interrupt controller. Numbers are the controller's own (GIC: INTID): 0 .. count - 1, and where
 * those of messages stand apart (GICv3: LPIs), message_count from message_first on. */
struct irq_chip {
    const char *name;
    uint32_t count;
    uint32_t message_first, message_count;
    void (*configure)(uint32_t id, enum irq_trigger t);
    void (*enable)(uint32_t id);
    void (*disable)(uint32_t id); /* pending state is kept */
    void (*clear)(uint32_t id);   /* drops pending state */
    bool (*is_pending)(uint32_t id);
    uint32_t (*acknowledge)(void); /* IRQ_NONE: nothing pending */
    void (*end)(uint32_t id);
};
#define IRQ_NONE UINT32_MAX

typedef void (*irq_handler_t)(uint32_t id, void *arg);

void irq_set_chip(const struct irq_chip *chip);
const struct irq_chip *irq_chip(void);

/* One handler an interrupt; configured, and left disabled. -RF_EBUSY: taken; -RF_EINVAL: no such
 * number; -RF_ENODEV: no controller; -RF_ENOMEM. `name` is for the storm report and stays valid. */
int irq_request(uint32_t id, enum irq_trigger t, irq_handler_t fn, void *arg, const char *name);
void irq_free(uint32_t id);
bool irq_is_requested(uint32_t id);
unsigned irq_count(void); /* that have a handler */
void irq_enable(uint32_t id);
void irq_disable(uint32_t id);

/* Handles what is pending, at most IRQ_BUDGET interrupts, so that a storm cannot hold the kernel.
 * Returns how many were handled. An interrupt that nobody requested is ended, disabled and reported
 * once. */
#define IRQ_BUDGET 64
unsigned irq_poll(void);

#endif
