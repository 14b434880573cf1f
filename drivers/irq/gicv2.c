/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/gicv2.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/irq/irq.h"

/* Distributor (IHI 0048B 4.3) */
#define GICD_CTLR          REG32(0x000)
#define GICD_TYPER         REG32(0x004)
#define GICD_IGROUPR(n)    REG32(0x080 + 4 * (n))
#define GICD_ISENABLER(n)  REG32(0x100 + 4 * (n))
#define GICD_ICENABLER(n)  REG32(0x180 + 4 * (n))
#define GICD_ISPENDR(n)    REG32(0x200 + 4 * (n))
#define GICD_ICPENDR(n)    REG32(0x280 + 4 * (n))
#define GICD_ICACTIVER(n)  REG32(0x380 + 4 * (n))
#define GICD_IPRIORITYR(n) REG32(0x400 + 4 * (n))
#define GICD_ITARGETSR(n)  REG32(0x800 + 4 * (n))
#define GICD_ICFGR(n)      REG32(0xc00 + 4 * (n))
#define GICD_CPENDSGIR(n)  REG32(0xf10 + 4 * (n))
#define GICD_ICPIDR2       REG32(0xfe8)
#define GICD_SIZE          0x1000u

#define GICD_TYPER_LINES  MASK(4, 0)
#define GICD_ICPIDR2_ARCH MASK(7, 4)
#define ARCH_GICV2        2u

/* CPU interface (IHI 0048B 4.4) */
#define GICC_CTLR REG32(0x00)
#define GICC_PMR  REG32(0x04)
#define GICC_BPR  REG32(0x08)
#define GICC_IAR  REG32(0x0c)
#define GICC_EOIR REG32(0x10)
#define GICC_IIDR REG32(0xfc)
#define GICC_SIZE 0x1000u

#define GICC_IAR_ID    MASK(9, 0)
#define GICC_IIDR_ARCH MASK(19, 16)

#define CTLR_ENABLE     BIT(0)
#define PRIORITY_MIDDLE 0xa0a0a0a0u /* four interrupts a register */
#define PRIORITY_ANY    0xffu
#define ICFGR_EDGE      2u /* of two bits an interrupt */

#define ID_FIRST_PPI 16u
#define ID_FIRST_SPI 32u
#define ID_SPECIAL   1020u /* from here on no interrupt (3.2.5) */

static struct mmio gicd, gicc;

static void write_bit(reg32_t first, uint32_t id)
{
    mmio_write32(&gicd, REG32(first.off + 4 * (id / 32)), UINT32_C(1) << (id % 32));
}

/* The trigger of SGIs is fixed, and that of PPIs is wired: on some machines the bits are writable
 * and a wrong value stops the timer. */
static void gicv2_configure(uint32_t id, enum irq_trigger t)
{
    reg32_t reg = GICD_ICFGR(id / 16);
    uint32_t bit = ICFGR_EDGE << (id % 16 * 2);

    if (id < ID_FIRST_SPI)
        return;
    uint32_t v = mmio_read32(&gicd, reg);
    mmio_write32(&gicd, reg, t == IRQ_EDGE ? v | bit : v & ~bit);
}

static void gicv2_enable(uint32_t id)
{
    write_bit(GICD_ISENABLER(0), id);
}

static void gicv2_disable(uint32_t id)
{
    write_bit(GICD_ICENABLER(0), id);
}

static void gicv2_clear(uint32_t id)
{
    write_bit(GICD_ICPENDR(0), id);
}

static bool gicv2_is_pending(uint32_t id)
{
    return mmio_read32(&gicd, GICD_ISPENDR(id / 32)) & (UINT32_C(1) << (id % 32));
}

/* 1020 to 1023 stand for nothing to handle. */
static uint32_t gicv2_acknowledge(void)
{
    uint32_t id = (uint32_t)FIELD_GET(GICC_IAR_ID, mmio_read32(&gicc, GICC_IAR));

    return id < ID_SPECIAL ? id : IRQ_NONE;
}

