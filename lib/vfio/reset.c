/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include "lib/vfio/config.h"

/* Reset of a function by its user: VFIO_DEVICE_RESET, or the FLR bits in configuration space. As in
 * Linux what the workload configured survives, and what the device held does not. */

/* FLR, AF FLR, or a way through D3hot that loses the device's state (PCI Express 5.0 7.5.2.2). */
bool vfio_device_can_reset(const struct vfio_device *d)
{
    const struct pci_dev *pci = d->pci;

    if (pci->has_flr)
        return true;
    return pci->cap_pm && !(pci_read(pci, pci->cap_pm + PCI_PM_CTRL, 2) & PCI_PM_NO_SOFT_RESET);
}

/* Device Control is the only register that the workload may write in the device itself, apart from
 * the command register. */
static uint32_t save_devctl(const struct pci_dev *pci)
{
    const uint32_t never = PCI_EXP_DEVCTL_FLR | PCI_EXP_DEVCTL_PHANTOM;

    return pci->cap_pcie ? pci_read(pci, pci->cap_pcie + PCI_EXP_DEVCTL, 2) & ~never : 0;
}

static void restore(struct vfio_device *d, uint32_t devctl)
{
    pci_restore(d->pci);
    if (d->pci->cap_pcie)
        pci_write(d->pci, d->pci->cap_pcie + PCI_EXP_DEVCTL, 2, devctl);
    vfio_device_set_safe(d);
    vfio_msi_restore(d);
    vfio_config_apply(d);
}

int vfio_device_reset(struct vfio_device *d)
{
    uint32_t devctl;
    int err;

    if (!vfio_device_can_reset(d))
        return trace(-RF_EINVAL);
    devctl = save_devctl(d->pci);
    vfio_peer_revoke(d);
    pci_set_bus_master(d->pci, false);
    err = pci_reset(d->pci);
    d->msix_masked = false;
    d->lost = err;
    if (err) {
        log_limited(LOG_ERR, "%s does not answer after its reset (%s)", d->pci->name,
                    err_name(err));
        vfio_msi_off(d);
        return -RF_EIO;
    }
    restore(d, devctl);
    return 0;
}
