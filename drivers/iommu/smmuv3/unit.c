/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/iommu/smmuv3/regs.h"
#include "drivers/iommu/smmuv3/state.h"

#include "arch/barrier.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"
#include "lib/mem/heap.h"

/* ---- registers with an acknowledgement ------------------------------------------------------- */

/* CR0 and IRQ_CTRL take effect when their ACK register shows the same (6.3.9.1, 6.3.16). */
static int set_cr0(struct smmuv3 *s, uint64_t value)
{
    const struct wait_reg ack = {
        .name = "SMMU_CR0ACK",
        .mask = CR0_ENABLES | CR0_ATSCHK,
        .want = (uint32_t)value,
        .timeout_us = SMMUV3_WAIT_US,
    };

    dma_wmb(); /* what the enabled part will read */
    mmio_write32(&s->page0, SMMU_CR0, (uint32_t)value);
    return wait_mmio32(&s->page0, SMMU_CR0ACK, &ack);
}

static int set_irq_ctrl(struct smmuv3 *s, uint64_t value)
{
    const struct wait_reg ack = {
        .name = "SMMU_IRQ_CTRLACK",
        .mask = IRQ_CTRL_ALL,
        .want = (uint32_t)value,
        .timeout_us = SMMUV3_WAIT_US,
    };

    mmio_write32(&s->page0, SMMU_IRQ_CTRL, (uint32_t)value);
    return wait_mmio32(&s->page0, SMMU_IRQ_CTRLACK, &ack);
}

/* ---- take-over ------------------------------------------------------------------------------- */

/* While SMMUEN is 0 every transaction is aborted (6.3.14). The register is written only when no
 * update is under way. */
static int block_bypass(struct smmuv3 *s)
{
    static const struct wait_reg idle = {
        .name = "SMMU_GBPA", .mask = GBPA_UPDATE, .want = 0, .timeout_us = SMMUV3_WAIT_US};
    static const struct wait_reg aborting = {.name = "SMMU_GBPA",
                                             .mask = GBPA_UPDATE | GBPA_ABORT,
                                             .want = GBPA_ABORT,
                                             .timeout_us = SMMUV3_WAIT_US};
    int err = wait_mmio32(&s->page0, SMMU_GBPA, &idle);

    if (err)
        return err;
    mmio_write32(&s->page0, SMMU_GBPA,
                 mmio_read32(&s->page0, SMMU_GBPA) | (uint32_t)(GBPA_UPDATE | GBPA_ABORT));
    return wait_mmio32(&s->page0, SMMU_GBPA, &aborting);
}

/* All ones or all zeros in two registers that can be neither: nobody answers there. */
static bool is_silent(const struct smmuv3 *s)
{
    uint32_t idr0 = mmio_read32(&s->page0, SMMU_IDR0);
    uint32_t idr1 = mmio_read32(&s->page0, SMMU_IDR1);

    return idr0 == idr1 && (idr0 == 0 || idr0 == UINT32_MAX);
}

static int explain_unblockable(const struct smmuv3 *s, int err)
{
    if (is_silent(s)) {
        log_err("%s: no SMMU answers at its address, every register reads %08x; check that it is "
                "powered and clocked, and its reg property",
                s->cfg.name, mmio_read32(&s->page0, SMMU_IDR0));
        return -RF_ENODEV;
    }
    log_err("%s: it cannot be told to block DMA (SMMU_GBPA); power-cycle the machine", s->cfg.name);
    return err;
}

/* From any state that firmware left: running with its tables, bypassing, queues full, errors
 * pending. Until CR0 is acknowledged firmware's tables still translate; from then on all is
 * aborted. */
static int take_over(struct smmuv3 *s)
{
    int err = block_bypass(s);

    if (err)
        return explain_unblockable(s, err);
    err = set_cr0(s, 0);
    if (!err)
        err = set_irq_ctrl(s, 0);
    if (err) {
        log_err("%s: it is wedged and keeps the state that firmware left; power-cycle the machine",
                s->cfg.name);
        return err;
    }
    mmio_write32(&s->page0, SMMU_GERRORN, mmio_read32(&s->page0, SMMU_GERROR));
    return 0;
}

