/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "arch/host/host.h"
#include "lib/base/err.h"
#include "lib/irq/irq.h"
#include "lib/irq/msi.h"
#include "lib/pci/regs.h"
#include "tests/random/machine.h"

/* ---- interrupts: a frame that hands numbers out, and a controller that nothing reaches ------- */

#define IRQ_FIRST 32u
#define IRQ_COUNT 192u

static bool taken[IRQ_COUNT];

static bool is_free(unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (taken[first + i])
            return false;
    return true;
}

static void set_taken(unsigned first, unsigned count, bool value)
{
    memset(&taken[first], value, count * sizeof(taken[0]));
}

static int frame_alloc(struct msi_controller *c, unsigned count, uint32_t *first)
{
    (void)c;
    for (unsigned n = 0; n + count <= IRQ_COUNT; n += count) {
        if (!is_free(n, count))
            continue;
        set_taken(n, count, true);
        *first = IRQ_FIRST + n;
        return 0;
    }
    return -RF_ENOSPC;
}

static void frame_free(struct msi_controller *c, uint32_t first, unsigned count)
{
    (void)c;
    set_taken(first - IRQ_FIRST, count, false);
}

static struct msi_message frame_message(const struct msi_controller *c, uint32_t irq)
{
    return (struct msi_message){machine.kind->isolates_interrupts ? c->base : PADDR(DOORBELL), irq};
}

static const struct msi_ops frame_ops = {
    .alloc = frame_alloc, .free = frame_free, .message = frame_message};

struct msi_controller machine_frame = {
    .ops = &frame_ops, .name = "frame", .size = 0x1000, .alone_lg2 = 16};

bool function_has_irq(unsigned irq)
{
    return irq >= IRQ_FIRST && irq - IRQ_FIRST < IRQ_COUNT && taken[irq - IRQ_FIRST];
}

static void chip_configure(uint32_t id, enum irq_trigger t)
{
    (void)id;
    (void)t;
}

static void chip_nothing(uint32_t id)
{
    (void)id;
}

static bool chip_is_pending(uint32_t id)
{
    (void)id;
    return false;
}

static uint32_t chip_acknowledge(void)
{
    return IRQ_NONE;
}

static const struct irq_chip chip = {
    .name = "gic",
    .count = IRQ_FIRST + IRQ_COUNT,
    .configure = chip_configure,
    .enable = chip_nothing,
    .disable = chip_nothing,
    .clear = chip_nothing,
    .is_pending = chip_is_pending,
    .acknowledge = chip_acknowledge,
    .end = chip_nothing,
};

void frame_reset(void)
{
    memset(taken, 0, sizeof(taken));
    machine_frame.base =
        PADDR(machine.kind->isolates_interrupts ? machine.kind->interrupts.start : FRAME);
    irq_set_chip(&chip);
}

const char *frame_ring(struct machine_unit *u, uint32_t sid, struct msi_message m)
{
    struct access a = u->kind->dma(u, sid, m.address.v, true);

    if (!a.passed)
        return "is denied";
    if (m.address.v == DOORBELL)
        return "is not remapped";
    return a.paddr == DOORBELL ? NULL : "does not reach the doorbell";
}

/* ---- the functions --------------------------------------------------------------------------- */

enum { CAP_MSI = 0x50, CAP_PCIE = 0x70, CAP_MSIX = 0xb0 };

#define BAR0      UINT64_C(0x40000000)
#define BAR0_SIZE UINT64_C(0x1000)

static void put(uint8_t *cfg, unsigned off, unsigned width, uint32_t v)
{
    memcpy(cfg + off, &v, width);
}

static uint32_t get(const uint8_t *cfg, unsigned off, unsigned width)
{
    uint32_t v = 0;

    memcpy(&v, cfg + off, width);
    return v;
}

static void mask_all(struct machine_function *f)
{
    memset(f->table, 0, sizeof(f->table));
    for (unsigned i = 0; i < VECTORS; i++)
        put(f->table, i * 16 + 12, 4, 1);
}

static void reset(struct machine_function *f)
{
    memcpy(f->cfg, f->initial, sizeof(f->cfg));
    mask_all(f);
}

static bool is_writable(unsigned off)
{
    return off == PCI_COMMAND || off == PCI_COMMAND + 1 ||
           (off >= PCI_BAR(0) && off < PCI_BAR(4)) ||
           (off >= CAP_MSI + 2 && off < CAP_MSI + 0x10) ||
           (off >= CAP_PCIE + PCI_EXP_DEVCTL && off < CAP_PCIE + PCI_EXP_DEVSTA) ||
           off == CAP_MSIX + 3;
}

static uint32_t config_read(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width)
{
    (void)h;
    return off < 256 ? get(machine.fn[rid].cfg, off, width) : 0;
}

