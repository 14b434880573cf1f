/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/board/board.h"

#include <string.h>

#include "arch/host/host.h"
#include "arch/mem.h"

/* Offsets and bits are those of the PCI Express Base Specification, chapter 7. */
enum { COMMAND = 0x04, STATUS = 0x06, CLASS = 0x08, HEADER = 0x0e, BAR0 = 0x10, CAPS = 0x34 };
enum { SECONDARY = 0x19, SUBORDINATE = 0x1a };
enum { CMD_MEMORY = 1 << 1, CMD_MASTER = 1 << 2 };
enum { PCIE = 0x40, MSI = 0x80, MSIX = 0xb0, ACS = 0x100 };
enum { SLOT_CAPS = PCIE + 0x14, SLOT_CONTROL = PCIE + 0x18, SLOT_STATUS = PCIE + 0x1a };
enum { SLOT_COMPLETED = 1 << 4, SLOT_INTERRUPTS = 3 << 4 }; /* CCIE and HPIE */

#define CONFIG_SIZE 4096u
#define BAR_SIZE    UINT64_C(0x10000)
#define TABLE       0x8000u /* of MSI-X, in BAR 0; behind it the pending bits */
#define PENDING     0xc000u
#define VECTORS     4u

/* A function's configuration, and which of its bits can be written. */
struct config {
    uint8_t value[CONFIG_SIZE], writable[CONFIG_SIZE];
};

static struct {
    struct board_pci cfg;
    struct config bridge, port, device;
    uint64_t src, dst, count;
    uint32_t status;
    uint32_t table[VECTORS * 4];
} pci;

static uint64_t get(const uint8_t *bytes, unsigned width)
{
    uint64_t v = 0;

    memcpy(&v, bytes, width);
    return v;
}

static void set(struct config *c, unsigned off, unsigned width, uint64_t value, uint64_t writable)
{
    memcpy(c->value + off, &value, width);
    memcpy(c->writable + off, &writable, width);
}

/* ---- configuration space --------------------------------------------------------------------- */

static void build_bridge(void)
{
    set(&pci.bridge, 0, 4, 0x1a001022, 0);
    set(&pci.bridge, CLASS, 4, 0x06000000, 0);
}

/* PCIe capability: version 2, its type and whether it has a slot; Device Control. */
static void build_pcie(struct config *c, unsigned flags, unsigned next)
{
    set(c, STATUS, 2, 0x10, 0);
    set(c, CAPS, 1, PCIE, 0);
    set(c, PCIE, 4, 0x0010 | next << 8 | (2u | flags) << 16, 0);
    set(c, PCIE + 0x04, 4, 1u << 28, 0); /* FLR */
    set(c, PCIE + 0x08, 2, 0, 0x7fff);
}

/* ACS keeps what is behind the port apart. */
static void build_port(void)
{
    set(&pci.port, 0, 4, 0x1a021022, 0);
    set(&pci.port, CLASS, 4, 0x06040000, 0);
    set(&pci.port, COMMAND, 2, 0, 0x0547);
    set(&pci.port, HEADER, 1, 1, 0);
    set(&pci.port, 0x18, 4, 0, 0x00ffffff);
    set(&pci.port, 0x20, 4, 0, 0xfff0fff0);
    set(&pci.port, 0x24, 4, 0x00010001, 0xfff0fff0);
    set(&pci.port, 0x28, 8, 0, ~UINT64_C(0));
    set(&pci.port, 0x3e, 2, 0, 0xffff);
    build_pcie(&pci.port, 4 << 4 | 1 << 8, MSI);
    set(&pci.port, SLOT_CAPS, 4, 1u << 6, 0); /* hot-plug, commands complete with an interrupt */
    set(&pci.port, SLOT_CONTROL, 2, 0, 0x1fff);
    set(&pci.port, MSI, 4, 0x00800005, 0x00010000); /* one message, 64-bit addresses */
    set(&pci.port, MSI + 4, 8, 0, ~UINT64_C(3));
    set(&pci.port, MSI + 12, 2, 0, 0xffff);
    set(&pci.port, ACS, 4, 0x0001000d, 0);
    set(&pci.port, ACS + 4, 4, 0x0000001f, 0x001f0000);
}