static int probe(struct iommu_unit *u)
{
    struct smmuv3 *s = smmuv3_of(u);
    int err = take_over(s);

    return err ? err : smmuv3_read_features(s);
}

/* ---- enable ---------------------------------------------------------------------------------- */

static void release_memory(struct smmuv3 *s, bool hardware_is_off)
{
    smmuv3_queue_fini(&s->eventq, hardware_is_off);
    smmuv3_queue_fini(&s->cmdq, hardware_is_off);
    smmuv3_strtab_fini(s, hardware_is_off);
}

static int allocate_memory(struct smmuv3 *s)
{
    int err = smmuv3_strtab_init(s);

    if (!err)
        err = smmuv3_queue_init(s, &s->cmdq, s->feat.cmdq_lg2, CMD_WORDS);
    if (!err)
        err = smmuv3_queue_init(s, &s->eventq, s->feat.eventq_lg2, EVT_WORDS);
    if (err) {
        log_err("%s: too little memory for its tables and queues", s->cfg.name);
        release_memory(s, true);
    }
    return err;
}

static void set_table_attributes(struct smmuv3 *s)
{
    bool coherent = s->unit.caps.coherent;
    uint64_t cache = coherent ? CR1_CACHE_WB : CR1_CACHE_NC;
    uint64_t share = coherent ? SH_INNER : SH_OUTER;

    mmio_write32(&s->page0, SMMU_CR1,
                 (uint32_t)(FIELD_PREP(CR1_TABLE_SH, share) | FIELD_PREP(CR1_TABLE_OC, cache) |
                            FIELD_PREP(CR1_TABLE_IC, cache) | FIELD_PREP(CR1_QUEUE_SH, share) |
                            FIELD_PREP(CR1_QUEUE_OC, cache) | FIELD_PREP(CR1_QUEUE_IC, cache)));
    /* The CPU's broadcast TLB maintenance is not for these ASIDs; where it does not exist PTM is
     * reserved. */
    mmio_write32(&s->page0, SMMU_CR2,
                 (uint32_t)(CR2_RECINVSID | (s->feat.idr0 & IDR0_BTM ? CR2_PTM : 0)));
}

static void set_stream_table(struct smmuv3 *s)
{
    mmio_write64(&s->page0, SMMU_STRTAB_BASE, smmuv3_strtab_base(s));
    mmio_write32(&s->page0, SMMU_STRTAB_BASE_CFG, smmuv3_strtab_base_cfg(s));
}

static int start_commands(struct smmuv3 *s)
{
    int err;

    mmio_write64(&s->page0, SMMU_CMDQ_BASE, smmuv3_queue_base(s, &s->cmdq));
    mmio_write32(&s->page0, SMMU_CMDQ_PROD, s->cmdq.prod);
    mmio_write32(&s->page0, SMMU_CMDQ_CONS, s->cmdq.cons);
    err = set_cr0(s, CR0_CMDQEN);
    s->commands_on = !err;
    return err;
}

/* What is cached is firmware's, or unknown after reset (3.11). */
static int invalidate_all(struct smmuv3 *s)
{
    int err = smmuv3_command_sync(s, smmuv3_cmd_cfgi_all());

    if (!err && (s->feat.idr0 & IDR0_HYP))
        err = smmuv3_command_sync(s, smmuv3_cmd_tlbi_all(CMD_TLBI_EL2_ALL));
    return err ? err : smmuv3_command_sync(s, smmuv3_cmd_tlbi_all(CMD_TLBI_NSNH_ALL));
}

static int start_events(struct smmuv3 *s)
{
    mmio_write64(&s->page0, SMMU_EVENTQ_BASE, smmuv3_queue_base(s, &s->eventq));
    mmio_write32(&s->page1, SMMU_EVENTQ_PROD, s->eventq.prod);
    mmio_write32(&s->page1, SMMU_EVENTQ_CONS, s->eventq.cons);
    return set_cr0(s, CR0_CMDQEN | CR0_EVENTQEN);
}

