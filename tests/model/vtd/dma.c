/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/vtd/internal.h"

#include <string.h>

/* ---- memory requests ------------------------------------------------------------------------- */

static bool is_protected(const struct vtd_model *m, uint64_t pa)
{
    return bit(m->pmen, 0) && pa >= m->plmbase && pa <= m->plmlimit;
}

static struct vtd_model_result untranslated(const struct vtd_model *m, uint64_t pa)
{
    bool stopped = is_protected(m, pa);

    return (struct vtd_model_result){
        .passed = !stopped, .bypassed = !stopped, .protected = stopped, .paddr = pa};
}

struct vtd_model_result vtd_model_dma(struct vtd_model *m, uint16_t sid, uint64_t iova, bool write)
{
    struct walked w, now;
    struct vtd_model_result r;

    if (!is_on(m, G_TE))
        return untranslated(m, iova);
    w = vtm_translate(m, sid, iova, write, false);
    if (w.reason) {
        vtm_record(m, keep(iova, 63, 12),
                   sid | (uint64_t)w.reason << 32 | (write ? 0 : 1ull << 62));
        return (struct vtd_model_result){.reason = w.reason};
    }
    if (is_protected(m, w.paddr))
        return (struct vtd_model_result){.protected = true};
    now = vtm_translate(m, sid, iova, write, true);
    r = (struct vtd_model_result){.passed = true, .paddr = w.paddr, .snooped = w.snooped};
    r.stale = now.reason || now.paddr != w.paddr;
    return r;
}

/* ---- interrupt requests (5.1) ---------------------------------------------------------------- */

static uint8_t read_irte(struct vtd_model *m, uint32_t index, uint64_t w[2])
{
    if (!vtm_read(m, MEM_STRUCTURE, keep(m->irt, 63, 12) + 16ull * index, w, 2))
        return 0x23;
    return bit(w[0], 0) ? 0 : 0x22;
}

static uint8_t get_irte(struct vtd_model *m, uint32_t index, bool fresh, uint64_t w[2])
{
    struct cached *c = fresh ? NULL : vtm_find(m, CACHE_IRTE, index);
    uint8_t reason;

    if (c) {
        memcpy(w, c->w, 2 * sizeof(*w));
        return c->reason;
    }
    reason = read_irte(m, index, w);
    if (!fresh && (reason == 0 || bit(m->cfg.cap, 7))) {
        struct cached mine = {.w = {w[0], w[1]}, .key = index, .reason = reason};
        vtm_add(m, CACHE_IRTE, &mine);
    }
    return reason;
}

static bool source_is_right(struct vtd_model *m, uint16_t sid, uint64_t w1)
{
    uint16_t id = (uint16_t)bits(w1, 15, 0);

    switch (bits(w1, 19, 18)) {
    case 1:
        if (bits(w1, 17, 16))
            model_broken(&m->watch, "IRTE: SQ is %llu", (unsigned long long)bits(w1, 17, 16));
        return sid == id;
    case 2:
        return sid >> 8 >= id >> 8 && sid >> 8 <= (id & 0xff);
    default:
        model_broken(&m->watch, "IRTE %llx does not check its source", (unsigned long long)w1);
        return true;
    }
}

static bool irte_reserved(const struct vtd_model *m, const uint64_t w[2])
{
    uint64_t dst = bit(m->irt, 11) ? 0xffffffffull << 32 : 0xffull << 40;

    return (w[0] & ~(dst | 0xff0fff)) || bits(w[1], 63, 20);
}

static void check_irte(struct vtd_model *m, const uint64_t w[2])
{
    if (bits(w[0], 3, 1) || bits(w[0], 7, 5) || bits(w[0], 15, 8))
        model_broken(&m->watch, "IRTE %llx: FPD, DM, RH, DLM or IM is set",
                     (unsigned long long)w[0]);
}

static struct vtd_model_msi refused(struct vtd_model *m, uint16_t sid, uint32_t index,
                                    uint8_t reason)
{
    vtm_record(m, (uint64_t)index << 48, sid | (uint64_t)reason << 32);
    return (struct vtd_model_msi){.reason = reason};
}

static struct vtd_model_msi remapped(struct vtd_model *m, uint16_t sid, uint32_t index)
{
    uint64_t w[2], now[2];
    struct vtd_model_msi r = {.delivered = true};
    uint8_t reason;

    if (index >= 2u << bits(m->irt, 3, 0))
        return refused(m, sid, index, 0x21);
    reason = get_irte(m, index, false, w);
    if (!reason && irte_reserved(m, w))
        reason = 0x24;
    if (!reason && !source_is_right(m, sid, w[1]))
        reason = 0x26;
    if (reason)
        return refused(m, sid, index, reason);
    check_irte(m, w);
    r.vector = (uint8_t)bits(w[0], 23, 16);
    r.destination = (uint32_t)(bit(m->irt, 11) ? bits(w[0], 63, 32) : bits(w[0], 47, 40));
    r.stale = get_irte(m, index, true, now) != 0 || now[0] != w[0] || now[1] != w[1];
    return r;
}

static struct vtd_model_msi compatible(struct vtd_model *m, uint16_t sid, uint64_t address,
                                       uint32_t data)
{
    if (is_on(m, G_IRE) && (!is_on(m, G_CFI) || bit(m->irt, 11)))
        return refused(m, sid, 0, 0x25);
    return (struct vtd_model_msi){.delivered = true,
                                  .compatible = true,
                                  .vector = (uint8_t)data,
                                  .destination = (uint32_t)bits(address, 19, 12)};
}

struct vtd_model_msi vtd_model_msi(struct vtd_model *m, uint16_t sid, uint64_t address,
                                   uint32_t data)
{
    uint32_t handle = (uint32_t)(bits(address, 19, 5) | (uint64_t)bit(address, 2) << 15);

    if (!is_on(m, G_IRE) || !bit(address, 4))
        return compatible(m, sid, address, data);
    if (data >> 16 || (!bit(address, 3) && data))
        return refused(m, sid, handle, 0x20);
    return remapped(m, sid, handle + (bit(address, 3) ? data & 0xffff : 0));
}