static void build_device(void)
{
    set(&pci.device, 0, 4, 0x43505246, 0);
    set(&pci.device, CLASS, 4, 0x12000000, 0);
    set(&pci.device, COMMAND, 2, 0, 0x0546);
    set(&pci.device, BAR0, 8, 4, ~(BAR_SIZE - 1));
    build_pcie(&pci.device, 0, MSIX);
    set(&pci.device, MSIX, 4, 0x11 | (VECTORS - 1) << 16, 0xc0000000);
    set(&pci.device, MSIX + 4, 4, TABLE, 0);
    set(&pci.device, MSIX + 8, 4, PENDING, 0);
}

/* Behind the port once it has a bus number for that. */
static struct config *function_at(uint64_t off)
{
    unsigned bus = (unsigned)(off >> 20), devfn = (unsigned)(off >> 12) & 0xff;

    if (bus == 0)
        return devfn == 0x00 ? &pci.bridge : devfn == 0x10 ? &pci.port : NULL;
    return devfn == 0 && bus == pci.port.value[SECONDARY] ? &pci.device : NULL;
}

static uint64_t config_read(void *ctx, uint64_t off, unsigned width)
{
    const struct config *c = function_at(off);

    (void)ctx;
    return c ? get(c->value + off % CONFIG_SIZE, width) : UINT64_MAX;
}

static bool has(const struct config *c, uint16_t command)
{
    return get(c->value + COMMAND, 2) & command;
}

/* The port's message is a write of 32 bits, of its own. */
static void port_message(void)
{
    uint32_t data = (uint32_t)get(pci.port.value + MSI + 12, 2);
    uint64_t paddr;

    if (!(get(pci.port.value + MSI + 2, 2) & 1) || !has(&pci.port, CMD_MASTER) ||
        !pci.cfg.dma(pci.cfg.ctx, BOARD_PORT_RID, get(pci.port.value + MSI + 4, 8), true, &paddr))
        return;
    if (!board_gic_ring(paddr, data) && host_arena_has((struct range){paddr, paddr + 3}))
        memcpy(paddr_to_ptr(PADDR(paddr)), &data, sizeof(data));
}

/* Any write of Slot Control is a command, which completes at once (6.7.3.2). */
static void slot_written(unsigned at, uint64_t v)
{
    uint8_t *status = &pci.port.value[SLOT_STATUS];

    if (at == SLOT_STATUS) {
        *status &= (uint8_t)~v;
    } else if (at == SLOT_CONTROL) {
        *status |= SLOT_COMPLETED;
        if ((get(pci.port.value + SLOT_CONTROL, 2) & SLOT_INTERRUPTS) == SLOT_INTERRUPTS)
            port_message();
    }
}

static void config_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    struct config *c = function_at(off);

    (void)ctx;
    for (unsigned i = 0; c && i < width; i++) {
        unsigned at = (unsigned)off % CONFIG_SIZE + i;
        uint8_t mask = c->writable[at];

        c->value[at] = (uint8_t)((c->value[at] & ~mask) | ((uint8_t)(v >> 8 * i) & mask));
    }
    if (c == &pci.port)
        slot_written((unsigned)off % CONFIG_SIZE, v);
}

/* ---- the device's registers ------------------------------------------------------------------ */

/* A register of the device: memory decoding is on, and the address is in its BAR. */
static bool in_bar(uint64_t bus, uint64_t *off)
{
    *off = bus - (get(pci.device.value + BAR0, 8) & ~UINT64_C(0xf));
    return has(&pci.device, CMD_MEMORY) && has(&pci.port, CMD_MEMORY) && *off < BAR_SIZE;
}

