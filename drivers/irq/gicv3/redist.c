/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/gicv3/regs.h"
#include "drivers/irq/gicv3/state.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"

/* The redistributor of this CPU (IHI 0069 2.1, 12.10). */

static bool is_frame(const struct mmio *m)
{
    uint64_t arch = FIELD_GET(PIDR2_ARCH_REV, mmio_read32(m, GIC_PIDR2));

    return arch == ARCH_GICV3 || arch == ARCH_GICV4;
}

static uint64_t frames_size(uint64_t typer)
{
    return typer & GICR_TYPER_VLPIS ? 2 * (uint64_t)GICR_SIZE : GICR_SIZE;
}

/* GICR_TYPER has the four bytes of the affinity side by side. */
static uint64_t affinity_of(uint64_t typer)
{
    uint64_t a = FIELD_GET(GICR_TYPER_AFFINITY, typer);

    return (a & 0xffffff) | (a & 0xff000000) << 8;
}

/* From one to the next until the last, or the region's end: whatever the registers say, that is
 * soon. */
static bool find_in(struct gicv3 *g, const struct gicv3_region *r)
{
    for (uint64_t off = 0; r->regs.size - off >= GICR_SIZE;) {
        struct mmio m = {r->regs.base + off, GICR_SIZE};

        if (!is_frame(&m))
            return false;
        uint64_t typer = mmio_read64(&m, GICR_TYPER);
        if (affinity_of(typer) == g->cpu.affinity) {
            g->rd = m;
            g->rd_base = paddr_add(r->base, off);
            g->rd_typer = typer;
            return true;
        }
        if ((typer & GICR_TYPER_LAST) || frames_size(typer) > r->regs.size - off)
            return false;
        off += frames_size(typer);
    }
    return false;
}

int gicv3_redist_find(struct gicv3 *g, const struct gicv3_region *region, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (find_in(g, &region[i]))
            return 0;
    }
    log_err("none of the GIC's redistributors has this CPU's affinity 0x%lx", g->cpu.affinity);
    return -RF_ENODEV;
}

static int wait_for(const struct gicv3 *g, const char *name, reg32_t reg, uint32_t mask)
{
    const struct wait_reg w = {.name = name, .mask = mask, .timeout_us = GICV3_WAIT_US};

    return wait_mmio32(&g->rd, reg, &w);
}

/* In the Non-secure state of a GIC with two, GICR_WAKER is firmware's, and reads 0 (12.11.43). */
static int wake(const struct gicv3 *g)
{
    uint32_t waker = mmio_read32(&g->rd, GICR_WAKER);

    mmio_write32(&g->rd, GICR_WAKER, waker & ~(uint32_t)GICR_WAKER_PROCESSOR_SLEEP);
    return wait_for(g, "GICR_WAKER", GICR_WAKER, GICR_WAKER_CHILDREN_ASLEEP);
}

int gicv3_redist_wait(const struct gicv3 *g)
{
    return wait_for(g, "GICR_CTLR", GICR_CTLR, GICR_CTLR_RWP);
}

int gicv3_redist_start(const struct gicv3 *g)
{
    int err = wake(g);

    if (err)
        return err;
    mmio_write32(&g->rd, GICR_ICENABLER0, UINT32_MAX);
    err = gicv3_redist_wait(g);
    if (err)
        return err;
    mmio_write32(&g->rd, GICR_ICPENDR0, UINT32_MAX);
    mmio_write32(&g->rd, GICR_ICACTIVER0, UINT32_MAX);
    mmio_write32(&g->rd, GICR_IGROUPR0, UINT32_MAX);
    for (unsigned n = 0; n < ID_FIRST_SPI / 4; n++)
        mmio_write32(&g->rd, GICR_IPRIORITYR(n), PRIORITY_FOUR);
    return 0;
}
