/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/msi.h"

#include "arch/mmu.h"
#include "lib/pci/regs.h"

/* The MSI-X table, which is memory of the device that only the kernel reaches. */

int vfio_msix_map(struct vfio_device *d)
{
    const struct pci_msix *x = &d->pci->msix;

    if (d->msix_table.size)
        return 0;
    return mmu_map_device(paddr_add(d->pci->bar[x->table_bar].cpu, x->table_off),
                          (uint64_t)x->count * PCI_MSIX_ENTRY_SIZE, &d->msix_table);
}

/* The table can be reached only while the device decodes memory, whatever the workload did to that
 * bit. True: it had to be switched on. */
static bool begin(const struct vfio_device *d)
{
    bool off = !pci_memory(d->pci);

    if (off)
        pci_set_memory(d->pci, true);
    return off;
}

/* Only that: bus mastering may have been switched off for good on the way here. */
static void end(const struct vfio_device *d, bool was_off)
{
    if (was_off)
        pci_set_memory(d->pci, false);
}

static void mask_all(struct vfio_device *d)
{
    bool was_off = begin(d);

    for (unsigned i = 0; i < d->msix_count; i++)
        pci_msix_mask(&d->msix_table, i, true);
    end(d, was_off);
    d->msix_masked = true;
}

void vfio_msix_enable(struct vfio_device *d)
{
    if (!d->msix_masked)
        mask_all(d);
    pci_msix_enable(d->pci);
}

void vfio_msix_start(struct vfio_device *d, unsigned vector)
{
    const struct vfio_vector *v = &d->irqs.vec[vector];
    bool was_off = begin(d);

    pci_msix_set(&d->msix_table, vector, v->iova, v->msg.data);
    pci_msix_mask(&d->msix_table, vector, false);
    end(d, was_off);
}

/* pci_msix_mask() reads the entry back, and the answer comes after every message that the device
 * had sent: a completion does not pass posted writes (PCI Express 5.0 2.4.1). */
void vfio_msix_stop(struct vfio_device *d, unsigned vector)
{
    bool was_off = begin(d);

    pci_msix_mask(&d->msix_table, vector, true);
    end(d, was_off);
}
