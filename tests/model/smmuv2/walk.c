/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

/* The walk of a bank's tables, and the TLB of what it found. */

static struct tlb_entry *find(struct smmuv2_model *m, const struct regime *r, uint64_t iova,
                              bool table, unsigned level)
{
    for (struct tlb_entry *e = m->tlb; e; e = e->next)
        if (e->stage2 == r->stage2 && e->vmid == r->vmid && (r->stage2 || e->asid == r->asid) &&
            e->table == table && e->iova <= iova && iova - e->iova < e->size &&
            (!table || e->level == level))
            return e;
    return NULL;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

static unsigned attribute(const struct regime *r, uint64_t desc)
{
    return (unsigned)(r->mair >> 8 * bits(desc, 4, 2)) & 0xff;
}

/* Stage 1: MAIR's attribute. Stage 2: MemAttr[3:2] = 0. */
static bool is_device(const struct regime *r, uint64_t desc)
{
    return r->stage2 ? bits(desc, 5, 4) == 0 : (attribute(r, desc) & 0xf0) == 0;
}

/* AP[1] and AP[2] of an unprivileged access; or S2AP. */
static bool is_allowed(const struct regime *r, uint64_t desc, bool write)
{
    if (r->stage2)
        return bit(desc, write ? 7 : 6);
    return bit(desc, 6) && !(write && bit(desc, 7));
}

static struct walked judge(const struct regime *r, const struct tlb_entry *e, uint64_t iova,
                           bool write)
{
    struct walked w = {.paddr = e->out + (iova - e->iova),
                       .level = e->level,
                       .device_memory = is_device(r, e->desc)};

    if (!is_allowed(r, e->desc, write))
        w.fsr = FSR_PF;
    return w;
}

static void check_stage1_leaf(struct smmuv2_model *m, const struct regime *r, uint64_t desc)
{
    unsigned attr = attribute(r, desc);

    if (!bit(desc, 11))
        model_broken(&m->watch, "leaf %llx is global: no flush by ASID would drop it",
                     (unsigned long long)desc);
    if (attr != 0xff && attr != 0x04)
        model_broken(&m->watch, "leaf %llx has memory type %02x", (unsigned long long)desc, attr);
    if (is_device(r, desc) && (!bit(desc, 54) || !bit(desc, 53)))
        model_broken(&m->watch, "device leaf %llx is executable", (unsigned long long)desc);
}

static void check_stage2_leaf(struct smmuv2_model *m, const struct regime *r, uint64_t desc)
{
    unsigned attr = (unsigned)bits(desc, 5, 2);

    if (attr != 0xf && attr != 0x1)
        model_broken(&m->watch, "leaf %llx has memory type %x", (unsigned long long)desc, attr);
    if (is_device(r, desc) && !bit(desc, 54))
        model_broken(&m->watch, "device leaf %llx is executable", (unsigned long long)desc);
}

static void check_leaf(struct smmuv2_model *m, const struct regime *r, uint64_t desc)
{
    if (r->stage2)
        check_stage2_leaf(m, r, desc);
    else
        check_stage1_leaf(m, r, desc);
    if (bits(desc, 52, 50))
        model_broken(&m->watch, "leaf %llx has GP, DBM or Contiguous set",
                     (unsigned long long)desc);
}

/* ---- the walk -------------------------------------------------------------------------------- */

struct position {
    unsigned level, shift; /* shift: log2 of what one entry of this level maps */
    uint64_t table;
};

static struct tlb_entry make_entry(const struct regime *r, const struct position *p, uint64_t iova,
                                   uint64_t desc, bool table)
{
    return (struct tlb_entry){
        .iova = iova >> p->shift << p->shift,
        .size = 1ull << p->shift,
        .out = keep(desc, 47, table ? r->granule : p->shift),
        .desc = desc,
        .vmid = r->vmid,
        .asid = r->asid,
        .level = (uint8_t)p->level,
        .stage2 = r->stage2,
        .table = table,
    };
}

/* The descriptor at this level, by the TLB or by memory. */
static bool fetch(struct smmuv2_model *m, const struct regime *r, const struct position *p,
                  uint64_t iova, bool fresh, uint64_t *desc)
{
    struct tlb_entry *cached = fresh ? NULL : find(m, r, iova, true, p->level);
    bool is_root = p->level == r->start_level;
    uint64_t index = (iova & ((r->input_bits < 64 ? 1ull << r->input_bits : 0) - 1)) >> p->shift;

    if (cached) {
        *desc = cached->desc;
        return true;
    }
    if (!is_root)
        index &= (1ull << (r->granule - 3)) - 1;
    return model_read64(m->memory, p->table + index * 8, desc);
}

static bool block_allowed(unsigned granule, unsigned level)
{
    return level == 2 || (level == 1 && granule == 12);
}

static uint32_t invalid_fault(const struct regime *r, unsigned level, uint64_t desc)
{
    bool bad_block = level < 3 && !bit(desc, 1) && !block_allowed(r->granule, level);

    return !bit(desc, 0) || (level == 3 && !bit(desc, 1)) || bad_block ? FSR_TF : 0;
}

/* Down to a leaf: its descriptor, and where it is. The fault, or 0. */
static uint32_t descend(struct smmuv2_model *m, const struct regime *r, uint64_t iova, bool fresh,
                        struct position *p, uint64_t *desc)
{
    for (;; p->level++) {
        uint32_t fsr;

        p->shift = r->granule + (3 - p->level) * (r->granule - 3u);
        if (!fetch(m, r, p, iova, fresh, desc))
            return FSR_EF;
        fsr = invalid_fault(r, p->level, *desc);
        if (fsr || p->level == 3 || !bit(*desc, 1))
            return fsr;
        if (bits(*desc, 63, 59))
            model_broken(&m->watch, "table descriptor %llx restricts by hierarchy",
                         (unsigned long long)*desc);
        p->table = keep(*desc, 47, r->granule);
        if (p->table >> r->output_bits)
            return FSR_ASF;
        if (!fresh && !find(m, r, iova, true, p->level)) {
            struct tlb_entry e = make_entry(r, p, iova, *desc, true);

            sm2_tlb_add(m, &e);
        }
    }
}

static struct walked walk_tables(struct smmuv2_model *m, const struct regime *r, uint64_t iova,
                                 bool write, bool fresh, struct tlb_entry *e)
{
    struct position p = {.table = r->ttb, .level = r->start_level};
    uint64_t desc = 0;
    uint32_t fsr = descend(m, r, iova, fresh, &p, &desc);

    *e = make_entry(r, &p, iova, desc, false);
    if (!fsr && e->out >> r->output_bits)
        fsr = FSR_ASF;
    if (!fsr && !bit(desc, 10))
        fsr = FSR_AFF;
    if (fsr)
        return (struct walked){.fsr = fsr, .level = (uint8_t)p.level};
    check_leaf(m, r, desc);
    return judge(r, e, iova, write);
}

/* ACTLR.CPRE of MMU-500: the translation after this one is kept too, where an invalidation of its
 * address does not find it. */
static void prefetch(struct smmuv2_model *m, unsigned bank, const struct regime *r, uint64_t iova)
{
    struct tlb_entry e;

    if (!m->cfg.mmu500 || !bit(m->bank[bank].actlr, 1) || iova >> r->input_bits)
        return;
    if (find(m, r, iova, false, 0) || walk_tables(m, r, iova, false, true, &e).fsr)
        return;
    e.prefetched = true;
    sm2_tlb_add(m, &e);
}

struct walked sm2_walk(struct smmuv2_model *m, unsigned bank, uint64_t iova, bool write, bool fresh)
{
    struct tlb_entry *hit, e;
    struct regime r;
    struct walked w;

    if (!sm2_regime(m, bank, &r) || iova >> r.input_bits)
        return (struct walked){.fsr = FSR_TF, .level = r.start_level};
    hit = fresh ? NULL : find(m, &r, iova, false, 0);
    if (hit)
        return judge(&r, hit, iova, write);
    w = walk_tables(m, &r, iova, write, fresh, &e);
    if (!fresh && (!w.fsr || w.fsr == FSR_PF)) {
        sm2_tlb_add(m, &e);
        prefetch(m, bank, &r, e.iova + e.size);
    }
    return w;
}