static void config_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width,
                         uint32_t v)
{
    struct machine_function *f = &machine.fn[rid];

    (void)h;
    for (unsigned i = 0; i < width; i++)
        if (is_writable(off + i))
            f->cfg[off + i] = (uint8_t)(v >> 8 * i);
    if (get(f->cfg, CAP_PCIE + PCI_EXP_DEVCTL, 2) & PCI_EXP_DEVCTL_FLR)
        reset(f);
}

static const struct pci_host_ops host_ops = {config_read, config_write};

static uint64_t table_read(void *ctx, uint64_t off, unsigned width)
{
    const struct machine_function *f = ctx;

    return off + width <= sizeof(f->table) ? get(f->table, (unsigned)off, width) : 0;
}

static void table_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    struct machine_function *f = ctx;

    if (off + width <= sizeof(f->table))
        put(f->table, (unsigned)off, width, (uint32_t)v);
}

static const struct host_mmio_ops table_ops = {table_read, table_write};

static void build_config(struct machine_function *f, uint64_t bar, uint64_t bar2)
{
    put(f->cfg, PCI_VENDOR_ID, 4, 0x00101b36);
    put(f->cfg, PCI_STATUS, 2, (uint32_t)PCI_STATUS_CAPLIST);
    put(f->cfg, PCI_BAR(0), 4, (uint32_t)bar | 0x4);
    put(f->cfg, PCI_BAR(2), 4, (uint32_t)bar2 | 0x4);
    put(f->cfg, PCI_CAP_POINTER, 1, CAP_MSI);
    put(f->cfg, CAP_MSI, 4,
        PCI_CAP_ID_MSI | CAP_PCIE << 8 | 0x0084u << 16); /* 4 vectors, 64 bits */
    put(f->cfg, CAP_PCIE, 4, PCI_CAP_ID_PCIE | CAP_MSIX << 8 | 2u << 16);
    put(f->cfg, CAP_PCIE + PCI_EXP_DEVCAP, 4, (uint32_t)PCI_EXP_DEVCAP_FLR);
    put(f->cfg, CAP_MSIX, 4, PCI_CAP_ID_MSIX | (VECTORS - 1) << 16);
    memcpy(f->initial, f->cfg, sizeof(f->cfg));
    mask_all(f);
}

void function_build(unsigned i)
{
    struct machine_function *f = &machine.fn[i];
    uint64_t bar = BAR0 + i * BAR0_SIZE, bar2 = BAR2 + i * REGISTERS_STEP;

    machine.host.ops = &host_ops;
    f->pci = (struct pci_dev){
        .host = &machine.host,
        .rid = (pci_rid_t)i,
        .group = (uint16_t)i,
        .is_pcie = true,
        .cap_pcie = CAP_PCIE,
        .has_flr = true,
        .msi = {.cap = CAP_MSI, .count = 4, .is_64 = true},
        .msix = {.cap = CAP_MSIX, .count = VECTORS},
    };
    snprintf(f->pci.name, sizeof(f->pci.name), "0000:00:%02x.0", i);
    f->pci.bar[0] = (struct pci_bar){
        .present = true, .is_64 = true, .size = BAR0_SIZE, .bus = bar, .cpu = PADDR(bar)};
    f->pci.bar[2] = (struct pci_bar){
        .present = true, .is_64 = true, .size = REGISTERS_SIZE, .bus = bar2, .cpu = PADDR(bar2)};
    build_config(f, bar, bar2);
    host_mmio_register(bar, BAR0_SIZE, &table_ops, f);
    TAILQ_INSERT_TAIL(&machine.host.devs, &f->pci, link);
}

bool function_is_master(unsigned i)
{
    return get(machine.fn[i].cfg, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
}

static struct msi_message message_at(const uint8_t *address, const uint8_t *data, unsigned width)
{
    return (struct msi_message){
        .address = PADDR(get(address, 0, 4) | (uint64_t)get(address, 4, 4) << 32),
        .data = get(data, 0, width),
    };
}

/* With MSI a function counts its vectors in the data. */
bool function_message(unsigned i, unsigned index, unsigned vector, struct msi_message *out)
{
    const struct machine_function *f = &machine.fn[i];
    const uint8_t *entry = f->table + vector * 16, *msi = f->cfg + CAP_MSI;

    if (index == 1) {
        *out = message_at(msi + 4, msi + 0xc, 2);
        out->data += vector;
        return get(f->cfg, CAP_MSI + PCI_MSI_CTRL, 2) & PCI_MSI_ENABLE;
    }
    *out = message_at(entry, entry + 8, 4);
    return get(f->cfg, CAP_MSIX + PCI_MSIX_CTRL, 2) & PCI_MSIX_ENABLE && !(get(entry, 12, 4) & 1);
}