static uint64_t *register_at(uint64_t off)
{
    switch (off) {
    case COPY_SRC:
        return &pci.src;
    case COPY_DST:
        return &pci.dst;
    case COPY_COUNT:
        return &pci.count;
    default:
        return NULL;
    }
}

static uint64_t memory_read(uint64_t bus)
{
    uint64_t off;

    if (!in_bar(bus, &off))
        return UINT64_MAX;
    if (off >= TABLE && off < TABLE + sizeof(pci.table))
        return pci.table[(off - TABLE) / 4];
    if (register_at(off))
        return *register_at(off);
    return off == COPY_ID ? COPY_ID_VALUE : off == COPY_STATUS ? pci.status : 0;
}

static void memory_write(uint64_t bus, uint64_t v)
{
    uint64_t off;

    if (!in_bar(bus, &off))
        return;
    if (off >= TABLE && off < TABLE + sizeof(pci.table))
        pci.table[(off - TABLE) / 4] = (uint32_t)v;
    else if (register_at(off))
        *register_at(off) = v;
    else if (off == COPY_START)
        pci.status = 1;
}

static uint64_t mem32_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx, (void)width;
    return memory_read(pci.cfg.mem32 + off);
}

static void mem32_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx, (void)width;
    memory_write(pci.cfg.mem32 + off, v);
}

static uint64_t mem64_read(void *ctx, uint64_t off, unsigned width)
{
    (void)ctx, (void)width;
    return memory_read(pci.cfg.mem64 + off);
}

static void mem64_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
    (void)ctx, (void)width;
    memory_write(pci.cfg.mem64 + off, v);
}

/* ---- its accesses to memory ------------------------------------------------------------------ */

/* Requests go up only where bus mastering is on, in the device and in the port. */
static bool access_to(uint64_t iova, bool write, uint64_t *paddr)
{
    return has(&pci.device, CMD_MASTER) && has(&pci.port, CMD_MASTER) &&
           pci.cfg.dma(pci.cfg.ctx, COPY_RID, iova, write, paddr);
}

bool board_pci_try(uint64_t iova, bool write)
{
    uint64_t paddr;

    return access_to(iova, write, &paddr);
}

static bool copy_word(uint64_t at)
{
    uint64_t from, to;

    if (!access_to(pci.src + at, false, &from) || !access_to(pci.dst + at, true, &to))
        return false;
    memcpy(paddr_to_ptr(PADDR(to)), paddr_to_ptr(PADDR(from)), 8);
    return true;
}

/* MSI-X, vector 0: enabled, not masked. */
static void interrupt(void)
{
    uint64_t address = pci.table[0] | (uint64_t)pci.table[1] << 32, paddr;

    if ((get(pci.device.value + MSIX + 2, 2) & 0xc000) != 0x8000 || pci.table[3] & 1)
        return;
    if (access_to(address, true, &paddr))
        (void)board_gic_ring(paddr, pci.table[2]);
}

void board_pci_work(void)
{
    bool ok = true;

    if (pci.status != 1)
        return;
    for (uint64_t at = 0; at < pci.count && ok; at += 8)
        ok = copy_word(at);
    pci.status = ok ? 2 : 4;
    interrupt();
}

void board_pci_map(const struct board_pci *p)
{
    static const struct host_mmio_ops config = {config_read, config_write};
    static const struct host_mmio_ops mem32 = {mem32_read, mem32_write};
    static const struct host_mmio_ops mem64 = {mem64_read, mem64_write};

    memset(&pci, 0, sizeof(pci));
    pci.cfg = *p;
    for (unsigned i = 0; i < VECTORS; i++)
        pci.table[4 * i + 3] = 1; /* masked */
    build_bridge();
    build_port();
    build_device();
    host_mmio_register(p->ecam, p->ecam_size, &config, NULL);
    host_mmio_register(p->mem32, p->mem32_size, &mem32, NULL);
    host_mmio_register(p->mem64, p->mem64_size, &mem64, NULL);
}
