/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv3/internal.h"

/* From a stream id to its context: L1STD, STE, CD (chapter 5). */

enum {
    C_BAD_STREAMID = 0x02,
    F_STE_FETCH = 0x03,
    C_BAD_STE = 0x04,
    F_CD_FETCH = 0x09,
    C_BAD_CD = 0x0a
};

unsigned sm3_oas_bits(const struct smmuv3_model *m)
{
    static const unsigned size[8] = {32, 36, 40, 42, 44, 48, 52, 52};

    return size[bits(m->cfg.idr5, 2, 0)];
}

static bool read_words(struct smmuv3_model *m, uint64_t pa, uint64_t *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!model_read64(m->memory, pa + 8 * i, &w[i]))
            return false;
    return true;
}

/* A structure by way of its cache. NULL: external abort. */
static const uint64_t *fetch(struct smmuv3_model *m, struct cached_words **cache, uint32_t key,
                             uint64_t pa, unsigned words, bool fresh, uint64_t *scratch)
{
    const uint64_t *hit = fresh ? NULL : sm3_cache_find(*cache, key);

    if (hit)
        return hit;
    if (!read_words(m, pa, scratch, words))
        return NULL;
    return fresh ? scratch : sm3_cache_add(cache, key, scratch, words);
}

/* ---- L1STD (5.1) ----------------------------------------------------------------------------- */

static bool level2_base(struct smmuv3_model *m, uint32_t sid, bool fresh, uint64_t *base,
                        struct lookup *why)
{
    unsigned split = (unsigned)bits(m->strtab_cfg, 10, 6);
    uint64_t pa = keep(m->strtab_base, 51, 6) + (uint64_t)(sid >> split) * 8;
    uint64_t scratch[1];
    const uint64_t *desc = fetch(m, &m->l1stds, sid >> split << split, pa, 1, fresh, scratch);
    unsigned span;

    if (!desc) {
        *why = (struct lookup){.event = F_STE_FETCH, .fetch = pa};
        return false;
    }
    span = (unsigned)bits(desc[0], 4, 0);
    if (desc[0] & ~(keep(~0ull, 51, 6) | 0x1f))
        model_broken(&m->watch, "L1STD %llx has reserved bits set", (unsigned long long)desc[0]);
    if (span == 0 || span > split + 1 || (sid & ((1u << split) - 1)) >> (span - 1)) {
        why->event = C_BAD_STREAMID;
        return false;
    }
    *base = keep(desc[0], 51, 6);
    if (*base & ((64ull << (span - 1)) - 1))
        model_broken(&m->watch, "level 2 table at %llx is not aligned to its size",
                     (unsigned long long)*base);
    return true;
}

static bool ste_address(struct smmuv3_model *m, uint32_t sid, bool fresh, uint64_t *pa,
                        struct lookup *why)
{
    unsigned split = (unsigned)bits(m->strtab_cfg, 10, 6);

    if (bits(m->strtab_cfg, 5, 0) < 32 && sid >> bits(m->strtab_cfg, 5, 0)) {
        why->event = C_BAD_STREAMID;
        return false;
    }
    if (bits(m->strtab_cfg, 17, 16) != 1) {
        *pa = keep(m->strtab_base, 51, 6) + (uint64_t)sid * 64;
        return true;
    }
    if (!level2_base(m, sid, fresh, pa, why))
        return false;
    *pa += (uint64_t)(sid & ((1u << split) - 1)) * 64;
    return true;
}

/* ---- STE (5.2) ------------------------------------------------------------------------------- */

static bool ste_s1_legal(struct smmuv3_model *m, const uint64_t *ste)
{
    if (!bit(m->cfg.idr0, 1))
        return false;
    if (bits(ste[0], 63, 59)) /* S1CDMax above SSIDSIZE, or substreams that nobody wanted */
        return false;
    if (bit(ste[1], 27) && bits(m->cfg.idr0, 25, 24) != 0) /* S1STALLD */
        return false;
    if (bits(ste[1], 31, 30) && !bit(m->cfg.idr0, 9)) /* STRW */
        return false;
    if (bits(ste[1], 29, 28))
        model_broken(&m->watch, "STE.EATS is %llu: ATS is open",
                     (unsigned long long)bits(ste[1], 29, 28));
    if (bits(ste[0], 58, 52) || (ste[1] & ~0x00003000f80000ffull) || ste[2] >> 16 || ste[3] ||
        ste[4] || ste[5] || ste[6] || ste[7])
        model_broken(&m->watch, "STE has reserved or unwanted bits set");
    if ((bits(m->cr1, 1, 0) != 0) != (bits(ste[1], 3, 2) != 0))
        model_broken(&m->watch, "STE and CR1 disagree about cacheability");
    return keep(ste[0], 51, 6) >> sm3_oas_bits(m) == 0;
}

static enum found ste_decode(struct smmuv3_model *m, const uint64_t *ste, uint64_t *cd,
                             struct lookup *why)
{
    unsigned config = (unsigned)bits(ste[0], 3, 1);

