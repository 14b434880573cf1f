/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

#include <stdlib.h>
#include <string.h>

enum { CERROR_ILL = 1, CERROR_ABT = 2 };
enum { GERROR_CMDQ = 1u << 0 };

/* ---- the ring (3.5.1) ------------------------------------------------------------------------ */

static unsigned log2size(const struct smmuv3_model *m)
{
    unsigned asked = (unsigned)bits(m->cmdq_base, 4, 0);
    unsigned most = (unsigned)bits(m->cfg.idr1, 25, 21);

    return asked < most ? asked : most;
}

static uint32_t wrapped(const struct smmuv3_model *m, uint32_t index)
{
    return index & ((2u << log2size(m)) - 1);
}

static uint32_t filled(const struct smmuv3_model *m, uint32_t prod)
{
    return wrapped(m, prod - m->cmdq_cons);
}

void sm3_cmdq_check_prod(struct smmuv3_model *m, uint32_t old)
{
    uint32_t before = filled(m, old);
    uint32_t after = filled(m, m->cmdq_prod);

    if (m->cmdq_prod != wrapped(m, m->cmdq_prod))
        model_broken(&m->watch, "CMDQ_PROD %x has bits above its wrap bit", m->cmdq_prod);
    if (after > 1u << log2size(m))
        model_broken(&m->watch, "CMDQ_PROD %x overtakes CMDQ_CONS %x", m->cmdq_prod, m->cmdq_cons);
    else if (after < before && !((m->gerror ^ m->gerrorn) & GERROR_CMDQ))
        model_broken(&m->watch, "CMDQ_PROD went back from %x to %x", old, m->cmdq_prod);
}

/* ---- what is legal (4.1.5, 4.3, 4.4, 4.7.3) -------------------------------------------------- */

struct layout { /* defined bits; all others are reserved and must be 0 */
    uint8_t op;
    uint64_t w0, w1;
};

static const struct layout layouts[] = {
    {SMMU_OP_CFGI_STE, 0xffffffff000000ff, 0x1},
    {SMMU_OP_CFGI_ALL, 0xffffffff000000ff, 0x1f},
    {SMMU_OP_CFGI_CD, 0xfffffffffffff0ff, 0x1},
    {SMMU_OP_CFGI_CD_ALL, 0xffffffff000000ff, 0},
    {SMMU_OP_TLBI_NH_ALL, 0x0000ffff000000ff, 0},
    {SMMU_OP_TLBI_NH_ASID, 0xffffffff000000ff, 0},
    {SMMU_OP_TLBI_NH_VA, 0xffffffff000000ff, 0xfffffffffffff001},
    {SMMU_OP_TLBI_NH_VAA, 0x0000ffff000000ff, 0xfffffffffffff001},
    {SMMU_OP_TLBI_EL2_ALL, 0xff, 0},
    {SMMU_OP_TLBI_NSNH_ALL, 0xff, 0},
    {SMMU_OP_SYNC, 0xffffffff0fc030ff, 0x000ffffffffffffc},
};

static bool range_is_predictable(struct smmuv3_model *m, const uint64_t cmd[2])
{
    unsigned tg = (unsigned)bits(cmd[1], 11, 10), ttl = (unsigned)bits(cmd[1], 9, 8);
    unsigned granule = 10 + 2 * tg;
    unsigned align = granule;

    if (ttl == 1 || ttl == 2)
        align = granule + (3 - ttl) * (granule - 3);
    else if (ttl == 0 && tg == 1)
        align = 12;
    if (keep(cmd[1], 63, 12) & ((1ull << align) - 1)) {
        model_broken(&m->watch, "TLBI range at %llx, TG %u TTL %u: unpredictable",
                     (unsigned long long)keep(cmd[1], 63, 12), tg, ttl);
        return false;
    }
    return true;
}

/* With IDR3.RIL: NUM, SCALE, TTL and TG are defined; without TG they are unused, and here must be 0
 * (4.4.1.1). */
static bool range_is_legal(struct smmuv3_model *m, const uint64_t cmd[2])
{
    unsigned num = (unsigned)bits(cmd[0], 16, 12), scale = (unsigned)bits(cmd[0], 24, 20);
    unsigned ttl = (unsigned)bits(cmd[1], 9, 8), tg = (unsigned)bits(cmd[1], 11, 10);

    if (tg == 0)
        return num == 0 && scale == 0 && ttl == 0;
    if (num == 0 && scale == 0 && ttl == 0)
        return false;
    if (tg == 2 && ttl == 1)
        return false;
    return range_is_predictable(m, cmd);
}

static bool reserved_is_zero(const struct smmuv3_model *m, const struct layout *l,
                             const uint64_t cmd[2])
{
    uint64_t w0 = l->w0, w1 = l->w1;

    if (bit(m->cfg.idr3, 10) && (l->op == SMMU_OP_TLBI_NH_VA || l->op == SMMU_OP_TLBI_NH_VAA)) {
        w0 |= 0x01f1f000;
        w1 |= 0xf00;
    }
    return (cmd[0] & ~w0) == 0 && (cmd[1] & ~w1) == 0;
}

