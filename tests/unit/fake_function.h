/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_FUNCTION_H
#define RF_TESTS_FAKE_FUNCTION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/host/host.h"
#include "lib/base/err.h"
#include "lib/irq/irq.h"
#include "lib/irq/msi.h"
#include "lib/pci/pci.h"
#include "lib/pci/regs.h"

/* One PCI function, which lets everything be written that lib/vfio is to protect, and the frame and
 * interrupt controller to which it sends its messages. */

/* ---- interrupts -------------------------------------------------------------------------- */

#define IRQ_FIRST 32u
#define IRQ_COUNT 16u
#define FRAME     UINT64_C(0x08020000)

static struct {
    uint32_t taken;            /* bit: IRQ_FIRST + n is allocated */
    uint64_t enabled, pending; /* bit: INTID */
} gic;

static inline int frame_alloc(struct msi_controller *c, unsigned count, uint32_t *first)
{
    uint32_t block = (1u << count) - 1;

    (void)c;
    for (unsigned n = 0; n + count <= IRQ_COUNT; n += count) {
        if (gic.taken & block << n)
            continue;
        gic.taken |= block << n;
        *first = IRQ_FIRST + n;
        return 0;
    }
    return -RF_ENOSPC;
}

static inline void frame_free(struct msi_controller *c, uint32_t first, unsigned count)
{
    uint32_t block = ((1u << count) - 1) << (first - IRQ_FIRST);

    (void)c;
    assert_int_equal(gic.taken & block, block);
    gic.taken &= ~block;
}

static inline struct msi_message frame_message(const struct msi_controller *c, uint32_t irq)
{
    return (struct msi_message){paddr_add(c->base, 0x40), irq};
}

static const struct msi_ops frame_ops = {
    .alloc = frame_alloc, .free = frame_free, .message = frame_message};

static inline void chip_configure(uint32_t id, enum irq_trigger t)
{
    (void)id;
    assert_int_equal(t, IRQ_EDGE);
}

static inline void chip_enable(uint32_t id)
{
    gic.enabled |= BIT(id);
}

static inline void chip_disable(uint32_t id)
{
    gic.enabled &= ~BIT(id);
}

static inline void chip_clear(uint32_t id)
{
    gic.pending &= ~BIT(id);
}

static inline bool chip_is_pending(uint32_t id)
{
    return gic.pending & BIT(id);
}

static inline uint32_t chip_acknowledge(void)
{
    uint64_t ready = gic.pending & gic.enabled;
    uint32_t id = ready ? (uint32_t)__builtin_ctzll(ready) : IRQ_NONE;

    if (ready)
        gic.pending &= ~BIT(id);
    return id;
}

static inline void chip_end(uint32_t id)
{
    (void)id;
}

static const struct irq_chip fake_chip = {
    .name = "fake gic",
    .count = 64,
    .configure = chip_configure,
    .enable = chip_enable,
    .disable = chip_disable,
    .clear = chip_clear,
    .is_pending = chip_is_pending,
    .acknowledge = chip_acknowledge,
    .end = chip_end,
};

/* ---- the function ------------------------------------------------------------------------ */

enum {
    CAP_PM = 0x40,
    CAP_MSI = 0x50,
    CAP_PCIE = 0x70,
    CAP_MSIX = 0xb0,
    CAP_VENDOR = 0xc0,
    CAP_AF = 0xd0,
    EXT_AER = 0x100,
    EXT_ACS = 0x148,
    EXT_ATS = 0x150,
    EXT_SRIOV = 0x160,
    EXT_SERIAL = 0x1a0,
};

#define BAR0       UINT64_C(0x11000000) /* 16 KiB: registers, MSI-X table and PBA */
#define BAR0_SIZE  0x4000u
#define BAR0_TABLE 0x2000u
#define BAR0_PBA   0x3000u
#define VECTORS    8u
#define BAR2       UINT64_C(0x11010000) /* 256 bytes alone in its page */
#define BAR4       UINT64_C(0x11100000) /* 1 MiB, 64-bit, prefetchable */
#define MSI_COUNT  4u

static struct {
    uint8_t cfg[PCI_CFG_SIZE], writable[PCI_CFG_SIZE], w1c[PCI_CFG_SIZE], initial[PCI_CFG_SIZE];
    uint8_t bar0[BAR0_SIZE];
    unsigned resets;
    bool gone;              /* reads as all ones */
    bool master_in_reset;   /* bus mastering was on when a reset came */
    bool touched_undecoded; /* a BAR was accessed with memory decode off */
} fn;

static inline uint32_t cfg_get(const uint8_t *bytes, unsigned off, unsigned width)
{
    uint32_t v = 0;

    memcpy(&v, bytes + off, width);
    return v;
}

