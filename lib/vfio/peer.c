/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include "lib/vfio/config.h"

/* Peer to peer: registers of one device mapped for DMA of the container's devices. Such a map is
 * made from (device, BAR, offset), never from an address, and does not outlive the registers. */

/* --- The way there --------------------------------------------------------------------------- */

/* A function that can reach d without passing the IOMMU, as they share an isolation group; NULL:
 * none. */
static const struct pci_dev *find_neighbour(const struct vfio_device *d)
{
    const struct pci_dev *other;

    TAILQ_FOREACH (other, &d->pci->host->devs, link) {
        if (other != d->pci && !other->is_bridge && other->group == d->pci->group)
            return other;
    }
    return NULL;
}

/* A device of the container, or of the one group, behind another host bridge: no specification says
 * that requests of one are passed on to another. NULL: none. */
static const struct vfio_device *find_stranger(const struct vfio_container *c,
                                               const struct vfio_group *g,
                                               const struct vfio_device *d)
{
    struct vfio_device *other = NULL;

    while ((other = vfio_device_next(other))) {
        bool concerned = g ? other->group == g : other->group->container == c;

        if (concerned && other->pci->host != d->pci->host)
            return other;
    }
    return NULL;
}

static int check_way(const struct vfio_container *c, const struct vfio_iommu_type1_dma_map *m,
                     const struct vfio_device *d)
{
    const struct pci_dev *neighbour = d->group->container == c ? find_neighbour(d) : NULL;
    const struct vfio_device *stranger = find_stranger(c, NULL, d);

    if (neighbour)
        return vfio_refuse_map(m, -RF_EXDEV,
                               "%s shares an isolation group with %s, whose requests reach it "
                               "without passing the IOMMU (no ACS between them)",
                               neighbour->name, d->pci->name);
    if (stranger)
        return vfio_refuse_map(m, -RF_EXDEV, "%s and %s are behind different host bridges",
                               stranger->pci->name, d->pci->name);
    return 0;
}

int vfio_peer_check_join(const struct vfio_container *c, const struct vfio_group *g)
{
    const struct aspace_map *m;

    TAILQ_FOREACH (m, &c->aspace.order, link) {
        const struct vfio_device *d = m->revoked ? NULL : m->registers;
        const struct vfio_device *stranger = d ? find_stranger(c, g, d) : NULL;

        if (!stranger)
            continue;
        log_warn_limited(
            "group %u is not attached, EXDEV: registers of %s are mapped at 0x%lx, and "
            "%s is behind another host bridge: unmap them first",
            g->iommu->id, d->pci->name, m->iova.start, stranger->pci->name);
        return -RF_EXDEV;
    }
    return 0;
}

/* --- Map ------------------------------------------------------------------------------------- */

static int find_registers(const struct vfio_iommu_type1_dma_map *m, const struct vfio_device *d,
                          uint64_t offset, struct aspace_seg *seg)
{
    unsigned bar = (unsigned)(offset >> VFIO_REGION_SHIFT);
    int err;

    if (d->opens == 0 || !vfio_config_memory(d))
        return vfio_refuse_map(m, -RF_ENODEV, "memory decode of %s is off", d->pci->name);
    seg->size = m->size;
    err = vfio_region_locate(d, offset, m->size, &seg->pa);
    if (err)
        return vfio_refuse_map(m, err,
                               err == -RF_EBUSY ? "BAR%u of %s has its MSI-X table or PBA there"
                                                : "it is not all inside BAR%u of %s",
                               bar, d->pci->name);
    return 0;
}

/* A page of the IOMMU that is not all the BAR's would give away what is beside it. */
int vfio_peer_add(const struct vfio_container *c, const struct vfio_iommu_type1_dma_map *m,
                  struct aspace_map *map, const struct vfio_device *d, uint64_t offset)
{
    uint64_t quantum = aspace_quantum(&c->aspace);
    struct aspace_seg seg = {0};
    int err = find_registers(m, d, offset, &seg);

    if (!err)
        err = check_way(c, m, d);
    if (err)
        return err;
    if (!is_aligned(seg.pa.v, quantum))
        return vfio_refuse_map(m, -RF_EINVAL,
                               "the registers at 0x%lx do not start at a multiple of 0x%lx",
                               seg.pa.v, quantum);
    aspace_map_registers(map, d);
    return aspace_map_add(map, seg.pa, seg.size);
}

/* --- Revoke ---------------------------------------------------------------------------------- */

void vfio_peer_revoke(struct vfio_device *d)
{
    struct vfio_container *c;

    vfio_env->zap(d);
    LIST_FOREACH (c, &vfio_containers, link) {
        if (c->iommu_set)
            (void)aspace_revoke(&c->aspace, d); /* on an error a unit is dead: all is blocked */
    }
}
