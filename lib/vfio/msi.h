/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_VFIO_MSI_H
#define RF_VFIO_MSI_H

#include "lib/vfio/objects.h"

/* Shared by msi.c, msix_table.c and vector.c. Each vector that has an event has an interrupt of the
 * controller, and the doorbell is reachable for the device while there is one. */

/* The IOVA space in which the device's doorbells are; its group is attached. */
static inline struct iommu_aspace *vfio_msi_space(const struct vfio_device *d)
{
    return &d->group->container->aspace;
}

static inline bool vfio_is_msix(const struct vfio_device *d)
{
    return d->irqs.index == VFIO_PCI_MSIX_IRQ_INDEX;
}

/* --- msix_table.c ---------------------------------------------------------------------------- */
/* Maps the table for the kernel, once. mmu_map_device's errors. */
int vfio_msix_map(struct vfio_device *d);
/* Enables MSI-X, with every entry masked. */
void vfio_msix_enable(struct vfio_device *d);
/* Lets the device use the entry: message, then mask off. */
void vfio_msix_start(struct vfio_device *d, unsigned vector);
/* Masks the entry; when it returns, every message of it has arrived. */
void vfio_msix_stop(struct vfio_device *d, unsigned vector);

/* --- vector.c -------------------------------------------------------------------------------- */
/* `count` consecutive interrupts of the device's controller; -RF_ENOSPC logs a line. */
int vfio_irq_alloc(const struct vfio_device *d, unsigned count, uint32_t *first);
/* Makes the vector live: interrupt and, of MSI-X, doorbell; it has no event yet, and its interrupt
 * is disabled. Unchanged on an error. */
int vfio_vector_acquire(struct vfio_device *d, unsigned vector);
/* Gives all of it back. The device does not use the vector any more. */
void vfio_vector_release(struct vfio_device *d, unsigned vector);

#endif