static inline void cfg_put(uint8_t *bytes, unsigned off, unsigned width, uint32_t v)
{
    memcpy(bytes + off, &v, width);
}

static inline void fn_mask_table(void)
{
    memset(fn.bar0, 0, sizeof(fn.bar0));
    for (unsigned i = 0; i < VECTORS; i++)
        fn.bar0[BAR0_TABLE + i * 16 + 12] = 1;
}

static inline void fn_reset(void)
{
    fn.resets++;
    fn.master_in_reset |= fn.cfg[PCI_COMMAND] & PCI_COMMAND_MASTER;
    memcpy(fn.cfg, fn.initial, sizeof(fn.cfg));
    fn_mask_table();
}

static inline uint32_t fn_read(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width)
{
    (void)h;
    return rid == 0 && !fn.gone ? cfg_get(fn.cfg, off, width) : (uint32_t)MASK(8 * width - 1, 0);
}

static inline void fn_write(struct pci_host *h, pci_rid_t rid, unsigned off, unsigned width,
                            uint32_t v)
{
    (void)h;
    if (rid != 0 || fn.gone)
        return;
    for (unsigned i = 0; i < width; i++) {
        uint8_t in = (uint8_t)(v >> (8 * i)), *now = &fn.cfg[off + i];

        *now = (uint8_t)((*now & ~fn.writable[off + i]) | (in & fn.writable[off + i]));
        *now = (uint8_t)(*now & ~(in & fn.w1c[off + i]));
    }
    if (fn.cfg[CAP_PCIE + PCI_EXP_DEVCTL + 1] & 0x80 || fn.cfg[CAP_AF + PCI_AF_CTRL] & 1)
        fn_reset();
}

static const struct pci_host_ops fn_host_ops = {fn_read, fn_write};

static inline uint64_t bar0_read(void *ctx, uint64_t off, unsigned width)
{
    uint64_t v = 0;

    (void)ctx;
    fn.touched_undecoded |= !(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY);
    memcpy(&v, fn.bar0 + off, width);
    return v;
}

static inline void bar0_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx;
    fn.touched_undecoded |= !(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY);
    memcpy(fn.bar0 + off, &v, width);
}

static const struct host_mmio_ops bar0_ops = {bar0_read, bar0_write};

static struct pci_host pci_host;
static struct pci_dev pci_fn, pci_neighbour;

static inline void fn_cap(unsigned off, uint8_t id, unsigned next)
{
    fn.cfg[off] = id;
    fn.cfg[off + 1] = (uint8_t)next;
}

static inline void fn_ext_cap(unsigned off, uint16_t id, unsigned next)
{
    cfg_put(fn.cfg, off, 4, id | 1u << 16 | next << 20);
}

static inline void fn_build_caps(void)
{
    fn_cap(CAP_PM, PCI_CAP_ID_PM, CAP_MSI);
    cfg_put(fn.cfg, CAP_PM + 2, 2, 0xfe03);
    fn_cap(CAP_MSI, PCI_CAP_ID_MSI, CAP_PCIE);
    cfg_put(fn.cfg, CAP_MSI + 2, 2, 0x0184); /* 4 vectors, 64 bits, maskable */
    fn_cap(CAP_PCIE, PCI_CAP_ID_PCIE, CAP_MSIX);
    cfg_put(fn.cfg, CAP_PCIE + 2, 2, 2);
    cfg_put(fn.cfg, CAP_PCIE + PCI_EXP_DEVCAP, 4, (uint32_t)PCI_EXP_DEVCAP_FLR);
    cfg_put(fn.cfg, CAP_PCIE + PCI_EXP_DEVCTL, 2, 0x2810); /* as after a reset: No Snoop on */
    fn_cap(CAP_MSIX, PCI_CAP_ID_MSIX, CAP_VENDOR);
    cfg_put(fn.cfg, CAP_MSIX + 2, 2, VECTORS - 1);
    cfg_put(fn.cfg, CAP_MSIX + 4, 4, BAR0_TABLE);
    cfg_put(fn.cfg, CAP_MSIX + 8, 4, BAR0_PBA);
    fn_cap(CAP_VENDOR, 0x09, CAP_AF);
    fn_cap(CAP_AF, PCI_CAP_ID_AF, 0);
    fn_ext_cap(EXT_AER, 0x0001, EXT_ACS);
    fn_ext_cap(EXT_ACS, PCI_EXT_CAP_ID_ACS, EXT_ATS);
    fn_ext_cap(EXT_ATS, PCI_EXT_CAP_ID_ATS, EXT_SRIOV);
    fn_ext_cap(EXT_SRIOV, PCI_EXT_CAP_ID_SRIOV, EXT_SERIAL);
    fn_ext_cap(EXT_SERIAL, 0x0003, 0);
}

