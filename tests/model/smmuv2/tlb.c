/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- translations ---------------------------------------------------------------------------- */

void sm2_tlb_add(struct smmuv2_model *m, const struct tlb_entry *e)
{
    struct tlb_entry *c = malloc(sizeof(*c));

    *c = *e;
    c->next = m->tlb;
    m->tlb = c;
}

void sm2_tlb_clear(struct smmuv2_model *m)
{
    while (m->tlb) {
        struct tlb_entry *e = m->tlb;

        m->tlb = e->next;
        free(e);
    }
}

static bool matches(const struct tlb_entry *e, const struct tlbi *t)
{
    if (e->stage2 ? !t->stage2 : !t->stage1)
        return false;
    if ((t->by_vmid && e->vmid != t->vmid) || (t->by_asid && e->asid != t->asid))
        return false;
    if (!t->by_address)
        return true;
    if (t->address < e->iova || t->address - e->iova >= e->size)
        return false;
    return e->table ? t->tables : !e->prefetched;
}

static void apply(struct smmuv2_model *m, const struct tlbi *t)
{
    struct tlb_entry **p = &m->tlb;

    while (*p) {
        struct tlb_entry *e = *p;

        if (matches(e, t)) {
            *p = e->next;
            free(e);
        } else {
            p = &e->next;
        }
    }
}

/* ---- invalidations and syncs (chapter 4) ----------------------------------------------------- */

/* It takes effect when a sync that was asked for later completes. */
void sm2_tlbi(struct smmuv2_model *m, const struct tlbi *t)
{
    m->counts[t->op]++;
    if (m->drop[t->op])
        return;
    if (m->pending_count == m->pending_room) {
        m->pending_room = m->pending_room ? 2 * m->pending_room : 64;
        m->pending = realloc(m->pending, m->pending_room * sizeof(*m->pending));
    }
    m->pending[m->pending_count] = *t;
    m->pending[m->pending_count++].number = ++m->tlbis;
}

static struct sync *sync_at(struct smmuv2_model *m, int bank)
{
    return bank < 0 ? &m->sync : &m->bank[bank].sync;
}

void sm2_sync(struct smmuv2_model *m, int bank)
{
    struct sync *s = sync_at(m, bank);

    m->counts[SMMU2_SYNC]++;
    if (s->active)
        model_broken(&m->watch, "a sync is started while one is active");
    *s = (struct sync){true, m->cfg.sync_delay, m->tlbis};
}

/* A bank's sync is for what was issued in that bank. */
static void complete(struct smmuv2_model *m, int bank, uint64_t last)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < m->pending_count; i++) {
        struct tlbi t = m->pending[i];

        if (t.number <= last && (bank < 0 || t.bank == bank))
            apply(m, &t);
        else
            m->pending[kept++] = t;
    }
    m->pending_count = kept;
    sm2_drop_routes(m, bank);
}

/* It waits for transactions, and those that have stalled are under way. */
static bool any_stalled(const struct smmuv2_model *m)
{
    for (unsigned i = 0; i < m->banks; i++)
        if (m->bank[i].fsr & FSR_SS)
            return true;
    return false;
}

static void tick(struct smmuv2_model *m, int bank)
{
    struct sync *s = sync_at(m, bank);

    if (!s->active || m->cfg.sync_stuck || any_stalled(m))
        return;
    if (s->wait) {
        s->wait--;
        return;
    }
    s->active = false;
    complete(m, bank, s->last);
}

void sm2_sync_tick(struct smmuv2_model *m)
{
    tick(m, -1);
    for (int b = 0; b < (int)m->banks; b++)
        tick(m, b);
}
