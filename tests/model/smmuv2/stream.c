/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/smmuv2/internal.h"

#include <stdlib.h>

/* From a stream id to a context bank: stream matching or indexing (chapter 3). */

static bool matching(const struct smmuv2_model *m)
{
    return bit(m->cfg.idr0, 27);
}

static bool extended(const struct smmuv2_model *m)
{
    return m->cr0 & CR0_EXIDENABLE;
}

bool sm2_group_valid(const struct smmuv2_model *m, unsigned n)
{
    if (!matching(m))
        return true;
    return extended(m) ? bit(m->s2cr[n], 10) : bit(m->smr[n], 31);
}

static uint32_t group_mask(const struct smmuv2_model *m, unsigned n)
{
    return (uint32_t)bits(m->smr[n], extended(m) ? 31 : 30, 16);
}

static uint32_t group_id(const struct smmuv2_model *m, unsigned n)
{
    return (uint32_t)bits(m->smr[n], extended(m) ? 15 : 14, 0);
}

static bool group_matches(const struct smmuv2_model *m, unsigned n, uint32_t sid)
{
    if (!matching(m))
        return n == sid;
    return sm2_group_valid(m, n) && ((group_id(m, n) ^ sid) & ~group_mask(m, n)) == 0;
}

/* Some stream id matches both. */
static bool groups_overlap(const struct smmuv2_model *m, unsigned a, unsigned b)
{
    uint32_t fixed = ~(group_mask(m, a) | group_mask(m, b));

    return ((group_id(m, a) ^ group_id(m, b)) & fixed) == 0;
}

static unsigned group_type(const struct smmuv2_model *m, unsigned n)
{
    return (unsigned)bits(m->s2cr[n], 17, 16);
}

static bool group_translates(const struct smmuv2_model *m, unsigned n)
{
    return sm2_group_valid(m, n) && group_type(m, n) == S2CR_TRANSLATE;
}

bool sm2_bank_is_used(const struct smmuv2_model *m, unsigned bank)
{
    for (unsigned n = 0; n < m->groups; n++)
        if (group_translates(m, n) && bits(m->s2cr[n], 7, 0) == bank)
            return true;
    return false;
}

/* ---- the way of a stream --------------------------------------------------------------------- */

static struct route route_of_group(const struct smmuv2_model *m, unsigned n)
{
    unsigned bank = (unsigned)bits(m->s2cr[n], 7, 0);

    switch (group_type(m, n)) {
    case S2CR_TRANSLATE:
        if (bank >= m->banks)
            return (struct route){.kind = ROUTE_FAULT, .gfsr = GFSR_UCBF};
        return (struct route){.kind = ROUTE_BANK, .bank = (uint8_t)bank};
    case S2CR_BYPASS:
        return (struct route){.kind = ROUTE_BYPASS};
    default:
        return (struct route){.kind = ROUTE_FAULT, .gfsr = GFSR_ICF};
    }
}

struct route sm2_route(struct smmuv2_model *m, uint32_t sid)
{
    unsigned found = m->groups;

    if (m->cr0 & CR0_CLIENTPD)
        return (struct route){.kind = ROUTE_BYPASS};
    for (unsigned n = 0; n < m->groups; n++) {
        if (!group_matches(m, n, sid))
            continue;
        if (found < m->groups) {
            model_broken(&m->watch, "stream %x matches groups %u and %u: UNPREDICTABLE", sid, found,
                         n);
            return m->cr0 & CR0_SMCFCFG ? (struct route){.kind = ROUTE_FAULT, .gfsr = GFSR_SMCF}
                                        : (struct route){.kind = ROUTE_BYPASS};
        }
        found = n;
    }
    if (found < m->groups)
        return route_of_group(m, found);
    if (m->cr0 & CR0_USFCFG)
        return (struct route){.kind = ROUTE_FAULT, .gfsr = GFSR_USF};
    return (struct route){.kind = ROUTE_BYPASS};
}

static struct kept_route *find_kept(struct smmuv2_model *m, uint32_t sid)
{
    struct kept_route *k = m->routes;

    while (k && k->sid != sid)
        k = k->next;
    return k;
}

/* A way that faults is not kept: nothing is under way on it. */
struct route sm2_kept_route(struct smmuv2_model *m, uint32_t sid)
{
    struct route now = sm2_route(m, sid);
    struct kept_route *k = m->cfg.keeps_routes ? find_kept(m, sid) : NULL;

    if (k)
        return k->route;
    if (!m->cfg.keeps_routes || now.kind == ROUTE_FAULT)
        return now;
    k = calloc(1, sizeof(*k));
    *k = (struct kept_route){.next = m->routes, .sid = sid, .route = now};
    m->routes = k;
    return now;
}

void sm2_drop_routes(struct smmuv2_model *m, int bank)
{
    struct kept_route **p = &m->routes;

    while (*p) {
        struct kept_route *k = *p;

        if (bank >= 0 && (k->route.kind != ROUTE_BANK || k->route.bank != bank)) {
            p = &k->next;
            continue;
        }
        *p = k->next;
        free(k);
    }
}

/* ---- what may be written when ---------------------------------------------------------------- */