/* Wired: an SMMU's own MSI would be one more write that needs a way around the SMMU. */
static int start_interrupts(struct smmuv3 *s)
{
    if (s->feat.idr0 & IDR0_MSI) {
        mmio_write64(&s->page0, SMMU_GERROR_IRQ_CFG0, 0);
        mmio_write64(&s->page0, SMMU_EVENTQ_IRQ_CFG0, 0);
    }
    return set_irq_ctrl(s, IRQ_CTRL_EVENTQ | IRQ_CTRL_GERROR);
}

/* ATSCHK: without it a device that claims "translated already" would pass unchecked (3.9.2). */
static int start_translation(struct smmuv3 *s)
{
    uint64_t on = CR0_CMDQEN | CR0_EVENTQEN | (s->feat.idr0 & IDR0_ATS ? CR0_ATSCHK : 0);
    int err = set_cr0(s, on);

    return err ? err : set_cr0(s, on | CR0_SMMUEN);
}

static int start(struct smmuv3 *s)
{
    int err;

    set_table_attributes(s);
    set_stream_table(s);
    err = start_commands(s);
    if (!err)
        err = invalidate_all(s);
    if (!err)
        err = start_events(s);
    if (!err)
        err = start_interrupts(s);
    return err ? err : start_translation(s);
}

static int enable(struct iommu_unit *u)
{
    struct smmuv3 *s = smmuv3_of(u);
    int err = allocate_memory(s);

    if (err)
        return err;
    err = start(s);
    if (err) {
        log_err("%s: it does not start; every stream stays blocked", s->cfg.name);
        s->commands_on = false;
        release_memory(s, set_cr0(s, 0) == 0);
    }
    return err;
}

/* ---- quiesce --------------------------------------------------------------------------------- */

/* The tables first: they block whatever the SMMU reads anew, even when no register works any more.
 * Translation is switched off only where that does not open the bypass. */
static void quiesce(struct iommu_unit *u)
{
    struct smmuv3 *s = smmuv3_of(u);

    s->commands_on = false;
    smmuv3_strtab_abort_all(s);
    dma_wmb();
    if (block_bypass(s) == 0)
        (void)set_cr0(s, 0); /* logs; there is nothing else to try */
    else
        log_err("%s: SMMU_GBPA does not answer; translation stays on with tables that deny all",
                s->cfg.name);
}

/* ---- the unit -------------------------------------------------------------------------------- */

static const struct iommu_ops ops = {
    .probe = probe,
    .enable = enable,
    .quiesce = quiesce,
    .attach = smmuv3_attach,
    .detach = smmuv3_detach,
    .flush = smmuv3_flush,
    .faults = smmuv3_faults,
};

static int check_window(const struct smmuv3_config *cfg)
{
    uint64_t need = cfg->page0_only ? SMMU_PAGE_SIZE : 2 * SMMU_PAGE_SIZE;

    if (cfg->regs.size >= need)
        return 0;
    log_err("%s: its register window has %lu KiB, an SMMUv3 needs %lu; check its reg property",
            cfg->name, (unsigned long)(cfg->regs.size >> 10), (unsigned long)(need >> 10));
    return -RF_EINVAL;
}

static struct mmio page1_of(const struct smmuv3_config *cfg)
{
    if (cfg->page0_only)
        return cfg->regs;
    return (struct mmio){.base = cfg->regs.base + SMMU_PAGE_SIZE,
                         .size = cfg->regs.size - SMMU_PAGE_SIZE};
}

int smmuv3_create(const struct smmuv3_config *cfg, struct iommu_unit **out)
{
    struct smmuv3 *s;
    int err = check_window(cfg);

    if (err)
        return err;
    s = heap_alloc(sizeof(*s));
    if (!s)
        return trace(-RF_ENOMEM);
    s->cfg = *cfg;
    s->page0 = cfg->regs;
    s->page1 = page1_of(cfg);
    s->unit.ops = &ops;
    s->unit.name = cfg->name;
    SLIST_INIT(&s->cd_pages);
    *out = &s->unit;
    return 0;
}

void smmuv3_get_stats(const struct iommu_unit *u, struct smmuv3_stats *out)
{
    *out = CONTAINER_OF(u, const struct smmuv3, unit)->stats;
}
