/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/mmio.h"
#include "lib/base/err.h"
#include "lib/pci/pci.h"
#include "lib/pci/regs.h"

/* Message-signalled interrupts (7.7.1, 7.7.2). An address is changed only while the function cannot
 * send: a half-written one would be a DMA to anywhere. */

static void set_msi_masks(const struct pci_dev *d, uint32_t masks)
{
    if (d->msi.maskable)
        pci_write(d, d->msi.cap + PCI_MSI_MASKS(d->msi.is_64), 4, masks);
}

static void set_msi_ctrl(const struct pci_dev *d, unsigned vectors_lg2, uint32_t enable)
{
    uint32_t ctrl = pci_read(d, d->msi.cap + PCI_MSI_CTRL, 2);

    ctrl &= ~(uint32_t)(PCI_MSI_MME | PCI_MSI_ENABLE);
    ctrl |= (uint32_t)FIELD_PREP(PCI_MSI_MME, vectors_lg2) | enable;
    pci_write(d, d->msi.cap + PCI_MSI_CTRL, 2, ctrl);
}

static bool is_good_message(const struct pci_dev *d, unsigned vectors, uint64_t address,
                            uint32_t data)
{
    return is_pow2(vectors) && vectors <= d->msi.count && is_aligned(address, 4) &&
           (d->msi.is_64 || address <= UINT32_MAX) && data <= UINT16_MAX &&
           is_aligned(data, vectors);
}

int pci_msi_enable(const struct pci_dev *d, unsigned vectors, uint64_t address, uint32_t data)
{
    const uint16_t cap = d->msi.cap;

    if (cap == 0)
        return -RF_ENXIO;
    if (!is_good_message(d, vectors, address, data))
        return -RF_EINVAL;
    pci_msi_disable(d);
    set_msi_masks(d, UINT32_MAX);
    pci_write(d, cap + PCI_MSI_ADDR, 4, (uint32_t)address);
    if (d->msi.is_64)
        pci_write(d, cap + PCI_MSI_ADDR_UPPER, 4, (uint32_t)(address >> 32));
    pci_write(d, cap + PCI_MSI_DATA(d->msi.is_64), 2, data);
    set_msi_ctrl(d, log2_floor(vectors), PCI_MSI_ENABLE);
    set_msi_masks(d, 0);
    return 0;
}

void pci_msi_disable(const struct pci_dev *d)
{
    if (d->msi.cap)
        set_msi_ctrl(d, 0, 0);
}

static void set_msix_ctrl(const struct pci_dev *d, uint32_t bits)
{
    uint32_t ctrl = pci_read(d, d->msix.cap + PCI_MSIX_CTRL, 2);

    ctrl &= ~(uint32_t)(PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL);
    pci_write(d, d->msix.cap + PCI_MSIX_CTRL, 2, ctrl | bits);
}

void pci_msix_enable(const struct pci_dev *d)
{
    if (d->msix.cap)
        set_msix_ctrl(d, PCI_MSIX_ENABLE);
}

void pci_msix_disable(const struct pci_dev *d)
{
    if (d->msix.cap)
        set_msix_ctrl(d, 0);
}

/* An entry of the table (7.7.2.2): address, upper address, data, control. */
enum { ENTRY_ADDRESS = 0, ENTRY_UPPER = 4, ENTRY_DATA = 8, ENTRY_CONTROL = 12 };

/* The table is in the device. One that refuses the access keeps only itself from interrupting. */
static void write_entry(const struct mmio *table, unsigned vector, unsigned field, uint32_t v)
{
    (void)mmio_try_write(table, vector * PCI_MSIX_ENTRY_SIZE + field, 4, v);
}

/* The read brings the masking to the device before the caller goes on (2.4.1: it pushes the posted
 * write). */
void pci_msix_mask(const struct mmio *table, unsigned vector, bool masked)
{
    uint64_t back;

    write_entry(table, vector, ENTRY_CONTROL, masked ? PCI_MSIX_ENTRY_MASK : 0);
    (void)mmio_try_read(table, vector * PCI_MSIX_ENTRY_SIZE + ENTRY_CONTROL, 4, &back);
}

void pci_msix_set(const struct mmio *table, unsigned vector, uint64_t address, uint32_t data)
{
    pci_msix_mask(table, vector, true);
    write_entry(table, vector, ENTRY_ADDRESS, (uint32_t)address);
    write_entry(table, vector, ENTRY_UPPER, (uint32_t)(address >> 32));
    write_entry(table, vector, ENTRY_DATA, data);
}
