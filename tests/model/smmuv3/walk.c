/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

/* VMSAv8-64 stage 1 (DDI 0487 D8), and the cache of what it found. */

enum {
    F_WALK_EABT = 0x0b,
    F_TRANSLATION = 0x10,
    F_ADDR_SIZE = 0x11,
    F_ACCESS = 0x12,
    F_PERMISSION = 0x13
};

static struct tlb_entry *find(struct smmuv3_model *m, const struct context *c, uint64_t iova,
                              bool table, unsigned level)
{
    for (struct tlb_entry *e = m->tlb; e; e = e->next)
        if (e->asid == c->asid && e->table == table && e->iova <= iova &&
            iova - e->iova < e->size && (!table || e->level == level))
            return e;
    return NULL;
}

static bool is_device(const struct context *c, uint64_t desc)
{
    unsigned attr = (unsigned)(c->mair >> 8 * bits(desc, 4, 2)) & 0xff;

    return (attr & 0xf0) == 0;
}

/* What the descriptor of a found translation says about this access. */
static struct walked judge(const struct context *c, const struct tlb_entry *e, uint64_t iova,
                           bool write)
{
    struct walked r = {.paddr = e->out + (iova - e->iova), .device_memory = is_device(c, e->desc)};

    if (!bit(e->desc, 6) || (write && bit(e->desc, 7))) /* AP[1], AP[2]: unprivileged access */
        r.event = F_PERMISSION;
    return r;
}

static void check_leaf(struct smmuv3_model *m, const struct context *c, uint64_t desc)
{
    unsigned attr = (unsigned)(c->mair >> 8 * bits(desc, 4, 2)) & 0xff;

    if (!bit(desc, 11))
        model_broken(&m->watch, "leaf %llx is global: no flush by ASID would drop it",
                     (unsigned long long)desc);
    if (attr != 0xff && attr != 0x04)
        model_broken(&m->watch, "leaf %llx has memory type %02x", (unsigned long long)desc, attr);
    if (is_device(c, desc) && (!bit(desc, 54) || !bit(desc, 53)))
        model_broken(&m->watch, "device leaf %llx is executable", (unsigned long long)desc);
    if (bits(desc, 52, 50))
        model_broken(&m->watch, "leaf %llx has GP, DBM or Contiguous set",
                     (unsigned long long)desc);
}

static bool block_allowed(unsigned granule, unsigned level)
{
    return level == 2 || (level == 1 && granule == 12);
}

struct position {
    unsigned level, shift; /* shift: log2 of what one entry of this level maps */
    uint64_t table;
};

static struct walked leaf(struct smmuv3_model *m, const struct context *c, uint64_t iova,
                          bool write, bool fresh, const struct position *p, uint64_t desc)
{
    struct tlb_entry e = {
        .iova = iova >> p->shift << p->shift,
        .size = 1ull << p->shift,
        .out = keep(desc, 47, p->shift),
        .desc = desc,
        .asid = c->asid,
        .granule = c->granule,
        .level = (uint8_t)p->level,
    };

    if (e.out >> c->output_bits)
        return (struct walked){.event = F_ADDR_SIZE};
    if (!bit(desc, 10))
        return (struct walked){.event = F_ACCESS};
    check_leaf(m, c, desc);
    if (!fresh)
        sm3_tlb_add(m, &e);
    return judge(c, &e, iova, write);
}

/* One level down, by the cache or by memory. */
static bool descend(struct smmuv3_model *m, const struct context *c, uint64_t iova, bool fresh,
                    struct position *p, uint64_t *desc, struct walked *why)
{
    struct tlb_entry *cached = fresh ? NULL : find(m, c, iova, true, p->level);
    uint64_t index_bits = c->granule - 3;
    uint64_t pa = p->table + (iova >> p->shift & ((1ull << index_bits) - 1)) * 8;

    if (cached) {
        *desc = cached->desc;
        return true;
    }
    if (!model_read64(m->memory, pa, desc)) {
        *why = (struct walked){.event = F_WALK_EABT, .fetch = pa};
        return false;
    }
    return true;
}

static void remember_table(struct smmuv3_model *m, const struct context *c, uint64_t iova,
                           const struct position *p, uint64_t desc)
{
    struct tlb_entry e = {
        .iova = iova >> p->shift << p->shift,
        .size = 1ull << p->shift,
        .out = keep(desc, 47, c->granule),
        .desc = desc,
        .asid = c->asid,
        .granule = c->granule,
        .level = (uint8_t)p->level,
        .table = true,
    };

    if (!find(m, c, iova, true, p->level))
        sm3_tlb_add(m, &e);
}

static struct walked walk_tables(struct smmuv3_model *m, const struct context *c, uint64_t iova,
                                 bool write, bool fresh)
{
    unsigned stride = c->granule - 3u;
    unsigned levels = (c->input_bits - c->granule + stride - 1) / stride;
    struct position p = {.table = c->ttb, .level = 4 - levels};
    struct walked why = {0};
    uint64_t desc;

    for (;; p.level++) {
        p.shift = c->granule + (3 - p.level) * stride;
        if (!descend(m, c, iova, fresh, &p, &desc, &why))
            return why;
        if (!bit(desc, 0) || (p.level == 3 && !bit(desc, 1)))
            return (struct walked){.event = F_TRANSLATION};
        if (p.level == 3)
            break;
        if (!bit(desc, 1)) {
            if (!block_allowed(c->granule, p.level))
                return (struct walked){.event = F_TRANSLATION};
            break;
        }
        if (bits(desc, 63, 59))
            model_broken(&m->watch, "table descriptor %llx restricts by hierarchy",
                         (unsigned long long)desc);
        p.table = keep(desc, 47, c->granule);
        if (p.table >> c->output_bits)
            return (struct walked){.event = F_ADDR_SIZE};
        if (!fresh)
            remember_table(m, c, iova, &p, desc);
    }
    return leaf(m, c, iova, write, fresh, &p, desc);
}

struct walked sm3_walk(struct smmuv3_model *m, const struct context *c, uint64_t iova, bool write,
                       bool fresh)
{
    struct tlb_entry *hit;

    if (iova >> c->input_bits)
        return (struct walked){.event = F_TRANSLATION};
    hit = fresh ? NULL : find(m, c, iova, false, 0);
    if (hit)
        return judge(c, hit, iova, write);
    return walk_tables(m, c, iova, write, fresh);
}