    why->event = C_BAD_STE;
    if (!bit(ste[0], 0))
        return FOUND_EVENT;
    if (config < 4)
        return FOUND_ABORT;
    if (config == 4)
        return FOUND_BYPASS;
    if (config != 5 || !ste_s1_legal(m, ste))
        return FOUND_EVENT;
    *cd = keep(ste[0], 51, 6);
    return FOUND_CONTEXT;
}

/* ---- CD (5.4) -------------------------------------------------------------------------------- */

static unsigned cd_granule(const struct smmuv3_model *m, uint64_t dw0)
{
    static const struct {
        uint8_t lg2, idr5_bit;
    } tg0[4] = {{12, 4}, {16, 6}, {14, 5}, {0, 0}};
    unsigned tg = (unsigned)bits(dw0, 7, 6);

    return tg < 3 && bit(m->cfg.idr5, tg0[tg].idr5_bit) ? tg0[tg].lg2 : 0;
}

static bool cd_faults_legal(const struct smmuv3_model *m, uint64_t dw0)
{
    bool a = bit(dw0, 46), stall = bit(dw0, 44);
    unsigned model = (unsigned)bits(m->cfg.idr0, 25, 24);

    if (bit(m->cfg.idr0, 26) && !a)
        return false;
    return !(model == 1 && stall) && !(model == 2 && !stall);
}

static void cd_check_wishes(struct smmuv3_model *m, const uint64_t *cd)
{
    if (!bit(cd[0], 30))
        model_broken(&m->watch, "CD.EPD1 is 0: the upper half of the input addresses is open");
    if (!bit(cd[0], 45))
        model_broken(&m->watch, "CD.R is 0: faults are not recorded");
    if (bits(cd[0], 63, 48) == 0)
        model_broken(&m->watch, "CD.ASID is 0");
    if (cd[2] || cd[4] || cd[5] || cd[6] || cd[7] || bits(cd[1], 3, 0) || bits(cd[1], 63, 52))
        model_broken(&m->watch, "CD has reserved or unwanted bits set");
    if ((bits(m->cr1, 1, 0) != 0) != (bits(cd[0], 9, 8) != 0))
        model_broken(&m->watch, "CD and CR1 disagree about cacheability");
}

static bool cd_decode(struct smmuv3_model *m, const uint64_t *cd, struct context *c)
{
    static const uint8_t ips[8] = {32, 36, 40, 42, 44, 48, 52, 52};
    unsigned t0sz = (unsigned)bits(cd[0], 5, 0), granule = cd_granule(m, cd[0]);

    if (!bit(cd[0], 31) || !bit(cd[0], 41) || granule == 0 || t0sz < 16 || t0sz > 39)
        return false;
    if (bit(cd[0], 14) || bit(cd[0], 15) || bits(cd[0], 43, 42) || !cd_faults_legal(m, cd[0]))
        return false;
    *c = (struct context){
        .ttb = keep(cd[1], 51, 4),
        .asid = (uint16_t)bits(cd[0], 63, 48),
        .granule = (uint8_t)granule,
        .input_bits = (uint8_t)(64 - t0sz),
        .output_bits = ips[bits(cd[0], 34, 32)],
        .mair = cd[3],
    };
    if (c->output_bits > sm3_oas_bits(m))
        c->output_bits = (uint8_t)sm3_oas_bits(m);
    cd_check_wishes(m, cd);
    return c->ttb >> c->output_bits == 0;
}

/* By the cache of STEs, which is indexed by stream id alone (16.2), or by the stream table. */
static const uint64_t *find_ste(struct smmuv3_model *m, uint32_t sid, bool fresh, uint64_t *scratch,
                                struct lookup *why)
{
    const uint64_t *ste = fresh ? NULL : sm3_cache_find(m->stes, sid);
    uint64_t pa;

    if (ste || !ste_address(m, sid, fresh, &pa, why))
        return ste;
    ste = fetch(m, &m->stes, sid, pa, 8, fresh, scratch);
    if (!ste)
        *why = (struct lookup){.event = F_STE_FETCH, .fetch = pa};
    return ste;
}

enum found sm3_config_find(struct smmuv3_model *m, uint32_t sid, bool fresh, struct context *c,
                           struct lookup *why)
{
    uint64_t cd_pa, scratch[8];
    const uint64_t *ste = find_ste(m, sid, fresh, scratch, why), *cd;
    enum found f;

    if (!ste)
        return FOUND_EVENT;
    f = ste_decode(m, ste, &cd_pa, why);
    if (f != FOUND_CONTEXT)
        return f;
    cd = fetch(m, &m->cds, sid, cd_pa, 8, fresh, scratch);
    if (!cd) {
        *why = (struct lookup){.event = F_CD_FETCH, .fetch = cd_pa};
        return FOUND_EVENT;
    }
    why->event = C_BAD_CD;
    return cd_decode(m, cd, c) ? FOUND_CONTEXT : FOUND_EVENT;
}
