/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/irq/gicv3/lpi.h"

#include "arch/barrier.h"
#include "arch/dma.h"
#include "arch/mem.h"
#include "drivers/irq/gicv3/regs.h"
#include "drivers/irq/gicv3/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/wait.h"
#include "lib/mem/page.h"

/* 14 bits of interrupt numbers, which is what every GIC with LPIs has at least (5.1): 8192 LPIs, a
 * byte each for their configuration, and a bit for each number in the table of what is pending. */
#define LPI_ID_BITS 14u
#define LPI_MAX     ((1u << LPI_ID_BITS) - ID_FIRST_LPI)
#define CONFIG_SIZE LPI_MAX
#define PEND_SIZE   KIB(64) /* its alignment; the table is 2 KiB */

#define CONFIG_OFF (FIELD_PREP(LPI_PRIORITY, PRIORITY_MIDDLE >> 2) | LPI_RES1)

static struct {
    uint32_t *config; /* four LPIs a word; NULL: LPIs are off */
    uint32_t count;
    bool clean; /* the redistributor does not snoop the CPU's caches */
    LIST_HEAD(, lpi_block) blocks;
} lpi;

/* ---- tables ---------------------------------------------------------------------------------- */

static void publish(const void *p, size_t n)
{
    if (lpi.clean)
        dma_clean(p, n);
    dma_sync();
}

/* Writes the address of a table with the attributes that are wanted, and looks at what of them was
 * kept (12.11.38): a redistributor that keeps no shareability does not snoop. */
static int set_table(reg64_t reg, uint64_t value, uint64_t address)
{
    const struct mmio *rd = &gicv3.rd;
    uint64_t shared =
        FIELD_PREP(GICR_SHARE, SHARE_INNER) | FIELD_PREP(GICR_INNER_CACHE, CACHE_RAWAWB);
    uint64_t alone = FIELD_PREP(GICR_INNER_CACHE, CACHE_NONE);

    mmio_write64(rd, reg, value | (gicv3.noncoherent ? alone : shared));
    if (FIELD_GET(GICR_SHARE, mmio_read64(rd, reg)) == SHARE_NONE) {
        mmio_write64(rd, reg, value | alone);
        lpi.clean = true;
    }
    if ((mmio_read64(rd, reg) ^ value) & address) {
        log_err("the GIC's redistributor does not keep the address of a table: 0x%lx is beyond it",
                value & address);
        return -RF_ERANGE;
    }
    return 0;
}

/* Firmware's LPIs: what it left on writes to memory that may be anybody's now. */
static int stop_lpis(void)
{
    static const struct wait_reg w = {
        .name = "GICR_CTLR", .mask = (uint32_t)GICR_CTLR_RWP, .timeout_us = GICV3_WAIT_US};
    uint32_t ctlr = mmio_read32(&gicv3.rd, GICR_CTLR);

    if (!(ctlr & GICR_CTLR_ENABLE_LPIS))
        return 0;
    mmio_write32(&gicv3.rd, GICR_CTLR, ctlr & ~(uint32_t)GICR_CTLR_ENABLE_LPIS);
    if (mmio_read32(&gicv3.rd, GICR_CTLR) & GICR_CTLR_ENABLE_LPIS) {
        log_err("firmware left LPIs on, and this GIC cannot switch them off: no MSIs");
        return -RF_EBUSY;
    }
    return wait_mmio32(&gicv3.rd, GICR_CTLR, &w);
}

static void fill_config(void)
{
    for (size_t i = 0; i < CONFIG_SIZE / sizeof(*lpi.config); i++)
        dma_store32(&lpi.config[i], CONFIG_OFF * 0x01010101u);
}

static int set_tables(paddr_t config, paddr_t pend)
{
    int err = set_table(GICR_PROPBASER, config.v | FIELD_PREP(PROPBASER_ID_BITS, LPI_ID_BITS - 1),
                        PROPBASER_ADDR);

    if (!err)
        err = set_table(GICR_PENDBASER, pend.v | PENDBASER_PTZ, PENDBASER_ADDR);
    return err;
}

