/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include "lib/mem/heap.h"
#include "lib/pci/pci.h"
#include "lib/vfio/config.h"

struct vfio_container_list vfio_containers = LIST_HEAD_INITIALIZER(vfio_containers);

/* The open device of the group after `d`, or its first for NULL; NULL ends. */
static struct vfio_device *next_open(const struct vfio_group *g, struct vfio_device *d)
{
    do {
        d = vfio_device_next(d);
    } while (d && (d->group != g || d->opens == 0));
    return d;
}

static int attach(struct vfio_container *c, struct vfio_group *g)
{
    const char *why = "";
    int err = aspace_attach(&c->aspace, g->iommu, &why);

    if (err)
        log_warn_limited("group %u is not attached, %s: %s", g->iommu->id, err_name(err), why);
    return err;
}

/* Bus mastering goes first: whatever the device still has queued dies in the device, and not as
 * faults in the IOMMU. Its doorbells are in the IOVA space, so its interrupts go with it. */
static void silence(struct vfio_group *g)
{
    struct vfio_device *d;

    for (d = next_open(g, NULL); d; d = next_open(g, d)) {
        pci_set_bus_master(d->pci, false);
        vfio_msi_off(d);
    }
}

static void apply_config(struct vfio_group *g)
{
    struct vfio_device *d;

    for (d = next_open(g, NULL); d; d = next_open(g, d))
        vfio_config_apply(d);
}

static void space_init(struct vfio_container *c)
{
    const struct aspace_config cfg = {
        .granule_lg2 = vfio_policy.granule_lg2,
        .allow_unsafe_interrupts = vfio_policy.allow_unsafe_interrupts,
        .release = vfio_release,
    };

    aspace_init(&c->aspace, &cfg);
    c->dirty_tracking = false;
}

int vfio_container_add(struct vfio_container *c, struct vfio_group *g)
{
    int err = c->iommu_set ? vfio_peer_check_join(c, g) : 0;

    if (!err && c->iommu_set)
        err = attach(c, g);
    if (err)
        return err;
    g->container = c;
    LIST_INSERT_HEAD(&c->groups, g, container_link);
    if (c->iommu_set)
        apply_config(g);
    return 0;
}

static void remove_group(struct vfio_container *c, struct vfio_group *g)
{
    silence(g);
    if (c->iommu_set)
        aspace_detach(&c->aspace, g->iommu);
    LIST_REMOVE(g, container_link);
    g->container = NULL;
    if (c->iommu_set && LIST_EMPTY(&c->groups)) {
        aspace_fini(&c->aspace);
        c->iommu_set = false;
    }
}

void vfio_container_remove(struct vfio_group *g)
{
    remove_group(g->container, g);
}

/* Attaches every group of the container or none. */
static int attach_all(struct vfio_container *c)
{
    struct vfio_group *g, *undo;

    LIST_FOREACH (g, &c->groups, container_link) {
        int err = attach(c, g);

        if (!err)
            continue;
        for (undo = LIST_FIRST(&c->groups); undo != g; undo = LIST_NEXT(undo, container_link))
            aspace_detach(&c->aspace, undo->iommu);
        return err;
    }
    return 0;
}

static bool is_type1(uint64_t type)
{
    return type == VFIO_TYPE1_IOMMU || type == VFIO_TYPE1v2_IOMMU;
}

static int refuse_iommu(uint64_t type)
{
    log_warn_limited("SET_IOMMU: type %lu is not offered: use VFIO_TYPE1v2_IOMMU (%u)", type,
                     VFIO_TYPE1v2_IOMMU);
    return -RF_ENODEV;
}

static long set_iommu(void *object, uint64_t type)
{
    struct vfio_container *c = object;
    struct vfio_group *g;
    int err;

    if (LIST_EMPTY(&c->groups) || c->iommu_set) {
        log_warn_limited("SET_IOMMU: the container has %s",
                         c->iommu_set ? "an IOMMU already"
                                      : "no group yet: VFIO_GROUP_SET_CONTAINER first");
        return -RF_EINVAL;
    }
    if (!is_type1(type))
        return refuse_iommu(type);
    space_init(c);
    c->v1 = type == VFIO_TYPE1_IOMMU;
    err = attach_all(c);
    if (err) {
        aspace_fini(&c->aspace);
        return err;
    }
    c->iommu_set = true;
    LIST_FOREACH (g, &c->groups, container_link)
        apply_config(g);
    return 0;
}

static long get_api_version(void *object, uint64_t arg)
{
    (void)object;
    (void)arg;
    return VFIO_API_VERSION;
}

static long check_extension(void *object, uint64_t extension)
{
    (void)object;
    return is_type1(extension) || extension == VFIO_UNMAP_ALL;
}

static long get_info(void *object, uint64_t arg)
{
    return vfio_iommu_get_info(object, arg);
}

static long map_dma(void *object, uint64_t arg)
{
    return vfio_iommu_map(object, arg);
}

static long unmap_dma(void *object, uint64_t arg)
{
    return vfio_iommu_unmap(object, arg);
}

static long dirty_pages(void *object, uint64_t arg)
{
    return vfio_iommu_dirty_pages(object, arg);
}

static const vfio_ioctl_fn ioctls[] = {
    [VFIO_IOCTL_INDEX(VFIO_GET_API_VERSION)] = get_api_version,
    [VFIO_IOCTL_INDEX(VFIO_CHECK_EXTENSION)] = check_extension,
    [VFIO_IOCTL_INDEX(VFIO_SET_IOMMU)] = set_iommu,
    [VFIO_IOCTL_INDEX(VFIO_IOMMU_GET_INFO)] = get_info,
    [VFIO_IOCTL_INDEX(VFIO_IOMMU_MAP_DMA)] = map_dma,
    [VFIO_IOCTL_INDEX(VFIO_IOMMU_UNMAP_DMA)] = unmap_dma,
    [VFIO_IOCTL_INDEX(VFIO_IOMMU_DIRTY_PAGES)] = dirty_pages,
};

/* Linux answers an IOMMU operation before SET_IOMMU with the errno of a bad argument; -RF_ENODEV
 * tells the two apart. */
static bool comes_too_early(const struct vfio_container *c, unsigned cmd)
{
    unsigned i = VFIO_IOCTL_INDEX(cmd);

    return !c->iommu_set && i >= VFIO_IOCTL_INDEX(VFIO_IOMMU_GET_INFO) && i < ARRAY_SIZE(ioctls) &&
           ioctls[i];
}

long vfio_container_ioctl(struct vfio_container *c, unsigned cmd, uint64_t arg)
{
    if (comes_too_early(c, cmd)) {
        log_warn_limited("IOMMU operation on a container without an IOMMU: VFIO_SET_IOMMU first");
        return -RF_ENODEV;
    }
    return vfio_ioctl_run(ioctls, ARRAY_SIZE(ioctls), c, cmd, arg);
}

int vfio_container_open(struct vfio_container **out)
{
    struct vfio_container *c = heap_alloc(sizeof(*c));

    if (!c)
        return trace(-RF_ENOMEM);
    LIST_INIT(&c->groups);
    LIST_INSERT_HEAD(&vfio_containers, c, link);
    *out = c;
    return 0;
}

void vfio_container_close(struct vfio_container *c)
{
    while (!LIST_EMPTY(&c->groups))
        remove_group(c, LIST_FIRST(&c->groups));
    LIST_REMOVE(c, link);
    heap_free(c);
}
