/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv2/state.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/mem/heap.h"

/* ---- what blocks ----------------------------------------------------------------------------- */

/* Every stream passes the stream mapping, and one that nothing there matches, or more than one
 * thing, faults. Faults are answered with an abort. FB, BSU, and what decides how bypassing
 * transactions look stay 0: there are none. */
#define CR0_BLOCKING \
    (CR0_GFRE | CR0_GCFGFRE | CR0_STALLD | CR0_USFCFG | CR0_VMIDPNE | CR0_PTM | CR0_SMCFCFG)

/* Each write denies more than there was before. While CLIENTPD is set everything passes, so that it
 * goes last; where firmware had cleared it, what its entries let in is denied one by one. */
static void block(struct smmuv2 *s)
{
    uint32_t cr0 = mmio_read32(&s->global0, SMMU_sCR0);

    mmio_write32(&s->global0, SMMU_sCR0, cr0 | (uint32_t)CR0_USFCFG);
    smmuv2_entries_deny(s, cr0 & CR0_EXIDEN);
    mmio_write32(&s->global0, SMMU_sCR0, (uint32_t)CR0_BLOCKING);
}

/* Firmware that stands between a kernel and the SMMU may drop writes. */
static int check_blocked(const struct smmuv2 *s)
{
    uint32_t cr0 = mmio_read32(&s->global0, SMMU_sCR0);

    if ((cr0 & (CR0_CLIENTPD | CR0_USFCFG)) != CR0_USFCFG) {
        log_err("%s: it cannot be told to block DMA (SMMU_sCR0 stays %08x); power-cycle the "
                "machine",
                s->cfg.name, cr0);
        return -RF_ENXIO;
    }
    return smmuv2_entries_check_denied(s);
}

static int probe(struct iommu_unit *u)
{
    struct smmuv2 *s = smmuv2_of(u);
    int err = smmuv2_read_layout(s);

    if (err)
        return err;
    block(s);
    err = check_blocked(s);
    return err ? err : smmuv2_read_features(s);
}

/* ---- enable ---------------------------------------------------------------------------------- */

/* ACTLRs are locked on every revision that has the lock, from r2p0 on. */
static void unlock_actlr(const struct smmuv2 *s)
{
    if (!s->feat.no_prefetch || FIELD_GET(IDR7_MAJOR, s->feat.idr7) < 2)
        return;
    mmio_write32(&s->global0, SMMU_sACR,
                 mmio_read32(&s->global0, SMMU_sACR) & ~(uint32_t)MMU500_SACR_CACHE_LOCK);
}

/* Extended ids change what SMRs mean: no entry is valid by either meaning. */
static void set_sids(struct smmuv2 *s)
{
    if (s->feat.extended)
        mmio_write32(&s->global0, SMMU_sCR0, (uint32_t)(CR0_BLOCKING | CR0_EXIDEN));
    smmuv2_entries_probe(s);
}

static void start_interrupts(const struct smmuv2 *s)
{
    mmio_write32(&s->global0, SMMU_sGFSR, mmio_read32(&s->global0, SMMU_sGFSR));
    mmio_write32(
        &s->global0, SMMU_sCR0,
        (uint32_t)(CR0_BLOCKING | CR0_GFIE | CR0_GCFGFIE | (s->feat.extended ? CR0_EXIDEN : 0)));
}

/* What firmware had let in may still be on its way to a bank when its entry is gone already: the
 * sync waits for it, and only then may banks go off. */
static int enable(struct iommu_unit *u)
{
    struct smmuv2 *s = smmuv2_of(u);
    int err;

    set_sids(s);
    err = smmuv2_entries_check_bits(s);
    if (err)
        return err;
    smmuv2_banks_end_stalls(s);
    err = smmuv2_invalidate_all(s);
    if (err) {
        log_err("%s: it does not start; every stream stays blocked", s->cfg.name);
        return err;
    }
    unlock_actlr(s);
    smmuv2_banks_reset(s);
    start_interrupts(s);
    return 0;
}

/* ---- quiesce --------------------------------------------------------------------------------- */

/* Without a wait, as it is also for a unit that does not answer. Context banks stay on: one that is
 * off would let pass what is on its way to it. Nothing interrupts any more, as nobody would
 * acknowledge it. */
static void quiesce(struct iommu_unit *u)
{
    struct smmuv2 *s = smmuv2_of(u);

    block(s);
    smmuv2_banks_silence(s);
}

/* ---- the unit -------------------------------------------------------------------------------- */

static const struct iommu_ops ops = {
    .probe = probe,
    .enable = enable,
    .quiesce = quiesce,
    .attach = smmuv2_attach,
    .detach = smmuv2_detach,
    .flush = smmuv2_flush,
    .faults = smmuv2_faults,
};

/* Both pages of the global space, the smallest that there is. */
#define WINDOW_MIN KIB(8)

int smmuv2_create(const struct smmuv2_config *cfg, struct iommu_unit **out)
{
    struct smmuv2 *s;

    if (cfg->regs.size < WINDOW_MIN) {
        log_err("%s: its register window has %lu KiB, which is too small for an SMMU; check its "
                "reg property",
                cfg->name, (unsigned long)(cfg->regs.size >> 10));
        return -RF_EINVAL;
    }
    s = heap_alloc(sizeof(*s));
    if (!s)
        return trace(-RF_ENOMEM);
    s->cfg = *cfg;
    s->global0 = cfg->regs;
    s->unit.ops = &ops;
    s->unit.name = cfg->name;
    *out = &s->unit;
    return 0;
}

void smmuv2_get_stats(const struct iommu_unit *u, struct smmuv2_stats *out)
{
    *out = CONTAINER_OF(u, const struct smmuv2, unit)->stats;
}
