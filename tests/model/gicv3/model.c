/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "arch/host/host.h"
#include "tests/model/gicv3/internal.h"

const struct gicv3_model_config gicv3_model_virt = {
    .lines = 8, /* 288 interrupts */
    .redists = 1,
    .pri_bits = 5,
    .rwp_delay = 2,
    .wake_delay = 2,
    .dev_bits = 16,
    .event_bits = 16,
    .itt_entry = 12,
    .dev_entry = 8,
    .pta = false,
    .page_sizes = 7,
    .iidr = 0x43b,
};

static struct gicv3_model *current;

#define HANDLERS(frame)                                                                 \
    static uint64_t on_##frame##_read(void *ctx, uint64_t off, unsigned width)          \
    {                                                                                   \
        take_lazily(ctx);                                                               \
        return frame##_read(ctx, off, width);                                           \
    }                                                                                   \
    static void on_##frame##_write(void *ctx, uint64_t off, unsigned width, uint64_t v) \
    {                                                                                   \
        take_lazily(ctx);                                                               \
        frame##_write(ctx, off, width, v);                                              \
    }                                                                                   \
    static const struct host_mmio_ops frame##_ops = {on_##frame##_read, on_##frame##_write};

HANDLERS(dist)
HANDLERS(redist)
HANDLERS(its)

static uint64_t redist_stride(const struct gicv3_model *m)
{
    return (m->cfg.vlpis ? 4 : 2) * (uint64_t)FRAME;
}

uint64_t gicv3_model_redist_size(const struct gicv3_model *m)
{
    return m->cfg.redists * redist_stride(m);
}

uint64_t own_redist(const struct gicv3_model *m)
{
    return m->cfg.own * redist_stride(m);
}

/* As a firmware that left everything on, and nothing where it should be. */
static void leave_everything(struct gicv3_model *m)
{
    for (unsigned id = 0; id < WIRED; id++) {
        m->irq[id].s = (struct gicv3_model_irq){
            .enabled = true, .pending = true, .active = true, .route = ~0ull};
    }
    for (unsigned i = 0; i < AP1RS; i++)
        m->ap1r[i] = 0xff;
    m->asleep = !m->cfg.two_states;
    m->lpis_on = m->cfg.lpis_are_on;
    m->on = m->cfg.was_on;
    m->quiescent = !m->cfg.was_on;
    m->pmr = m->bpr1 = 7;
    m->cpu_ctlr = 3;
}

struct gicv3_model *gicv3_model_new(const struct gicv3_model_config *cfg)
{
    struct gicv3_model *m = calloc(1, sizeof(*m));

    m->cfg = *cfg;
    if (cfg->non_coherent)
        m->shadow = model_memory_new(cfg->ram_base, cfg->ram_size);
    leave_everything(m);
    host_mmio_register(GICV3_MODEL_DIST, FRAME, &dist_ops, m);
    host_mmio_register(GICV3_MODEL_ITS, 2 * FRAME, &its_ops, m);
    host_mmio_register(GICV3_MODEL_REDIST, gicv3_model_redist_size(m), &redist_ops, m);
    current = m;
    return m;
}

void gicv3_model_free(struct gicv3_model *m)
{
    if (!m)
        return;
    model_memory_free(m->shadow);
    free(m);
}

struct model_watch *gicv3_model_watch(struct gicv3_model *m)
{
    return &m->watch;
}

struct gicv3_model_irq gicv3_model_irq(const struct gicv3_model *m, uint32_t id)
{
    return m->irq[id].s;
}

void gicv3_model_raise(struct gicv3_model *m, uint32_t id)
{
    m->irq[id].s.pending = true;
}

/* ---- this CPU -------------------------------------------------------------------------------- */

/* Aff3 and Aff2 are not 0, so that it is seen whether they are put where they belong. */
uint64_t gicv3_model_affinity(void)
{
    return 0x0300020000ull | current->cfg.own;
}

static bool passes(const struct gicv3_model *m, uint8_t priority)
{
    return m->igrpen1 && priority < m->pmr && bit(m->ctlr, 1) && bit(m->ctlr, 4);
}

/* Reads are side effects of pending interrupts; nothing preempts what is running. */
uint64_t gicv3_model_acknowledge(void)
{
    struct gicv3_model *m = current;

    if (m->running)
        return NOTHING;
    for (uint32_t id = 0; id < WIRED; id++) {
        struct gicv3_model_irq *s = &m->irq[id].s;
        bool here = id < SPI_FIRST || s->route == gicv3_model_affinity();

        if (!s->enabled || !s->pending || s->active || !passes(m, s->priority) || !here ||
            (!s->group1 && !m->cfg.two_states))
            continue;
        s->pending = false;
        s->active = true;
        return m->running = id;
    }
    for (uint32_t i = 0; i < LPIS; i++) {
        if (!m->lpi_pending[i] || !(m->config[i] & 1) || !passes(m, m->config[i] & 0xfc))
            continue;
        m->lpi_pending[i] = false;
        return m->running = LPI_FIRST + i;
    }
    return NOTHING;
}

void gicv3_model_end(uint32_t id)
{
    if (id != current->running)
        model_broken(&current->watch, "the end of interrupt %u, while %u is running", id,
                     current->running);
    if (id < WIRED && !bit(current->cpu_ctlr, 1))
        current->irq[id].s.active = false;
    current->running = 0;
}

/* The order is that of enum gic_register. */
static uint64_t *cpu_register(unsigned reg)
{
    struct gicv3_model *m = current;
    uint64_t *const regs[] = {&m->pmr,     &m->bpr1,    &m->cpu_ctlr, &m->igrpen1,
                              &m->ap1r[0], &m->ap1r[1], &m->ap1r[2],  &m->ap1r[3]};
    const unsigned first_ap = 4, aps = m->cfg.pri_bits == 5 ? 1 : m->cfg.pri_bits == 6 ? 2 : 4;

    if (reg >= first_ap + aps)
        model_broken(&m->watch, "ICC_AP1R%u_EL1, which this CPU has not", reg - first_ap);
    return regs[reg];
}

uint64_t gicv3_model_cpu_read(unsigned reg)
{
    const unsigned ctlr = 2;

    return *cpu_register(reg) | (reg == ctlr ? (uint64_t)(current->cfg.pri_bits - 1) << 8 : 0);
}

void gicv3_model_cpu_write(unsigned reg, uint64_t value)
{
    *cpu_register(reg) = value;
}
