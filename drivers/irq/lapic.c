/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/lapic.h"

#include "lib/base/mask.h"
#include "lib/irq/irq.h"

#define REG_EOI  0xb0u
#define REG_ISR  0x100u /* 8 registers of 32 vectors, 16 bytes apart */
#define REG_STEP 0x10u

#define VECTORS      256u
#define VECTOR_FIRST 32u
#define WORDS        (VECTORS / 32)
#define ROUNDS_MAX   VECTORS /* a vector that comes again and again does not hold the kernel */

static struct lapic apic;
static uint32_t pending[WORDS], enabled[WORDS];

static uint32_t bit_of(uint32_t id)
{
    return UINT32_C(1) << id % 32;
}

/* The highest vector in service. The words below the first interrupt are exceptions'. */
static uint32_t in_service(void)
{
    for (unsigned i = WORDS; i-- > VECTOR_FIRST / 32;) {
        uint32_t word = apic.read(REG_ISR + i * REG_STEP);

        if (word != 0)
            return i * 32 + 31 - (uint32_t)__builtin_clz(word);
    }
    return IRQ_NONE;
}

/* Everything that is in service or comes now is ended, and pending here. */
static void collect(void)
{
    bool taken = false;

    for (unsigned n = 0; n < ROUNDS_MAX; n++) {
        uint32_t id = in_service();

        if (id != IRQ_NONE) {
            pending[id / 32] |= bit_of(id);
            apic.write(REG_EOI, 0);
            taken = false;
        } else if (taken) {
            return;
        } else {
            apic.take();
            taken = true;
        }
    }
}

/* An MSI is an edge, and nothing else is let in. */
static void lapic_configure(uint32_t id, enum irq_trigger t)
{
    (void)id;
    (void)t;
}

static void lapic_enable(uint32_t id)
{
    enabled[id / 32] |= bit_of(id);
}

static void lapic_disable(uint32_t id)
{
    enabled[id / 32] &= ~bit_of(id);
}

static void lapic_clear(uint32_t id)
{
    collect();
    pending[id / 32] &= ~bit_of(id);
}

static bool lapic_is_pending(uint32_t id)
{
    collect();
    return (pending[id / 32] & bit_of(id)) != 0;
}

static uint32_t lapic_acknowledge(void)
{
    collect();
    for (unsigned i = 0; i < WORDS; i++) {
        uint32_t ready = pending[i] & enabled[i];

        if (ready != 0) {
            uint32_t id = i * 32 + (uint32_t)__builtin_ctz(ready);

            pending[i] &= ~bit_of(id);
            return id;
        }
    }
    return IRQ_NONE;
}

/* It was ended when it came. */
static void lapic_end(uint32_t id)
{
    (void)id;
}

static const struct irq_chip chip = {
    .name = "local APIC",
    .count = VECTORS,
    .configure = lapic_configure,
    .enable = lapic_enable,
    .disable = lapic_disable,
    .clear = lapic_clear,
    .is_pending = lapic_is_pending,
    .acknowledge = lapic_acknowledge,
    .end = lapic_end,
};

void lapic_init(const struct lapic *l)
{
    apic = *l;
    for (unsigned i = 0; i < WORDS; i++)
        pending[i] = enabled[i] = 0;
    irq_set_chip(&chip);
}