/* Hardware that protects nothing above the header but what identifies its capabilities. */
static inline void fn_build_masks(void)
{
    memset(fn.writable + 0x40, 0xff, sizeof(fn.writable) - 0x40);
    for (unsigned off = CAP_PM; off; off = fn.cfg[off + 1])
        memset(fn.writable + off, 0, 2);
    for (unsigned off = EXT_AER; off; off = cfg_get(fn.cfg, off, 4) >> 20)
        memset(fn.writable + off, 0, 4);
    cfg_put(fn.writable, CAP_MSI + 2, 2, 0x0071);
    cfg_put(fn.writable, CAP_MSIX + 2, 2, 0xc000);
    memset(fn.writable + CAP_PCIE + 2, 0, 6);
    cfg_put(fn.writable, PCI_COMMAND, 2, 0x0547);
    cfg_put(fn.w1c, PCI_STATUS, 2, 0xf900);
    memset(fn.writable + CAP_PCIE + PCI_EXP_DEVSTA, 0, 2);
    cfg_put(fn.w1c, CAP_PCIE + PCI_EXP_DEVSTA, 2, 0x000f);
    cfg_put(fn.writable, PCI_CACHE_LINE, 2, 0xffff);
    cfg_put(fn.writable, PCI_BAR(0), 4, ~(BAR0_SIZE - 1));
    cfg_put(fn.writable, PCI_BAR(1), 4, UINT32_MAX);
    cfg_put(fn.writable, PCI_BAR(2), 4, ~0xffu);
    cfg_put(fn.writable, PCI_BAR(4), 4, ~((uint32_t)MIB(1) - 1));
    cfg_put(fn.writable, PCI_BAR(5), 4, UINT32_MAX);
    cfg_put(fn.writable, PCI_ROM, 4, 0xffff0001);
    cfg_put(fn.writable, PCI_INT_LINE, 1, 0xff);
}

static inline void fn_build(void)
{
    memset(&fn, 0, sizeof(fn));
    cfg_put(fn.cfg, PCI_VENDOR_ID, 4, 0x00101b36);
    cfg_put(fn.cfg, PCI_STATUS, 2, (uint32_t)PCI_STATUS_CAPLIST);
    cfg_put(fn.cfg, PCI_REVISION, 4, 0x01080202);
    cfg_put(fn.cfg, PCI_BAR(0), 4, 0x4);
    cfg_put(fn.cfg, PCI_BAR(4), 4, 0xc);
    cfg_put(fn.cfg, PCI_ROM, 4, 0x11200001);
    cfg_put(fn.cfg, PCI_CAP_POINTER, 1, CAP_PM);
    cfg_put(fn.cfg, PCI_INT_PIN, 1, 1);
    fn_build_caps();
    fn_build_masks();
    fn_mask_table();
    memcpy(fn.initial, fn.cfg, sizeof(fn.cfg));
}

static inline struct pci_bar fn_bar(uint64_t address, uint64_t size)
{
    return (struct pci_bar){.present = true, .size = size, .bus = address, .cpu = PADDR(address)};
}

static inline void pci_build(void)
{
    pci_host = (struct pci_host){.ops = &fn_host_ops, .name = "fake host"};
    TAILQ_INIT(&pci_host.devs);
    pci_fn = (struct pci_dev){
        .host = &pci_host,
        .name = "0000:00:00.0",
        .is_pcie = true,
        .cap_pcie = CAP_PCIE,
        .cap_pm = CAP_PM,
        .cap_af = CAP_AF,
        .cap_acs = EXT_ACS,
        .cap_ats = EXT_ATS,
        .cap_sriov = EXT_SRIOV,
        .has_flr = true,
        .msi = {.cap = CAP_MSI, .count = MSI_COUNT, .is_64 = true, .maskable = true},
        .msix = {.cap = CAP_MSIX, .count = VECTORS, .table_off = BAR0_TABLE, .pba_off = BAR0_PBA},
    };
    pci_fn.bar[0] = fn_bar(BAR0, BAR0_SIZE);
    pci_fn.bar[0].is_64 = true;
    pci_fn.bar[2] = fn_bar(BAR2, 256);
    pci_fn.bar[4] = fn_bar(BAR4, MIB(1));
    pci_fn.bar[4].is_64 = pci_fn.bar[4].prefetchable = true;
    pci_neighbour =
        (struct pci_dev){.host = &pci_host, .rid = 8, .group = 1, .name = "0000:00:01.0"};
    TAILQ_INSERT_TAIL(&pci_host.devs, &pci_fn, link);
    TAILQ_INSERT_TAIL(&pci_host.devs, &pci_neighbour, link);
}

#endif
