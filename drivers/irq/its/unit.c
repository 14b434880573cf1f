/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/its/its.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "drivers/irq/its/regs.h"
#include "drivers/irq/its/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"
#include "lib/mem/heap.h"

/* Taking an ITS over, and switching it off (IHI 0069 5.1, 12.19.3). */

void its_clean(bool clean, const void *p, size_t n)
{
    if (clean)
        dma_clean(p, n);
}

static int switch_off(const struct its *s)
{
    static const struct wait_reg quiescent = {
        .name = "GITS_CTLR",
        .mask = (uint32_t)GITS_CTLR_QUIESCENT,
        .want = (uint32_t)GITS_CTLR_QUIESCENT,
        .timeout_us = ITS_WAIT_US,
    };
    uint32_t ctlr = mmio_read32(&s->cfg.regs, GITS_CTLR);

    mmio_write32(&s->cfg.regs, GITS_CTLR, ctlr & ~(uint32_t)GITS_CTLR_ENABLED);
    return wait_mmio32(&s->cfg.regs, GITS_CTLR, &quiescent);
}

void its_kill(struct its *s, const char *why)
{
    if (s->dead)
        return;
    s->dead = true;
    log_err("%s: %s: it is switched off, and no device that rings it has interrupts any more",
            s->cfg.name, why);
    (void)switch_off(s);
}

static bool is_its(const struct mmio *m)
{
    uint64_t arch = FIELD_GET(GITS_PIDR2_ARCH_REV, mmio_read32(m, GITS_PIDR2));

    return (arch == ARCH_GICV3 || arch == ARCH_GICV4) &&
           (mmio_read64(m, GITS_TYPER) & GITS_TYPER_PHYSICAL);
}

static void read_features(struct its *s)
{
    const uint64_t typer = mmio_read64(&s->cfg.regs, GITS_TYPER);

    s->feat = (struct its_features){
        .iidr = mmio_read32(&s->cfg.regs, GITS_IIDR),
        .event_bits = (uint8_t)(FIELD_GET(GITS_TYPER_ID_BITS, typer) + 1),
        .device_bits = (uint8_t)(FIELD_GET(GITS_TYPER_DEV_BITS, typer) + 1),
        .itt_entry = (uint8_t)(FIELD_GET(GITS_TYPER_ITT_ENTRY, typer) + 1),
        .hcc = (uint8_t)FIELD_GET(GITS_TYPER_HCC, typer),
        .target_address = typer & GITS_TYPER_PTA,
    };
    its_apply_quirks(&s->feat);
    s->target = s->feat.target_address ? lpi_target_base().v & CMD2_RDBASE
                                       : FIELD_PREP(CMD2_RDBASE, lpi_target_processor());
}

/* All events go to this CPU. INVALL: what the redistributor may have kept of an earlier system's
 * configuration is forgotten. */
static int map_collection(struct its *s)
{
    its_push(s, its_mapc(s));
    its_push(s, its_invall());
    return its_sync(s);
}

static int take_over(struct its *s)
{
    int err = switch_off(s);

    if (err || (err = its_tables_init(s)) || (err = its_queue_init(s)))
        return err;
    dma_sync();
    mmio_write32(&s->cfg.regs, GITS_CTLR, GITS_CTLR_ENABLED);
    err = map_collection(s);
    if (err)
        its_kill(s, "it does not map its collection");
    return err;
}

static const struct msi_ops ops = {.for_device = its_for_device};

static int start(struct its *s)
{
    int err = lpi_start();

    if (err) {
        log_warn("%s: no LPIs (%s)", s->cfg.name, err_name(err));
        return err;
    }
    read_features(s);
    err = take_over(s);
    /* Tables of an ITS that does not become quiet are its for ever. */
    if (err && switch_off(s) == 0) {
        its_queue_fini(s);
        its_tables_fini(s);
    }
    return err;
}

int its_create(const struct its_config *cfg, struct msi_controller **out)
{
    struct its *s;

    if (cfg->regs.size < GITS_SIZE)
        return trace(-RF_EINVAL);
    if (!is_its(&cfg->regs)) {
        log_warn("%s: at 0x%lx there is no ITS with physical LPIs", cfg->name, cfg->base.v);
        return -RF_ENODEV;
    }
    s = heap_alloc(sizeof(*s));
    if (!s)
        return trace(-RF_ENOMEM);
    s->cfg = *cfg;
    LIST_INIT(&s->list);
    int err = start(s);
    if (err) {
        heap_free(s);
        return err;
    }
    s->msi = (struct msi_controller){
        .ops = &ops,
        .name = cfg->name,
        .isolates = true,
        .base = cfg->base,
        .size = cfg->regs.size,
        .alone_lg2 = cfg->alone_lg2,
        .irq_first = lpi_first(),
        .irq_count = lpi_count(),
    };
    *out = &s->msi;
    return 0;
}