static int switch_on(paddr_t config, paddr_t pend)
{
    int err = stop_lpis();

    lpi.clean = gicv3.noncoherent;
    if (!err)
        err = set_tables(config, pend);
    if (err)
        return err;
    lpi.config = paddr_to_ptr(config);
    fill_config();
    publish(lpi.config, CONFIG_SIZE);
    publish(paddr_to_ptr(pend), PEND_SIZE);
    mmio_write32(&gicv3.rd, GICR_CTLR,
                 mmio_read32(&gicv3.rd, GICR_CTLR) | (uint32_t)GICR_CTLR_ENABLE_LPIS);
    return 0;
}

/* How many there are: all of the numbers, or less where the distributor says so (12.9.38). */
static uint32_t count_lpis(void)
{
    uint32_t typer = mmio_read32(&gicv3.dist, GICD_TYPER);
    uint64_t limit = FIELD_GET(GICD_TYPER_NUM_LPIS, typer);

    if (!(typer & GICD_TYPER_LPIS) || !(gicv3.rd_typer & GICR_TYPER_PLPIS) ||
        FIELD_GET(GICD_TYPER_ID_BITS, typer) + 1 < LPI_ID_BITS)
        return 0;
    return limit ? (uint32_t)MIN(UINT64_C(2) << limit, LPI_MAX) : LPI_MAX;
}

int lpi_start(void)
{
    uint32_t count;

    if (irq_chip() != &gicv3.chip)
        return trace(-RF_ENODEV);
    if (gicv3.chip.message_count)
        return 0;
    count = count_lpis();
    if (count == 0)
        return trace(-RF_ENODEV);
    LIST_INIT(&lpi.blocks);
    const unsigned config_order = log2_ceil(CONFIG_SIZE) - PAGE_LG2;
    const unsigned pend_order = log2_ceil(PEND_SIZE) - PAGE_LG2;
    paddr_t config = page_alloc_zeroed(config_order);
    paddr_t pend = paddr_valid(config) ? page_alloc_zeroed(pend_order) : config;
    int err = paddr_valid(pend) ? switch_on(config, pend) : trace(-RF_ENOMEM);
    if (err) {
        if (paddr_valid(config))
            page_free(config, config_order);
        if (paddr_valid(pend))
            page_free(pend, pend_order);
        return err;
    }
    lpi.count = count;
    gicv3.chip.message_first = ID_FIRST_LPI;
    gicv3.chip.message_count = count;
    return 0;
}

uint32_t lpi_first(void)
{
    return ID_FIRST_LPI;
}

uint32_t lpi_count(void)
{
    return lpi.count;
}

paddr_t lpi_target_base(void)
{
    return gicv3.rd_base;
}

uint16_t lpi_target_processor(void)
{
    return (uint16_t)FIELD_GET(GICR_TYPER_PROCESSOR, gicv3.rd_typer);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static struct lpi_block *block_in(uint32_t first, unsigned count)
{
    struct lpi_block *b;

    LIST_FOREACH (b, &lpi.blocks, link) {
        if (first < b->first + b->count && b->first < first + count)
            return b;
    }
    return NULL;
}

int lpi_alloc(struct lpi_block *b, unsigned count)
{
    for (uint32_t i = 0; i + count <= lpi.count; i += count) {
        if (block_in(ID_FIRST_LPI + i, count))
            continue;
        b->first = ID_FIRST_LPI + i;
        b->count = count;
        LIST_INSERT_HEAD(&lpi.blocks, b, link);
        return 0;
    }
    return -RF_ENOSPC;
}

void lpi_free(struct lpi_block *b)
{
    LIST_REMOVE(b, link);
    b->count = 0;
}

/* ---- one LPI --------------------------------------------------------------------------------- */

static void set_config(uint32_t id, uint8_t value)
{
    uint32_t *word = &lpi.config[(id - ID_FIRST_LPI) / sizeof(*word)];
    unsigned shift = (id % sizeof(*word)) * 8;

    dma_store32(word, (dma_load32(word) & ~(UINT32_C(0xff) << shift)) | (uint32_t)value << shift);
    publish(word, sizeof(*word));
}

/* An LPI that nobody has is disabled in memory already, and no ITS could be told of it. */
void gicv3_lpi_enable(uint32_t id, bool on)
{
    struct lpi_block *b = block_in(id, 1);

    if (!b)
        return;
    set_config(id, (uint8_t)(CONFIG_OFF | (on ? LPI_ENABLE : 0)));
    b->reload(b, id);
}

void gicv3_lpi_clear(uint32_t id)
{
    struct lpi_block *b = block_in(id, 1);

    if (b)
        b->clear(b, id);
}