static bool ids_are_in_range(struct smmuv3_model *m, const uint64_t cmd[2])
{
    uint8_t op = (uint8_t)bits(cmd[0], 7, 0);
    uint64_t sid = bits(cmd[0], 63, 32);

    if ((op == SMMU_OP_CFGI_STE || op == SMMU_OP_CFGI_CD || op == SMMU_OP_CFGI_CD_ALL) &&
        sid >> bits(m->cfg.idr1, 5, 0))
        model_broken(&m->watch, "command %x for stream %llx, which is out of range", op,
                     (unsigned long long)sid);
    if ((op == SMMU_OP_TLBI_NH_ASID || op == SMMU_OP_TLBI_NH_VA) && !bit(m->cfg.idr0, 12) &&
        bits(cmd[0], 63, 56))
        model_broken(&m->watch, "TLBI with a 16-bit ASID on an SMMU with 8 bits");
    return true;
}

static bool is_legal(struct smmuv3_model *m, const uint64_t cmd[2])
{
    uint8_t op = (uint8_t)bits(cmd[0], 7, 0);
    const struct layout *l = NULL;

    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
        if (layouts[i].op == op)
            l = &layouts[i];
    if (!l || !reserved_is_zero(m, l, cmd) || !ids_are_in_range(m, cmd))
        return false;
    if (op == SMMU_OP_TLBI_EL2_ALL)
        return bit(m->cfg.idr0, 9);
    if (op == SMMU_OP_SYNC)
        return bits(cmd[0], 13, 12) != 3;
    if ((op == SMMU_OP_TLBI_NH_VA || op == SMMU_OP_TLBI_NH_VAA) && bit(m->cfg.idr3, 10))
        return range_is_legal(m, cmd);
    return true;
}

/* ---- errors (7.1) ---------------------------------------------------------------------------- */

void sm3_raise_gerror(struct smmuv3_model *m, uint32_t which)
{
    m->gerror ^= which & ~(m->gerror ^ m->gerrorn);
}

static void fail(struct smmuv3_model *m, uint8_t code)
{
    m->cmdq_cons = (m->cmdq_cons & 0xfffff) | (uint32_t)code << 24;
    sm3_raise_gerror(m, GERROR_CMDQ);
}

/* The n-th command from the request on fails, also when it is read again. */
static bool injected_failure(struct smmuv3_model *m)
{
    if (m->fail_nth > 1) {
        m->fail_nth--;
        return false;
    }
    if (m->fail_nth == 0 || m->fail_times == 0)
        return false;
    if (--m->fail_times == 0)
        m->fail_nth = 0;
    fail(m, m->fail_code);
    return true;
}

/* ---- consumption ----------------------------------------------------------------------------- */

static void put_off(struct smmuv3_model *m, const uint64_t cmd[2])
{
    struct pending *p = &m->pending;

    if (p->count == p->room) {
        p->room = p->room ? 2 * p->room : 64;
        p->cmd = realloc(p->cmd, p->room * sizeof(*p->cmd));
    }
    memcpy(p->cmd[p->count++], cmd, sizeof(*p->cmd));
}

static void complete_pending(struct smmuv3_model *m)
{
    for (unsigned i = 0; i < m->pending.count; i++)
        sm3_cache_apply(m, m->pending.cmd[i]);
    m->pending.count = 0;
}

/* False: the CMD_SYNC is still waiting. */
static bool run_sync(struct smmuv3_model *m)
{
    if (!m->sync_running) {
        m->sync_running = true;
        m->sync_wait = m->cfg.sync_delay;
    }
    if (m->cfg.sync_stuck || m->sync_wait > 0)
        return false;
    m->sync_running = false;
    complete_pending(m);
    return true;
}

/* False: the queue stands. */
static bool run_one(struct smmuv3_model *m)
{
    uint64_t pa = keep(m->cmdq_base, 51, 5);
    uint64_t cmd[2];
    uint8_t op;

    pa += (uint64_t)(m->cmdq_cons & ((1u << log2size(m)) - 1)) * 16;
    if (!m->sync_running && injected_failure(m))
        return false;
    if (!model_read64(m->memory, pa, &cmd[0]) || !model_read64(m->memory, pa + 8, &cmd[1])) {
        fail(m, CERROR_ABT);
        return false;
    }
    op = (uint8_t)bits(cmd[0], 7, 0);
    if (!is_legal(m, cmd)) {
        fail(m, CERROR_ILL);
        return false;
    }
    if (op == SMMU_OP_SYNC && !run_sync(m))
        return false;
    m->counts[op]++;
    if (op != SMMU_OP_SYNC && !m->drop[op])
        put_off(m, cmd);
    m->cmdq_cons = wrapped(m, m->cmdq_cons + 1);
    return true;
}

void sm3_cmdq_run(struct smmuv3_model *m, unsigned budget)
{
    if (!(m->cr0ack & EN_CMDQ) || m->cfg.commands_stuck)
        return;
    while (budget-- && filled(m, m->cmdq_prod) && !((m->gerror ^ m->gerrorn) & GERROR_CMDQ))
        if (!run_one(m))
            return;
}
