/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/vtd/regs.h"
#include "drivers/iommu/vtd/state.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"
#include "lib/mem/heap.h"

/* No register of VT-d blocks: what blocks is an empty root table with translation on. So that is
 * made first, in probe, with the queue that it takes; interrupts and the rest come with enable. */

static void release_memory(struct vtd *v)
{
    vtd_root_free(v);
    vtd_queue_free(v);
}

static int allocate_memory(struct vtd *v)
{
    int err = vtd_root_alloc(v);

    if (!err)
        err = vtd_queue_alloc(v);
    if (!err)
        err = vtd_irt_alloc(v); /* the last, so that it is never given back */
    if (err) {
        log_err("%s: too little memory for its tables and its queue", v->cfg.name);
        release_memory(v);
    }
    return err;
}

/* ---- take-over ------------------------------------------------------------------------------- */

/* SRTP may be given while translation is on: from its effect on new requests go by the new table,
 * and when the caches are empty all do (VT-d 11.4.5). */
static int set_root(struct vtd *v)
{
    int err;

    mmio_write64(&v->regs, VTD_RTADDR, vtd_root_address(v));
    err = vtd_enable(v, GCMD_SRTP);
    return err ? err : vtd_invalidate_all(v);
}

/* Where firmware protected memory from DMA: with translation on it may or may not block what is
 * translated, too (VT-d 3.16). It goes when the root table blocks all. */
static int end_protected_memory(struct vtd *v)
{
    static const struct wait_reg off = {
        .name = "PMEN_REG", .mask = PMEN_PRS, .want = 0, .timeout_us = VTD_WAIT_US};

    if (!(v->feat.cap & (CAP_PLMR | CAP_PHMR)) ||
        !(mmio_read32(&v->regs, VTD_PMEN) & (PMEN_EPM | PMEN_PRS)))
        return 0;
    mmio_write32(&v->regs, VTD_PMEN, 0);
    return wait_mmio32(&v->regs, VTD_PMEN, &off);
}

static int turn_on(struct vtd *v)
{
    return vtd_is_on(v, GCMD_TE) ? 0 : vtd_enable(v, GCMD_TE);
}

/* From any state that firmware left: running with its tables, not translating, queue full or in
 * error, faults pending. Translation that is on is never switched off. */
static int take_over(struct vtd *v)
{
    int err = vtd_is_on(v, GCMD_EAFL) ? vtd_disable(v, GCMD_EAFL) : 0;

    if (!err)
        err = vtd_queue_stop(v);
    vtd_fault_reset(v);
    if (!err)
        err = vtd_queue_start(v);
    if (!err)
        err = set_root(v);
    if (!err)
        err = turn_on(v);
    return err ? err : end_protected_memory(v);
}

static int probe(struct iommu_unit *u)
{
    struct vtd *v = vtd_of(u);
    int err;

    if (vtd_is_silent(v)) {
        log_err("%s: no VT-d unit answers at its address; check the DMAR table's register base",
                v->cfg.name);
        return -RF_ENODEV;
    }
    err = vtd_read_features(v);
    if (!err)
        err = allocate_memory(v);
    if (err)
        return err;
    err = take_over(v);
    if (err)
        log_err("%s: it is wedged and keeps the state that firmware left; power-cycle the machine",
                v->cfg.name);
    return err;
}

/* ---- enable ---------------------------------------------------------------------------------- */

/* A table of firmware's that remaps interrupts is in memory that is ours now. */
static int enable(struct iommu_unit *u)
{
    struct vtd *v = vtd_of(u);
    int err = 0;

    if (v->feat.remap)
        err = vtd_irt_start(v);
    else if (vtd_is_on(v, GCMD_IRE))
        err = vtd_disable(v, GCMD_IRE);
    if (err)
        log_err("%s: it does not start; every stream stays blocked", v->cfg.name);
    return err;
}

/* ---- quiesce --------------------------------------------------------------------------------- */

/* The tables first: they block whatever is read anew, even when no register works any more. Then
 * the caches are emptied, by a fresh queue, as the old one may stand. Translation stays on. */
static void quiesce(struct iommu_unit *u)
{
    struct vtd *v = vtd_of(u);
    int err;

    vtd_deny_all(v);
    vtd_irt_deny_all(v);
    if (!v->root) { /* it has no tables: nothing of it was ever written */
        log_err("%s: it is as firmware left it, and blocks no more than it did then", v->cfg.name);
        return;
    }
    v->given_up = false;
    err = vtd_queue_stop(v);
    if (!err)
        err = vtd_queue_start(v);
    if (!err)
        err = set_root(v);
    if (!err)
        err = turn_on(v);
    if (!err && v->irt)
        err = vtd_invalidate_all_irtes(v);
    if (err)
        log_err("%s: it no longer answers; its tables deny all, what it has cached may still pass",
                v->cfg.name);
    v->given_up = true;
}

/* ---- the unit -------------------------------------------------------------------------------- */

static const struct iommu_ops ops = {
    .probe = probe,
    .enable = enable,
    .quiesce = quiesce,
    .attach = vtd_attach,
    .detach = vtd_detach,
    .flush = vtd_flush,
    .faults = vtd_faults,
    .msi_route = vtd_msi_route,
};

int vtd_create(const struct vtd_config *cfg, struct iommu_unit **out)
{
    struct vtd *v;

    if (cfg->regs.size < VTD_WINDOW_MIN) {
        log_err("%s: its register window has %lu bytes, a VT-d unit needs %lu at least; check the "
                "DMAR table",
                cfg->name, (unsigned long)cfg->regs.size, (unsigned long)VTD_WINDOW_MIN);
        return -RF_EINVAL;
    }
    v = heap_alloc(sizeof(*v));
    if (!v)
        return trace(-RF_ENOMEM);
    v->cfg = *cfg;
    v->regs = cfg->regs;
    v->unit.ops = &ops;
    v->unit.name = cfg->name;
    *out = &v->unit;
    return 0;
}

void vtd_get_stats(const struct iommu_unit *u, struct vtd_stats *out)
{
    *out = CONTAINER_OF(u, const struct vtd, unit)->stats;
}