/* Where stage 1 and 2 are off, addresses pass as they are (2.2). */
static void check_group(struct smmuv2_model *m, unsigned n)
{
    unsigned bank = (unsigned)bits(m->s2cr[n], 7, 0);

    if (!sm2_group_valid(m, n) || m->cr0 & CR0_CLIENTPD)
        return;
    if (group_type(m, n) == S2CR_BYPASS)
        model_broken(&m->watch, "group %u is valid and bypasses", n);
    if (group_type(m, n) == 3)
        model_broken(&m->watch, "S2CR%u has a reserved type", n);
    if (group_type(m, n) != S2CR_TRANSLATE)
        return;
    if (bank >= m->banks)
        model_broken(&m->watch, "S2CR%u names bank %u of %u", n, bank, m->banks);
    else if (!(m->bank[bank].sctlr & SCTLR_M))
        model_broken(&m->watch, "group %u leads to bank %u, which does not translate", n, bank);
}

static void check_overlap(struct smmuv2_model *m, unsigned n)
{
    for (unsigned o = 0; o < m->groups; o++)
        if (o != n && sm2_group_valid(m, o) && groups_overlap(m, o, n))
            model_broken(&m->watch, "SMR%u %08x overlaps SMR%u %08x: UNPREDICTABLE", n, m->smr[n],
                         o, m->smr[o]);
}

static void became_valid(struct smmuv2_model *m, unsigned n)
{
    check_overlap(m, n);
    check_group(m, n);
    if (bit(m->cfg.idr0, 13) && !bit(m->cr0, 12))
        model_broken(&m->watch, "sCR0.PTM is 0: the CPU's TLB maintenance would be taken for ours");
    if (!m->s2cr_fresh[n])
        model_broken(&m->watch, "group %u became valid before its S2CR was written", n);
    m->s2cr_fresh[n] = false;
}

/* Bits that the part does not have read as zero, which is how it tells. */
void sm2_write_smr(struct smmuv2_model *m, unsigned n, uint32_t value)
{
    uint32_t kept = (uint32_t)m->cfg.mask_bits << 16 | m->cfg.sid_bits;
    bool was_valid = sm2_group_valid(m, n), stays_valid = extended(m) || bit(value, 31);

    if (m->kept[n])
        return;
    if (!extended(m))
        kept = (kept & 0x7fff7fff) | 1u << 31;
    if (was_valid && stays_valid && !(m->cr0 & CR0_CLIENTPD) && (value & kept) != m->smr[n])
        model_broken(&m->watch, "SMR%u changes from %08x to %08x while it is valid", n, m->smr[n],
                     value);
    m->smr[n] = value & kept;
    if (was_valid && !sm2_group_valid(m, n) && !(m->cr0 & (CR0_CLIENTPD | CR0_USFCFG)))
        model_broken(&m->watch, "SMR%u becomes invalid while unmatched streams bypass", n);
    if (!was_valid && sm2_group_valid(m, n))
        became_valid(m, n);
}

void sm2_write_s2cr(struct smmuv2_model *m, unsigned n, uint32_t value)
{
    bool was_valid = sm2_group_valid(m, n);

    if (m->kept[n])
        return;
    if (bits(value, 17, 16) == S2CR_BYPASS)
        model_broken(&m->watch, "S2CR%u is set to bypass", n);
    if (!extended(m) && bit(value, 10))
        model_broken(&m->watch, "S2CR%u.EXIDVALID without EXIDENABLE", n);
    m->s2cr[n] = value;
    m->s2cr_fresh[n] = true;
    if (!was_valid && sm2_group_valid(m, n))
        became_valid(m, n);
    else
        check_group(m, n);
}

static void check_cr0(struct smmuv2_model *m, uint32_t value)
{
    uint32_t reserved = m->cfg.version == 1 ? 1u << 31 : 0;

    if (!bit(m->cfg.idr0, 8))
        reserved |= CR0_EXIDENABLE;
    if (!bit(m->cfg.idr2, 15))
        reserved |= 1u << 31;
    if (value & (reserved | 1u << 30))
        model_broken(&m->watch, "sCR0: reserved bits in %08x", value);
    if (bit(value, 9))
        model_broken(&m->watch, "sCR0.GSE stalls everything");
    if (!(m->cr0 & CR0_CLIENTPD) && value & CR0_CLIENTPD)
        model_broken(&m->watch, "sCR0.CLIENTPD is set: everything bypasses");
    if (!(value & CR0_CLIENTPD) && !(value & CR0_USFCFG))
        model_broken(&m->watch, "sCR0 %08x lets unmatched streams bypass", value);
    if (bit(value, 13) || bits(value, 15, 14))
        model_broken(&m->watch,
                     "sCR0.FB or BSU is set: barriers and broadcasts of clients are forced");
}

void sm2_write_cr0(struct smmuv2_model *m, uint32_t value)
{
    bool opens = m->cr0 & CR0_CLIENTPD && !(value & CR0_CLIENTPD);

    check_cr0(m, value);
    if (m->cfg.cr0_stuck)
        return;
    m->cr0 = value;
    for (unsigned n = 0; opens && n < m->groups; n++)
        check_group(m, n);
}
