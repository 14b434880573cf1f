/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/lapic.h"

#include "lib/base/mask.h"
#include "lib/irq/irq.h"

#define VECTORS    256u
#define WORDS      (VECTORS / 64)
#define ROUNDS_MAX VECTORS /* a vector that comes again and again does not hold the kernel */

static struct lapic apic;
static uint64_t pending[WORDS], enabled[WORDS];
static bool some_ready; /* perhaps: both bits are set of some vector */

/* Everything that is in service or comes now is ended, and pending here. */
static void collect(void)
{
    uint32_t id;

    for (unsigned n = 0; n < ROUNDS_MAX && apic.take(&id); n++) {
        pending[id / 64] |= BIT(id % 64);
        some_ready = true;
        apic.end();
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
    enabled[id / 64] |= BIT(id % 64);
    some_ready = true;
}

static void lapic_disable(uint32_t id)
{
    enabled[id / 64] &= ~BIT(id % 64);
}

static void lapic_clear(uint32_t id)
{
    collect();
    pending[id / 64] &= ~BIT(id % 64);
}

static bool lapic_is_pending(uint32_t id)
{
    collect();
    return (pending[id / 64] & BIT(id % 64)) != 0;
}

static uint32_t lapic_acknowledge(void)
{
    collect();
    for (unsigned i = 0; some_ready && i < WORDS; i++) {
        uint64_t ready = pending[i] & enabled[i];

        if (ready != 0) {
            uint32_t id = i * 64 + (uint32_t)__builtin_ctzll(ready);

            pending[i] &= ~BIT(id % 64);
            return id;
        }
    }
    some_ready = false;
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