static void gicv2_end(uint32_t id)
{
    mmio_write32(&gicc, GICC_EOIR, id);
}

static struct irq_chip gicv2 = {
    .name = "gicv2",
    .configure = gicv2_configure,
    .enable = gicv2_enable,
    .disable = gicv2_disable,
    .clear = gicv2_clear,
    .is_pending = gicv2_is_pending,
    .acknowledge = gicv2_acknowledge,
    .end = gicv2_end,
};

/* This CPU's bit stands in the target fields of its own private interrupts (4.3.12); a GIC for one
 * CPU has no targets, and reads 0. */
static uint32_t own_targets(void)
{
    for (unsigned n = 0; n < ID_FIRST_SPI / 4; n++) {
        uint32_t v = mmio_read32(&gicd, GICD_ITARGETSR(n));

        for (; v; v >>= 8) {
            if (v & 0xff)
                return (v & 0xff) * 0x01010101u;
        }
    }
    return 0;
}

/* Group 0 is what a GIC without Security Extensions signals as IRQ to this CPU; seen from the
 * Non-secure state the group registers ignore writes, and every interrupt that is visible is
 * group 1. Enable bit 0 of both control registers means the same in both views (4.3.1, 4.4.1). */
static void reset_distributor(uint32_t count)
{
    uint32_t targets = own_targets();

    mmio_write32(&gicd, GICD_CTLR, 0);
    for (unsigned n = 0; n < (count + 31) / 32; n++) {
        mmio_write32(&gicd, GICD_ICENABLER(n), UINT32_MAX);
        mmio_write32(&gicd, GICD_ICPENDR(n), UINT32_MAX);
        mmio_write32(&gicd, GICD_ICACTIVER(n), UINT32_MAX);
        mmio_write32(&gicd, GICD_IGROUPR(n), 0);
    }
    for (unsigned n = 0; n < ID_FIRST_PPI / 4; n++)
        mmio_write32(&gicd, GICD_CPENDSGIR(n), UINT32_MAX);
    for (unsigned n = 0; n < (count + 3) / 4; n++)
        mmio_write32(&gicd, GICD_IPRIORITYR(n), PRIORITY_MIDDLE);
    for (unsigned n = ID_FIRST_SPI / 4; n < (count + 3) / 4; n++)
        mmio_write32(&gicd, GICD_ITARGETSR(n), targets);
    mmio_write32(&gicd, GICD_CTLR, CTLR_ENABLE);
}

static void reset_cpu_interface(void)
{
    mmio_write32(&gicc, GICC_CTLR, 0);
    mmio_write32(&gicc, GICC_PMR, PRIORITY_ANY);
    mmio_write32(&gicc, GICC_BPR, 0);
    mmio_write32(&gicc, GICC_CTLR, CTLR_ENABLE);
}

int gicv2_init(const struct mmio *dist, const struct mmio *cpu)
{
    if (dist->size < GICD_SIZE || cpu->size < GICC_SIZE)
        return trace(-RF_EINVAL);
    if (FIELD_GET(GICD_ICPIDR2_ARCH, mmio_read32(dist, GICD_ICPIDR2)) != ARCH_GICV2 ||
        FIELD_GET(GICC_IIDR_ARCH, mmio_read32(cpu, GICC_IIDR)) != ARCH_GICV2)
        return trace(-RF_ENODEV);
    gicd = *dist;
    gicc = *cpu;
    uint32_t lines = (uint32_t)FIELD_GET(GICD_TYPER_LINES, mmio_read32(&gicd, GICD_TYPER));
    gicv2.count = MIN(32 * (lines + 1), ID_SPECIAL);
    reset_distributor(gicv2.count);
    reset_cpu_interface();
    irq_set_chip(&gicv2);
    return 0;
}
