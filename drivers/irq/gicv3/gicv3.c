/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/gicv3/gicv3.h"

#include "drivers/irq/gicv3/regs.h"
#include "drivers/irq/gicv3/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"

/* Distributor, CPU interface, and what the three kinds of interrupts have in common: private ones
 * (SGIs, PPIs) are the redistributor's, shared ones (SPIs) the distributor's, and LPIs are bytes in
 * memory (lpi.c). */

struct gicv3 gicv3;

static bool is_lpi(uint32_t id)
{
    return id >= ID_FIRST_LPI;
}

/* The same registers stand at the same offsets of two frames: the n-th of a set of 32 for the
 * interrupt. */
static void write_bit(reg32_t shared, reg32_t private, uint32_t id)
{
    uint32_t bit = UINT32_C(1) << (id % 32);

    if (id < ID_FIRST_SPI)
        mmio_write32(&gicv3.rd, private, bit);
    else
        mmio_write32(&gicv3.dist, REG32(shared.off + 4 * (id / 32)), bit);
}

static int wait_rwp(void)
{
    static const struct wait_reg w = {
        .name = "GICD_CTLR", .mask = (uint32_t)GICD_CTLR_RWP, .timeout_us = GICV3_WAIT_US};

    return wait_mmio32(&gicv3.dist, GICD_CTLR, &w);
}

/* ---- lib/irq's chip -------------------------------------------------------------------------- */

/* The trigger of SGIs is fixed, that of PPIs is wired, and LPIs are edges. */
static void gicv3_configure(uint32_t id, enum irq_trigger t)
{
    reg32_t reg = GICD_ICFGR(id / 16);
    uint32_t bit = ICFGR_EDGE << (id % 16 * 2);

    if (id < ID_FIRST_SPI || is_lpi(id))
        return;
    uint32_t v = mmio_read32(&gicv3.dist, reg);
    mmio_write32(&gicv3.dist, reg, t == IRQ_EDGE ? v | bit : v & ~bit);
}

static void gicv3_enable(uint32_t id)
{
    if (is_lpi(id))
        gicv3_lpi_enable(id, true);
    else
        write_bit(GICD_ISENABLER(0), GICR_ISENABLER0, id);
}

/* Over only when RWP says so: what is configured next must not be on any more. A wait that fails
 * has been logged. */
static void gicv3_disable(uint32_t id)
{
    if (is_lpi(id)) {
        gicv3_lpi_enable(id, false);
        return;
    }
    write_bit(GICD_ICENABLER(0), GICR_ICENABLER0, id);
    if (id < ID_FIRST_SPI)
        (void)gicv3_redist_wait(&gicv3);
    else
        (void)wait_rwp();
}

static void gicv3_clear(uint32_t id)
{
    if (is_lpi(id))
        gicv3_lpi_clear(id);
    else
        write_bit(GICD_ICPENDR(0), GICR_ICPENDR0, id);
}

/* Whether an LPI is pending stands nowhere that could be read while it matters (5.1.2). */
static bool gicv3_is_pending(uint32_t id)
{
    uint32_t v;

    if (is_lpi(id))
        return false;
    v = id < ID_FIRST_SPI ? mmio_read32(&gicv3.rd, GICR_ISPENDR0)
                          : mmio_read32(&gicv3.dist, GICD_ISPENDR(id / 32));
    return v & (UINT32_C(1) << (id % 32));
}

static uint32_t gicv3_acknowledge(void)
{
    uint32_t id = (uint32_t)FIELD_GET(ICC_IAR_INTID, gicv3.cpu.acknowledge());

    return id < ID_SPECIAL || is_lpi(id) ? id : IRQ_NONE;
}

static void gicv3_end(uint32_t id)
{
    gicv3.cpu.end(id);
}

static const struct irq_chip chip = {
    .name = "gicv3",
    .configure = gicv3_configure,
    .enable = gicv3_enable,
    .disable = gicv3_disable,
    .clear = gicv3_clear,
    .is_pending = gicv3_is_pending,
    .acknowledge = gicv3_acknowledge,
    .end = gicv3_end,
};

/* ---- taking over ----------------------------------------------------------------------------- */

