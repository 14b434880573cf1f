/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/pci/forward.h"

#include "lib/pci/regs.h"

#define SHUT_BASE  0xfff0u /* a base above its limit forwards nothing */
#define SHUT_LIMIT 0x0000u
#define SHUT_IO    0x00f0u

static uint64_t unit_address(uint32_t reg, uint32_t upper)
{
    return (uint64_t)upper << 32 | (reg & (uint32_t)PCI_WINDOW_ADDR) << 16;
}

static struct pci_forward make(uint64_t base, uint64_t limit)
{
    if (base > limit)
        return (struct pci_forward){0};
    return (struct pci_forward){base, limit - base + PCI_FORWARD_UNIT, PCI_FORWARD_UNIT};
}

void pci_read_forwards(struct pci_dev *b)
{
    uint32_t base = pci_read(b, PCI_PREF_BASE, 2), limit = pci_read(b, PCI_PREF_LIMIT, 2);
    uint32_t base_upper = 0, limit_upper = 0;

    b->pref_64 = FIELD_GET(PCI_PREF_TYPE, base) == PCI_PREF_TYPE_64;
    if (b->pref_64) {
        base_upper = pci_read(b, PCI_PREF_BASE_UPPER, 4);
        limit_upper = pci_read(b, PCI_PREF_LIMIT_UPPER, 4);
    }
    b->forward[PCI_POOL_PREF] =
        make(unit_address(base, base_upper), unit_address(limit, limit_upper));
    base = pci_read(b, PCI_MEM_BASE, 2);
    limit = pci_read(b, PCI_MEM_LIMIT, 2);
    b->forward[PCI_POOL_MEM] = make(unit_address(base, 0), unit_address(limit, 0));
}

static void write_window(const struct pci_dev *b, unsigned base_reg, unsigned limit_reg,
                         const struct pci_forward *f)
{
    uint64_t last = f->bus + (f->size - 1);

    pci_write(b, base_reg, 2, f->size ? (f->bus >> 16) & PCI_WINDOW_ADDR : SHUT_BASE);
    pci_write(b, limit_reg, 2, f->size ? (last >> 16) & PCI_WINDOW_ADDR : SHUT_LIMIT);
}

void pci_write_forwards(const struct pci_dev *b)
{
    const struct pci_forward *pref = &b->forward[PCI_POOL_PREF];
    uint64_t last = pref->size ? pref->bus + (pref->size - 1) : 0;

    pci_write(b, PCI_IO_BASE, 2, SHUT_IO);
    pci_write(b, PCI_IO_UPPER, 4, 0);
    write_window(b, PCI_MEM_BASE, PCI_MEM_LIMIT, &b->forward[PCI_POOL_MEM]);
    write_window(b, PCI_PREF_BASE, PCI_PREF_LIMIT, pref);
    pci_write(b, PCI_PREF_BASE_UPPER, 4, pref->size ? (uint32_t)(pref->bus >> 32) : 0);
    pci_write(b, PCI_PREF_LIMIT_UPPER, 4, (uint32_t)(last >> 32));
}
