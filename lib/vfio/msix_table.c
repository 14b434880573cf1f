/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/msi.h"

#include "arch/mmu.h"
#include "lib/pci/regs.h"
#include "lib/vfio/config.h"

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
 * bit. vfio_config_apply() puts its choice back. */
static void begin(const struct vfio_device *d)
{
    pci_set_memory(d->pci, true);
}

static void end(struct vfio_device *d)
{
    vfio_config_apply(d);
}

void vfio_msix_enable(struct vfio_device *d)
{
    begin(d);
    for (unsigned i = 0; i < d->msix_count; i++)
        pci_msix_mask(&d->msix_table, i, true);
    pci_msix_enable(d->pci);
    end(d);
}

void vfio_msix_start(struct vfio_device *d, unsigned vector)
{
    const struct vfio_vector *v = &d->irqs.vec[vector];

    begin(d);
    pci_msix_set(&d->msix_table, vector, v->iova, v->msg.data);
    pci_msix_mask(&d->msix_table, vector, false);
    end(d);
}

/* pci_msix_mask() reads the entry back, and the answer comes after every message that the device
 * had sent: a completion does not pass posted writes (PCI Express 5.0 2.4.1). */
void vfio_msix_stop(struct vfio_device *d, unsigned vector)
{
    begin(d);
    pci_msix_mask(&d->msix_table, vector, true);
    end(d);
}
