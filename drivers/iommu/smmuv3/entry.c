/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/state.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "lib/base/panic.h"
#include "lib/pt/arm_size.h"

/* ---- encoders -------------------------------------------------------------------------------- */

static void clear_words(uint64_t *w)
{
    for (unsigned i = 0; i < STE_WORDS; i++)
        w[i] = 0;
}

/* Denies and records no event (5.2, STE.Config). */
void smmuv3_ste_abort(uint64_t ste[STE_WORDS])
{
    clear_words(ste);
    ste[0] = STE0_V | FIELD_PREP(STE0_CONFIG, STE_CONFIG_ABORT);
}

/* Left at 0 on purpose: S1CDMax (no substreams, so S1Fmt and S1DSS are ignored), EATS (no ATS),
 * STRW (NS-EL1), S1STALLD (no CD asks for stalls), S2VMID (0 is the VMID of every TLBI here). */
void smmuv3_ste_s1(paddr_t cd, bool coherent, uint64_t ste[STE_WORDS])
{
    uint64_t cache = coherent ? WALK_CACHE_WBWA : WALK_CACHE_NC;

    clear_words(ste);
    ste[0] = STE0_V | FIELD_PREP(STE0_CONFIG, STE_CONFIG_S1) | (cd.v & STE0_S1CONTEXTPTR);
    ste[1] = FIELD_PREP(STE1_S1CIR, cache) | FIELD_PREP(STE1_S1COR, cache) |
             FIELD_PREP(STE1_S1CSH, coherent ? SH_INNER : SH_OUTER) |
             FIELD_PREP(STE1_SHCFG, STE_SHCFG_INCOMING);
}

/* CD.TG0 of a granule; only granules of the unit's caps get here. */
static uint64_t cd_tg0(unsigned granule_lg2)
{
    switch (granule_lg2) {
    case 12:
        return CD_TG0_4K;
    case 14:
        return CD_TG0_16K;
    case 16:
        return CD_TG0_64K;
    default:
        panic("smmuv3: no granule of 2^%u bytes", granule_lg2);
    }
}

static uint64_t cd_walk(bool coherent)
{
    uint64_t cache = coherent ? WALK_CACHE_WBWA : WALK_CACHE_NC;

    return FIELD_PREP(CD0_IR0, cache) | FIELD_PREP(CD0_OR0, cache) |
           FIELD_PREP(CD0_SH0, coherent ? SH_INNER : SH_OUTER);
}

/* A and R: a fault aborts the transaction and is recorded (5.5). S, HA and HD stay 0: no stalls, no
 * writes of hardware into tables. ASET: the ASID is the SMMU's own, not the CPU's. */
void smmuv3_cd_s1(const struct iommu_domain *d, uint64_t cd[CD_WORDS])
{
    const struct pt_config *cfg = &d->pt.cfg;

    clear_words(cd);
    cd[0] = FIELD_PREP(CD0_T0SZ, 64u - cfg->ias) | FIELD_PREP(CD0_TG0, cd_tg0(cfg->granule_lg2)) |
            cd_walk(cfg->coherent) | CD0_EPD1 | CD0_V |
            FIELD_PREP(CD0_IPS, arm_size_code(cfg->oas)) | CD0_AA64 | CD0_R | CD0_A | CD0_ASET |
            FIELD_PREP(CD0_ASID, d->asid);
    cd[1] = d->pt.root.v & CD1_TTB0;
    cd[3] = PT_ARM_MAIR;
}

/* ---- which bits the hardware looks at -------------------------------------------------------- */

/* An abort entry ignores everything behind Config, an invalid one everything but V (5.2). Of a
 * translating one whole words count as used: too much only costs an extra step. */
void smmuv3_ste_used(const uint64_t *ste, uint64_t *used)
{
    clear_words(used);
    used[0] = STE0_V;
    if (!(ste[0] & STE0_V))
        return;
    used[0] |= STE0_CONFIG;
    if (FIELD_GET(STE0_CONFIG, ste[0]) == STE_CONFIG_ABORT)
        return;
    used[0] = ~UINT64_C(0);
    used[1] = ~UINT64_C(0);
    used[2] = STE2_S2VMID;
}

void smmuv3_cd_used(const uint64_t *cd, uint64_t *used)
{
    clear_words(used);
    if (!(cd[0] & CD0_V)) {
        used[0] = CD0_V;
        return;
    }
    used[0] = ~UINT64_C(0);
    used[1] = ~UINT64_C(0);
    used[3] = ~UINT64_C(0);
}

/* ---- the live-entry writer (3.21.3.1) -------------------------------------------------------- */

/* The hardware reads 64-bit words, in any order and at any time, and may keep what it read. So a
 * change that is visible to it must fit into one word, with a commit before it (the ignored bits
 * around it are settled) and after it; anything larger goes through an entry that denies. */

/* Stores the words that differ. True when there were any. */
static bool store_words(struct smmuv3_live *l, const uint64_t *value, unsigned first, unsigned last)
{
    bool changed = false;

    for (unsigned i = first; i <= last; i++) {
        if (dma_load64(&l->words[i]) == value[i])
            continue;
        dma_store64(&l->words[i], value[i]);
        changed = true;
    }
    return changed;
}

static int step(struct smmuv3_live *l, const uint64_t *value, unsigned first, unsigned last)
{
    if (!store_words(l, value, first, last))
        return 0;
    dma_wmb();
    return l->commit(l);
}

struct change {
    uint64_t settled[STE_WORDS]; /* the old entry with every bit that it ignores at its new value */
    unsigned critical;           /* how many words still differ in what the new entry uses */
    unsigned word;               /* the last of them */
};

static void plan(const struct smmuv3_live *l, const uint64_t *target, struct change *c)
{
    uint64_t old[STE_WORDS], used_old[STE_WORDS], used_new[STE_WORDS];

    for (unsigned i = 0; i < STE_WORDS; i++)
        old[i] = dma_load64(&l->words[i]);
    l->used(old, used_old);
    l->used(target, used_new);
    c->critical = 0;
    c->word = 0;
    for (unsigned i = 0; i < STE_WORDS; i++) {
        c->settled[i] = (old[i] & used_old[i]) | (target[i] & ~used_old[i]);
        if (((c->settled[i] ^ target[i]) & used_new[i]) == 0)
            continue;
        c->critical++;
        c->word = i;
    }
}

/* Old until the one word is stored, new from then on. */
static int write_hitless(struct smmuv3_live *l, const uint64_t *target, const struct change *c)
{
    int err = step(l, c->settled, 0, STE_WORDS - 1);

    if (!err)
        err = step(l, target, c->word, c->word);
    return err ? err : step(l, target, 0, STE_WORDS - 1);
}

/* Invalid while it is written. V is bit 0 of an STE and bit 31 of a CD: word 0 is cleared whole. */
static int write_breaking(struct smmuv3_live *l, const uint64_t *target)
{
    static const uint64_t invalid[1];
    int err = step(l, invalid, 0, 0);

    if (!err)
        err = step(l, target, 1, STE_WORDS - 1);
    return err ? err : step(l, target, 0, 0);
}

int smmuv3_live_write(struct smmuv3_live *l, const uint64_t target[STE_WORDS])
{
    struct change c;

    plan(l, target, &c);
    return c.critical > 1 ? write_breaking(l, target) : write_hitless(l, target, &c);
}
