/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include "lib/mem/heap.h"
#include "lib/pci/regs.h"
#include "lib/vfio/config.h"

struct vfio_device_list vfio_devices = TAILQ_HEAD_INITIALIZER(vfio_devices);

/* --- Offer ----------------------------------------------------------------------------------- */

static bool holds_table(const struct pci_bar *bar, const struct pci_msix *x)
{
    uint64_t size = (uint64_t)x->count * PCI_MSIX_ENTRY_SIZE;

    return bar->present && !bar->io && paddr_valid(bar->cpu) && size <= bar->size &&
           x->table_off <= bar->size - size;
}

/* MSI-X is used only if its whole table is in a memory BAR that the CPU can reach. */
static unsigned usable_msix(const struct pci_dev *pci)
{
    const struct pci_msix *x = &pci->msix;

    if (x->cap == 0)
        return 0;
    if (x->table_bar < ARRAY_SIZE(pci->bar) && holds_table(&pci->bar[x->table_bar], x))
        return x->count;
    log_warn("%s: MSI-X table at BAR%u + 0x%x is not inside that BAR: MSI-X is not offered",
             pci->name, x->table_bar, x->table_off);
    return 0;
}

int vfio_device_add(struct pci_dev *pci, struct iommu_group *group, struct msi_controller *msi)
{
    struct vfio_group *g = vfio_group_get(group);
    struct vfio_device *d = g ? heap_alloc(sizeof(*d)) : NULL;

    if (!d)
        return trace(-RF_ENOMEM);
    d->pci = pci;
    d->group = g;
    d->msi = msi;
    d->msix_count = usable_msix(pci);
    d->irqs.index = VFIO_IRQ_NONE;
    pci_set_bus_master(pci, false);
    TAILQ_INSERT_TAIL(&vfio_devices, d, link);
    return 0;
}

struct vfio_device *vfio_device_next(struct vfio_device *after)
{
    return after ? TAILQ_NEXT(after, link) : TAILQ_FIRST(&vfio_devices);
}

struct pci_dev *vfio_device_pci(const struct vfio_device *dev)
{
    return dev->pci;
}

unsigned vfio_device_group_id(const struct vfio_device *dev)
{
    return dev->group->iommu->id;
}

/* --- Open and close -------------------------------------------------------------------------- */

/* Pin interrupts are not offered, and level-triggered ones that nobody acknowledges would not end.
 * No Snoop would let the device read memory behind the CPU's caches: what was there before the
 * kernel zeroed the page. */
void vfio_device_set_safe(const struct vfio_device *d)
{
    const struct pci_dev *pci = d->pci;
    unsigned devctl = pci->cap_pcie + PCI_EXP_DEVCTL;

    pci_write(pci, PCI_COMMAND, 2, pci_read(pci, PCI_COMMAND, 2) | PCI_COMMAND_INTX);
    if (pci->cap_pcie)
        pci_write(pci, devctl, 2, pci_read(pci, devctl, 2) & ~PCI_EXP_DEVCTL_NOSNOOP);
}

/* Bus mastering off and, if the function can, reset, so that nothing of its last user is left. */
static int clear_function(struct pci_dev *pci)
{
    int err;

    pci_set_bus_master(pci, false);
    err = pci_reset(pci);
    if (err && err != -RF_EOPNOTSUPP) {
        log_limited(LOG_ERR, "%s does not answer after its reset (%s)", pci->name, err_name(err));
        return -RF_EIO;
    }
    pci_restore(pci);
    return 0;
}

int vfio_device_open(struct vfio_device *d)
{
    struct vfio_config *config;
    int err;

    if (d->opens != 0) {
        d->opens++;
        return 0;
    }
    config = heap_alloc(sizeof(*config));
    if (!config)
        return trace(-RF_ENOMEM);
    err = clear_function(d->pci);
    if (err) {
        heap_free(config);
        return err;
    }
    pci_set_memory(d->pci, true);
    vfio_device_set_safe(d);
    vfio_config_build(config, d->pci);
    d->config = config;
    d->msix_masked = d->lost = false;
    d->opens = 1;
    d->group->devices_open++;
    return 0;
}

static void drop_notify(struct vfio_irqs *irqs)
{
    for (size_t i = 0; i < ARRAY_SIZE(irqs->notify); i++) {
        if (irqs->notify[i])
            vfio_env->event_put(irqs->notify[i]);
        irqs->notify[i] = NULL;
    }
}

void vfio_device_close(struct vfio_device *d)
{
    if (--d->opens != 0)
        return;
    pci_set_bus_master(d->pci, false);
    vfio_peer_revoke(d);
    vfio_msi_off(d);
    drop_notify(&d->irqs);
    clear_function(d->pci);
    pci_set_memory(d->pci, false);
    heap_free(d->irqs.vec);
    d->irqs = (struct vfio_irqs){.index = VFIO_IRQ_NONE};
    heap_free(d->config);
    d->config = NULL;
    d->group->devices_open--;
    vfio_group_release(d->group);
}

/* --- ioctls ---------------------------------------------------------------------------------- */

static long get_info(void *object, uint64_t uarg)
{
    const struct vfio_device *d = object;
    struct vfio_device_info info = {0};
    int err = vfio_args_in(&info, uarg, offsetof(struct vfio_device_info, cap_offset));

    if (err)
        return err;
    info.flags = VFIO_DEVICE_FLAGS_PCI | (vfio_device_can_reset(d) ? VFIO_DEVICE_FLAGS_RESET : 0);
    info.num_regions = VFIO_PCI_NUM_REGIONS;
    info.num_irqs = VFIO_PCI_NUM_IRQS;
    return vfio_env->copy_out(uarg, &info, MIN(info.argsz, sizeof(info)));
}

static long get_region_info(void *object, uint64_t uarg)
{
    return vfio_region_get_info(object, uarg);
}

static long get_irq_info(void *object, uint64_t uarg)
{
    return vfio_irq_get_info(object, uarg);
}

static long set_irqs(void *object, uint64_t uarg)
{
    return vfio_irq_set(object, uarg);
}

static long reset(void *object, uint64_t arg)
{
    (void)arg;
    return vfio_device_reset(object);
}

/* A bus or slot reset hits every function below the bridge: not offered, which is the answer that
 * Linux gives where there is no such reset. */
static long hot_reset(void *object, uint64_t arg)
{
    (void)object;
    (void)arg;
    return trace(-RF_ENODEV);
}

static const vfio_ioctl_fn ioctls[] = {
    [VFIO_IOCTL_INDEX(VFIO_DEVICE_GET_INFO)] = get_info,
    [VFIO_IOCTL_INDEX(VFIO_DEVICE_GET_REGION_INFO)] = get_region_info,
    [VFIO_IOCTL_INDEX(VFIO_DEVICE_GET_IRQ_INFO)] = get_irq_info,
    [VFIO_IOCTL_INDEX(VFIO_DEVICE_SET_IRQS)] = set_irqs,
    [VFIO_IOCTL_INDEX(VFIO_DEVICE_RESET)] = reset,
    [VFIO_IOCTL_INDEX(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO)] = hot_reset,
    [VFIO_IOCTL_INDEX(VFIO_DEVICE_PCI_HOT_RESET)] = hot_reset,
};

long vfio_device_ioctl(struct vfio_device *d, unsigned cmd, uint64_t arg)
{
    return vfio_ioctl_run(ioctls, ARRAY_SIZE(ioctls), d, cmd, arg);
}
