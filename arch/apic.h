/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_ARCH_APIC_H
#define RF_ARCH_APIC_H

#include "lib/base/types.h"

/* The local APIC of an x86 CPU (SDM 3A 11): only in an x86-64 kernel. It is part of the CPU, and
 * the timer that ends cpu_idle() is in it; as an interrupt controller drivers/irq/lapic.h drives
 * it. Vectors 0x20 .. 0xff are interrupts. The timer's is above all others, so that it can be let
 * in alone. */
#define APIC_VECTOR_FREE      0x30u /* up to APIC_VECTOR_FREE_LAST: whoever allocates them */
#define APIC_VECTOR_FREE_LAST 0xefu
#define APIC_VECTOR_TIMER     0xf0u
#define APIC_VECTOR_SPURIOUS  0xffu

/* Whether it is in x2APIC mode, by firmware or by apic_start(), and whether it could be. Of that
 * mode there is no way back on every CPU. */
bool apic_is_x2apic(void);
bool apic_has_x2apic(void);

/* Switches it on, in x2APIC mode where that is wanted or found; masks its local sources but the
 * timer, and measures the timer. -RF_ENODEV: there is none, or its timer stands still;
 * -RF_ENOMEM. */
int apic_start(bool x2apic);

/* Its mode, its id and its timer, for the boot report. */
struct strbuf;
void apic_describe(struct strbuf *s);

/* Of this CPU: where interrupts are to be sent. */
uint32_t apic_id(void);

/* The highest vector that is in service and was not told yet, after what is pending was let in.
 * False: there is none. Each waits for one apic_end(). */
bool apic_take(uint32_t *vector);

/* EOI: ends what has the highest priority of all in service. */
void apic_end(void);

/* Ends the timer's interrupt, if it is in service: it has done what it is for. */
void apic_end_timer(void);

/* Whether all other interrupts stay pending (TPR). */
void apic_only_timer(bool only);

#endif
