/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/bar.h"

#include "lib/base/log.h"
#include "lib/pci/regs.h"

/* Base address registers (7.5.1.2.1; of virtual functions 9.3.3.14): what they want, what they
 * hold. */

unsigned pci_bar_count(const struct pci_dev *d)
{
    static const uint8_t counts[] = {[PCI_HEADER_NORMAL] = 6, [PCI_HEADER_BRIDGE] = 2};

    if (d->pf)
        return 0; /* those in its header read as 0 (9.3.4.1.11) */
    return d->header_type < ARRAY_SIZE(counts) ? counts[d->header_type] : 0;
}

/* Registers that hold BARs, where in configuration space, and how many. */
struct registers {
    unsigned at, count;
    const char *of_what;
};

static struct registers own_registers(const struct pci_dev *d)
{
    return (struct registers){PCI_BAR(0), pci_bar_count(d), ""};
}

static struct registers vf_registers(const struct pci_dev *d)
{
    unsigned count = d->sriov.count ? ARRAY_SIZE(d->sriov.bar) : 0;

    return (struct registers){d->cap_sriov + PCI_SRIOV_BAR(0), count, "VF "};
}

#define SIZE_MAX_PCI (UINT64_C(1) << 62) /* sums of sizes stay below 2^64 */

/* All ones in, the bits that stick out; the register's value is put back. */
static uint32_t probe(const struct pci_dev *d, unsigned off, uint32_t *value)
{
    *value = pci_read(d, off, 4);
    pci_write(d, off, 4, UINT32_MAX);
    uint32_t mask = pci_read(d, off, 4);
    pci_write(d, off, 4, *value);
    return mask;
}

/* The lowest address bit that sticks is the size, and all above it must stick too; a decoder of I/O
 * may leave out bits 31:16. */
static uint64_t size_of(uint64_t mask, uint64_t top)
{
    uint64_t size = mask & -mask;

    return (mask | (size - 1)) == top && size <= SIZE_MAX_PCI ? size : 0;
}

static void read_io(struct pci_bar *b, uint32_t mask)
{
    uint32_t addr = mask & (uint32_t)PCI_BAR_IO_ADDR;

    b->io = true;
    b->size = size_of(addr, addr >> 16 ? UINT32_MAX : UINT16_MAX);
}

/* `off` is that of the register, whose value and mask are known. */
static void read_memory(const struct pci_dev *d, struct pci_bar *b, unsigned off, uint32_t mask,
                        uint32_t value)
{
    uint64_t high_mask = UINT32_MAX;
    uint32_t high = 0;

    b->prefetchable = (value & PCI_BAR_PREFETCH) != 0;
    if (b->is_64)
        high_mask = probe(d, off + 4, &high);
    mask &= (uint32_t)PCI_BAR_MEM_ADDR;
    b->size = b->is_64 ? size_of(high_mask << 32 | mask, UINT64_MAX) : size_of(mask, UINT32_MAX);
    b->bus = ((uint64_t)high << 32 | value) & PCI_BAR_MEM_ADDR;
}

/* Returns how many registers the BAR takes. */
static unsigned read_bar(const struct pci_dev *d, const struct registers *regs, unsigned n,
                         struct pci_bar *b)
{
    const unsigned off = regs->at + 4 * n;
    uint32_t value, mask = probe(d, off, &value);
    unsigned type = (unsigned)FIELD_GET(PCI_BAR_TYPE, value);

    *b = (struct pci_bar){.cpu = PADDR_INVALID};
    if (mask == 0)
        return 1;
    b->is_64 = !(value & PCI_BAR_IO) && type == PCI_BAR_TYPE_64;
    if (b->is_64 && n + 1 == regs->count) {
        log_warn("%s: %sBAR %u has 64 bits and no register for the upper half", d->name,
                 regs->of_what, n);
        return 1;
    }
    if (value & PCI_BAR_IO)
        read_io(b, mask);
    else if (type != PCI_BAR_TYPE_RSVD)
        read_memory(d, b, off, mask, value);
    b->present = b->size != 0;
    if (!b->present)
        log_warn("%s: %sBAR %u is malformed (0x%x, sizing gives 0x%x) and is not used", d->name,
                 regs->of_what, n, value, mask);
    return b->is_64 ? 2 : 1;
}

static void read_bars(const struct pci_dev *d, struct registers regs, struct pci_bar *bars)
{
    for (unsigned n = 0; n < regs.count;)
        n += read_bar(d, &regs, n, &bars[n]);
}

/* As many of each as there are virtual functions. */
static void bound_vf_bars(struct pci_dev *d)
{
    for (unsigned n = 0; n < ARRAY_SIZE(d->sriov.bar); n++) {
        struct pci_bar *b = &d->sriov.bar[n];

        b->no_room = d->sriov.count && b->size > SIZE_MAX_PCI / d->sriov.count;
    }
}

void pci_size_bars(struct pci_dev *d)
{
    const uint32_t decode = PCI_COMMAND_IO | PCI_COMMAND_MEMORY;
    unsigned rom = d->is_bridge ? PCI_BRIDGE_ROM : PCI_ROM;

    if (pci_bar_count(d) == 0)
        return;
    pci_write(d, PCI_COMMAND, 2, pci_read(d, PCI_COMMAND, 2) & ~decode);
    read_bars(d, own_registers(d), d->bar);
    read_bars(d, vf_registers(d), d->sriov.bar);
    bound_vf_bars(d);
    pci_write(d, rom, 4, pci_read(d, rom, 4) & ~(uint32_t)PCI_ROM_ENABLE);
}

static void write_bars(const struct pci_dev *d, struct registers regs, const struct pci_bar *bars)
{
    for (unsigned n = 0; n < regs.count; n++) {
        const struct pci_bar *b = &bars[n];

        if (!b->present || b->io)
            continue;
        pci_write(d, regs.at + 4 * n, 4, (uint32_t)b->bus);
        if (b->is_64)
            pci_write(d, regs.at + 4 * n + 4, 4, (uint32_t)(b->bus >> 32));
    }
}

void pci_write_bars(const struct pci_dev *d)
{
    write_bars(d, own_registers(d), d->bar);
    write_bars(d, vf_registers(d), d->sriov.bar);
}

static bool is_inside(const struct pci_bar *b, uint64_t off, uint64_t size)
{
    return b->present && !b->io && off < b->size && size <= b->size - off;
}

/* Entries of 16 bytes, and one pending bit for each, in words of 8 bytes (7.7.2). */
void pci_check_msix(struct pci_dev *d)
{
    const struct pci_msix *m = &d->msix;

    if (m->cap == 0 ||
        (is_inside(&d->bar[m->table_bar], m->table_off, (uint64_t)m->count * PCI_MSIX_ENTRY_SIZE) &&
         is_inside(&d->bar[m->pba_bar], m->pba_off, (m->count + UINT64_C(63)) / 64 * 8)))
        return;
    log_warn("%s: the MSI-X table is not inside its BAR: MSI-X is not used", d->name);
    d->msix = (struct pci_msix){0};
}
