/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_VFIO_CONFIG_H
#define RF_VFIO_CONFIG_H

#include "lib/pci/regs.h"
#include "lib/vfio/objects.h"

/* Configuration space as the workload sees it. Bit by bit of each dword:
 *   virt   the workload reads and writes `value`; the device never sees it
 *   write  the workload may write it (into `value` or the device)
 * A bit in none of them is read from the device and cannot be written. That is the default, so what
 * nobody thought of is harmless: a vendor's capability may be a way around everything else
 * (virtio's reads and writes BARs, and so the MSI-X table, through configuration space). */
struct vfio_config_dword {
    uint32_t virt;
    uint32_t write;
    uint32_t value;
};

struct vfio_config {
    unsigned size; /* bytes: 256, or 4096 of a PCI Express function */
    struct vfio_config_dword dword[PCI_CFG_SIZE / 4];
};

#define PCI_PM_D0 0u

/* Device Control, Enable No Snoop (7.5.3.4) */
#define PCI_EXP_DEVCTL_NOSNOOP BIT(11)

/* --- config_map.c ---------------------------------------------------------------------------- */
/* Fills in what the workload may see and write, from the function as it is now. */
void vfio_config_build(struct vfio_config *cfg, const struct pci_dev *pci);

/* --- config.c -------------------------------------------------------------------------------- */
/* pread and pwrite of the region: bytes done, -RF_EFAULT beyond its end (as Linux) or for a bad
 * buffer. */
long vfio_config_read(struct vfio_device *d, uint64_t uaddr, size_t n, uint64_t offset);
long vfio_config_write(struct vfio_device *d, uint64_t uaddr, size_t n, uint64_t offset);

/* Memory decode as the workload set it, and the function not in D3hot: BARs may be touched. */
bool vfio_config_memory(const struct vfio_device *d);

/* Brings the device's command register to what the workload set, but bus mastering only while the
 * group is attached. */
void vfio_config_apply(struct vfio_device *d);

#endif
