/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/gicv2m.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/mask.h"
#include "lib/irq/irq.h"
#include "lib/mem/heap.h"

#define MSI_TYPER     REG32(0x008)
#define MSI_SETSPI_NS 0x040u
#define MSI_IIDR      REG32(0xfcc)
#define FRAME_SIZE    0x1000u

#define MSI_TYPER_BASE  MASK(25, 16)
#define MSI_TYPER_COUNT MASK(9, 0)

#define SPI_FIRST 32u
#define SPI_END   1020u /* IHI 0048B 2.2.1 */

/* Frames whose data is not the INTID, by MSI_IIDR: what to subtract from it. */
static const struct quirk {
    uint32_t iidr;
    bool from_base;  /* the first SPI of the frame */
    uint32_t offset; /* or this */
} quirks[] = {
    {0x06000170, true, 0},          /* APM X-Gene */
    {0x0000013f, false, SPI_FIRST}, /* Broadcom NS2 */
};

struct gicv2m {
    struct msi_controller msi;
    uint32_t data_offset; /* data = INTID - this */
    bool address_only;
    uint64_t used[SPI_END / 64 + 1]; /* by INTID - irq_first */
};

static struct gicv2m *frame_of(struct msi_controller *c)
{
    return CONTAINER_OF(c, struct gicv2m, msi);
}

static bool is_used(const struct gicv2m *f, uint32_t i)
{
    return f->used[i / 64] & BIT(i % 64);
}

static void set_used(struct gicv2m *f, uint32_t i, unsigned count, bool used)
{
    for (; count > 0; count--, i++) {
        if (used)
            f->used[i / 64] |= BIT(i % 64);
        else
            f->used[i / 64] &= ~BIT(i % 64);
    }
}

/* Firmware may name a wired interrupt that is one of the frame's, as QEMU's virt does with those of
 * its SMMU: whoever listens to it keeps it. */
static bool is_taken(const struct gicv2m *f, uint32_t i)
{
    return is_used(f, i) || irq_is_requested(f->msi.irq_first + i);
}

static bool is_free(const struct gicv2m *f, uint32_t i, unsigned count)
{
    while (count > 0 && !is_taken(f, i + count - 1))
        count--;
    return count == 0;
}

/* A function with several vectors replaces the low bits of the data (7.7.1.5), so it is the data
 * that must be aligned. When the vector is in the address instead, there can be only one. */
static int gicv2m_alloc(struct msi_controller *c, unsigned count, uint32_t *first)
{
    struct gicv2m *f = frame_of(c);

    if (!is_pow2(count) || count > c->irq_count || (f->address_only && count > 1))
        return -RF_EINVAL;
    for (uint32_t i = 0; i + count <= c->irq_count; i++) {
        uint32_t irq = c->irq_first + i;

        if (!is_aligned(irq - f->data_offset, count) || !is_free(f, i, count))
            continue;
        set_used(f, i, count, true);
        *first = irq;
        return 0;
    }
    return -RF_ENOSPC;
}

static void gicv2m_free(struct msi_controller *c, uint32_t first, unsigned count)
{
    if (first >= c->irq_first && first - c->irq_first <= c->irq_count &&
        count <= c->irq_count - (first - c->irq_first))
        set_used(frame_of(c), first - c->irq_first, count, false);
}

static struct msi_message gicv2m_message(const struct msi_controller *c, uint32_t irq)
{
    const struct gicv2m *f = CONTAINER_OF(c, struct gicv2m, msi);

    if (f->address_only)
        return (struct msi_message){paddr_add(c->base, (uint64_t)(irq - SPI_FIRST) * 8), 0};
    return (struct msi_message){paddr_add(c->base, MSI_SETSPI_NS), irq - f->data_offset};
}

static const struct msi_ops gicv2m_ops = {
    .alloc = gicv2m_alloc,
    .free = gicv2m_free,
    .message = gicv2m_message,
};

/* Firmware's numbers, when it gives some, or the frame's. */
static int find_spis(const struct gicv2m_config *cfg, uint32_t *base, uint32_t *count)
{
    uint32_t typer = cfg->spi_count ? 0 : mmio_read32(&cfg->regs, MSI_TYPER);

    *base = cfg->spi_count ? cfg->spi_base : (uint32_t)FIELD_GET(MSI_TYPER_BASE, typer);
    *count = cfg->spi_count ? cfg->spi_count : (uint32_t)FIELD_GET(MSI_TYPER_COUNT, typer);
    const uint32_t end = MIN(irq_chip()->count, SPI_END);
    if (*base >= SPI_FIRST && *base < end && *count > 0 && *count <= end - *base)
        return 0;
    log_warn("%s: interrupts %u + %u (%s) are not SPIs of this controller, which has %u..%u",
             cfg->name, *base, *count, cfg->spi_count ? "from firmware" : "from MSI_TYPER",
             SPI_FIRST, end - 1);
    return -RF_EINVAL;
}

static uint32_t find_data_offset(const struct gicv2m_config *cfg, uint32_t spi_base)
{
    uint32_t iidr = mmio_read32(&cfg->regs, MSI_IIDR);

    for (unsigned i = 0; i < ARRAY_SIZE(quirks); i++) {
        if (quirks[i].iidr == iidr)
            return quirks[i].from_base ? spi_base : quirks[i].offset;
    }
    return 0;
}

int gicv2m_create(const struct gicv2m_config *cfg, struct msi_controller **out)
{
    uint32_t base, count;
    struct gicv2m *f;

    if (!irq_chip())
        return -RF_ENODEV;
    if (cfg->regs.size < FRAME_SIZE) {
        log_warn("%s: a frame of 0x%lx bytes is too small", cfg->name, cfg->regs.size);
        return -RF_EINVAL;
    }
    int err = find_spis(cfg, &base, &count);
    if (err)
        return err;
    f = heap_alloc(sizeof(*f));
    if (!f)
        return -RF_ENOMEM;
    f->msi = (struct msi_controller){
        .ops = &gicv2m_ops,
        .name = cfg->name,
        .isolates = false,
        .base = cfg->base,
        .size = cfg->regs.size,
        .alone_lg2 = cfg->alone_lg2,
        .irq_first = base,
        .irq_count = count,
    };
    f->address_only = cfg->address_only;
    f->data_offset = cfg->address_only ? 0 : find_data_offset(cfg, base);
    *out = &f->msi;
    return 0;
}