/* Affinity routing may be on already, and must not be switched off then (12.9.4). */
static int stop_distributor(void)
{
    uint32_t are = mmio_read32(&gicv3.dist, GICD_CTLR) & GICD_CTLR_ARE;

    mmio_write32(&gicv3.dist, GICD_CTLR, are);
    int err = wait_rwp();
    if (!err) {
        mmio_write32(&gicv3.dist, GICD_CTLR, GICD_CTLR_ARE);
        err = wait_rwp();
    }
    return err;
}

/* Shared interrupts only: with affinity routing the first 32 are not the distributor's. */
static int reset_shared(uint32_t count)
{
    for (unsigned n = 1; n < count / 32; n++)
        mmio_write32(&gicv3.dist, GICD_ICENABLER(n), UINT32_MAX);
    int err = wait_rwp();
    if (err)
        return err;
    for (unsigned n = 1; n < count / 32; n++) {
        mmio_write32(&gicv3.dist, GICD_ICPENDR(n), UINT32_MAX);
        mmio_write32(&gicv3.dist, GICD_ICACTIVER(n), UINT32_MAX);
        mmio_write32(&gicv3.dist, GICD_IGROUPR(n), UINT32_MAX);
    }
    for (unsigned n = ID_FIRST_SPI / 4; n < count / 4; n++)
        mmio_write32(&gicv3.dist, GICD_IPRIORITYR(n), PRIORITY_FOUR);
    for (unsigned id = ID_FIRST_SPI; id < MIN(count, ID_SPECIAL); id++)
        mmio_write64(&gicv3.dist, GICD_IROUTER(id), gicv3.cpu.affinity);
    return 0;
}

static int start_distributor(uint32_t count)
{
    int err = stop_distributor();

    if (!err)
        err = reset_shared(count);
    if (err)
        return err;
    mmio_write32(&gicv3.dist, GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_ENABLE_G1);
    return wait_rwp();
}

/* What firmware left active would mask what has no higher priority. There are as many registers as
 * 5, 6 or 7 bits of preemption need. */
static void start_cpu_interface(const struct gicv3_cpu *cpu)
{
    uint64_t ctlr = cpu->read(GIC_CTLR);
    uint64_t bits = FIELD_GET(ICC_CTLR_PRI_BITS, ctlr) + 1;
    unsigned count = bits <= 5 ? 1 : bits == 6 ? 2 : 4;

    cpu->write(GIC_IGRPEN1, 0);
    cpu->write(GIC_CTLR, ctlr & ~(ICC_CTLR_EOIMODE | ICC_CTLR_CBPR));
    cpu->write(GIC_PMR, PRIORITY_ANY);
    cpu->write(GIC_BPR1, 0);
    for (unsigned i = 0; i < count; i++)
        cpu->write(GIC_AP1R0 + i, 0);
    cpu->write(GIC_IGRPEN1, ICC_IGRPEN1_ON);
}

static bool is_gicv3(const struct mmio *dist)
{
    uint64_t arch = FIELD_GET(PIDR2_ARCH_REV, mmio_read32(dist, GIC_PIDR2));

    return arch == ARCH_GICV3 || arch == ARCH_GICV4;
}

int gicv3_init(const struct gicv3_config *cfg)
{
    if (cfg->dist.size < GICD_SIZE)
        return trace(-RF_EINVAL);
    if (!is_gicv3(&cfg->dist))
        return trace(-RF_ENODEV);
    gicv3 = (struct gicv3){
        .dist = cfg->dist,
        .cpu = cfg->cpu,
        .noncoherent = cfg->noncoherent,
        .chip = chip,
    };
    int err = gicv3_redist_find(&gicv3, cfg->region, cfg->region_count);
    if (err)
        return err;
    uint32_t lines = (uint32_t)FIELD_GET(GICD_TYPER_LINES, mmio_read32(&gicv3.dist, GICD_TYPER));
    uint32_t count = 32 * (lines + 1);
    if ((err = start_distributor(count)) || (err = gicv3_redist_start(&gicv3)))
        return err;
    start_cpu_interface(&gicv3.cpu);
    gicv3.chip.count = MIN(count, ID_SPECIAL);
    irq_set_chip(&gicv3.chip);
    return 0;
}
