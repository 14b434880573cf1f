/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/gicv3/internal.h"

/* Wired interrupts, 32 a register (IHI 0069 12.9, 12.11). */

uint32_t get_bits(const struct gicv3_model *m, unsigned first, size_t member)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 32; i++)
        v |= (uint32_t)*((const bool *)&m->irq[first + i].s + member) << i;
    return v;
}

void enable_bits(struct gicv3_model *m, unsigned first, uint32_t v)
{
    for (unsigned i = 0; i < 32; i++) {
        if (v >> i & 1)
            m->irq[first + i].s.enabled = true;
    }
}

void disable_bits(struct gicv3_model *m, unsigned first, uint32_t v)
{
    for (unsigned i = 0; i < 32; i++)
        m->irq[first + i].going_off |= v >> i & 1;
}

void all_off(struct gicv3_model *m, unsigned first, unsigned end)
{
    for (unsigned id = first; id < end; id++) {
        if (m->irq[id].going_off)
            m->irq[id].s.enabled = false;
        m->irq[id].going_off = false;
    }
}

void clear_pending(struct gicv3_model *m, unsigned first, uint32_t v)
{
    for (unsigned i = 0; i < 32; i++) {
        if (v >> i & 1)
            m->irq[first + i].s.pending = false;
    }
}

void clear_active(struct gicv3_model *m, unsigned first, uint32_t v)
{
    for (unsigned i = 0; i < 32; i++) {
        if (v >> i & 1)
            m->irq[first + i].s.active = false;
    }
}

void set_group(struct gicv3_model *m, unsigned first, uint32_t v)
{
    for (unsigned i = 0; i < 32; i++)
        m->irq[first + i].s.group1 = v >> i & 1;
}

void set_priority(struct gicv3_model *m, unsigned first, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        m->irq[first + i].s.priority = (uint8_t)(v >> 8 * i);
}
