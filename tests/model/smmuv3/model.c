/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"

const struct smmuv3_model_config smmuv3_model_virt = {
    .idr0 = 0x0d44101b,
    .idr1 = 0x02730010,
    .idr3 = 0x00001414,
    .idr5 = 0x00000074,
    .aidr = 0x00000001,
    .gbpa = 0x00001000,
};

struct smmuv3_model *smmuv3_model_new(const struct smmuv3_model_config *cfg)
{
    struct smmuv3_model *m = calloc(1, sizeof(*m));

    m->cfg = *cfg;
    m->gbpa = m->gbpa_effect = cfg->gbpa;
    if (cfg->non_coherent)
        m->memory = model_memory_new(cfg->ram_base, cfg->ram_size);
    return m;
}

void smmuv3_model_free(struct smmuv3_model *m)
{
    model_memory_free(m->memory);
    sm3_cache_free(m);
    free(m->pending.cmd);
    free(m);
}

static uint64_t mmio_read(void *ctx, uint64_t off, unsigned width)
{
    return smmuv3_model_read(ctx, (uint32_t)off, width);
}

static void mmio_write(void *ctx, uint64_t off, unsigned width, uint64_t value)
{
    smmuv3_model_write(ctx, (uint32_t)off, width, value);
}

void smmuv3_model_map(struct smmuv3_model *m, uint64_t base)
{
    static const struct host_mmio_ops ops = {.read = mmio_read, .write = mmio_write};

    host_mmio_register(base, 0x20000, &ops, m);
}

void smmuv3_model_drop(struct smmuv3_model *m, enum smmuv3_model_opcode op, bool drop)
{
    m->drop[op] = drop;
}

void smmuv3_model_fail_command(struct smmuv3_model *m, unsigned nth, uint8_t cerror, unsigned times)
{
    m->fail_nth = nth;
    m->fail_code = cerror;
    m->fail_times = times;
}

void smmuv3_model_set_sync_stuck(struct smmuv3_model *m, bool stuck)
{
    m->cfg.sync_stuck = stuck;
}

void smmuv3_model_set_silent(struct smmuv3_model *m, uint32_t value)
{
    m->cfg.silent = true;
    m->cfg.silent_value = value;
}

void smmuv3_model_set_cr0ack_stuck(struct smmuv3_model *m, bool stuck)
{
    m->cfg.cr0ack_stuck = stuck;
}

void smmuv3_model_set_gbpa_stuck(struct smmuv3_model *m, bool stuck)
{
    m->cfg.gbpa_stuck = stuck;
}

void smmuv3_model_raise_gerror(struct smmuv3_model *m, uint32_t which)
{
    sm3_raise_gerror(m, which);
}

void smmuv3_model_raise_event(struct smmuv3_model *m, const uint64_t record[4])
{
    sm3_event_record(m, record);
}

void smmuv3_model_preset(struct smmuv3_model *m, uint32_t offset, uint64_t value)
{
    switch (offset) {
    case R_CR0:
        m->cr0 = m->cr0ack = (uint32_t)value;
        break;
    case R_CR1:
        m->cr1 = (uint32_t)value;
        break;
    case R_GBPA:
        m->gbpa = m->gbpa_effect = (uint32_t)value;
        m->gbpa_wait = m->cfg.ack_delay;
        break;
    case R_IRQ_CTRL:
        m->irq_ctrl = m->irq_ctrlack = (uint32_t)value;
        break;
    case R_GERROR:
        m->gerror = (uint32_t)value;
        break;
    case R_STRTAB_BASE:
        m->strtab_base = value;
        break;
    case R_STRTAB_BASE_CFG:
        m->strtab_cfg = (uint32_t)value;
        break;
    case R_CMDQ_BASE:
        m->cmdq_base = value;
        break;
    case R_CMDQ_PROD:
        m->cmdq_prod = (uint32_t)value;
        break;
    case R_CMDQ_CONS:
        m->cmdq_cons = (uint32_t)value;
        break;
    case R_EVENTQ_BASE:
        m->eventq_base = value;
        break;
    case R_EVENTQ_PROD:
        m->eventq_prod = (uint32_t)value;
        break;
    case R_EVENTQ_CONS:
        m->eventq_cons = (uint32_t)value;
        break;
    default:
        model_broken(&m->watch, "preset of register %03x", offset);
    }
}

struct model_watch *smmuv3_model_watch(struct smmuv3_model *m)
{
    return &m->watch;
}

unsigned smmuv3_model_count(const struct smmuv3_model *m, enum smmuv3_model_opcode op)
{
    return m->counts[op];
}

void smmuv3_model_clear_counts(struct smmuv3_model *m)
{
    memset(m->counts, 0, sizeof(m->counts));
}
