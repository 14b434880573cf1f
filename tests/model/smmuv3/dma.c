/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

enum { GBPA_ABORT_BIT = 20 };

/* Events from 0x10 on, and F_WALK_EABT, tell of the access (7.3.12 to 7.3.16). */
static bool has_access(uint8_t event)
{
    return event >= 0x10 || event == 0x0b;
}

static void record(struct smmuv3_model *m, uint32_t sid, uint64_t iova, bool write, uint8_t event,
                   uint64_t fetch)
{
    uint64_t r[4] = {event | (uint64_t)sid << 32, 0, 0, fetch};

    if (event == 0x02 && !bit(m->cr2, 1)) /* RECINVSID */
        return;
    if (has_access(event)) {
        r[1] = (uint64_t)!write << 35 | 2ull << 40;
        r[2] = iova;
    }
    sm3_event_record(m, r);
}

/* The whole way for one access. Raises no event. */
static struct smmuv3_model_result translate(struct smmuv3_model *m, uint32_t sid, uint64_t iova,
                                            bool write, bool fresh, uint64_t *fetch)
{
    struct lookup why = {0};
    struct context c;
    struct walked w;

    switch (sm3_config_find(m, sid, fresh, &c, &why)) {
    case FOUND_ABORT:
        return (struct smmuv3_model_result){0};
    case FOUND_BYPASS:
        return (struct smmuv3_model_result){.passed = true, .bypassed = true, .paddr = iova};
    case FOUND_EVENT:
        *fetch = why.fetch;
        return (struct smmuv3_model_result){.event = why.event};
    case FOUND_CONTEXT:
        break;
    }
    w = sm3_walk(m, &c, iova, write, fresh);
    *fetch = w.fetch;
    if (w.event)
        return (struct smmuv3_model_result){.event = w.event};
    return (struct smmuv3_model_result){
        .passed = true, .paddr = w.paddr, .device_memory = w.device_memory};
}

struct smmuv3_model_result smmuv3_model_dma(struct smmuv3_model *m, uint32_t sid, uint64_t iova,
                                            bool write)
{
    uint64_t fetch = 0, unused;
    struct smmuv3_model_result r, now;

    if (!(m->cr0ack & EN_SMMU)) {
        bool pass = !bit(m->gbpa_effect, GBPA_ABORT_BIT);

        return (struct smmuv3_model_result){.passed = pass, .bypassed = pass, .paddr = iova};
    }
    if (m->cfg.forget && ++m->accesses % m->cfg.forget == 0)
        sm3_cache_free(m);
    r = translate(m, sid, iova, write, false, &fetch);
    if (r.event)
        record(m, sid, iova, write, r.event, fetch);
    now = translate(m, sid, iova, write, true, &unused);
    r.stale = r.passed && (!now.passed || now.paddr != r.paddr);
    return r;
}
