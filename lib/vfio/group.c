/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include <string.h>

#include "lib/mem/heap.h"

struct vfio_group_list vfio_groups = LIST_HEAD_INITIALIZER(vfio_groups);

static struct vfio_group *find_group(unsigned id)
{
    struct vfio_group *g;

    LIST_FOREACH (g, &vfio_groups, link) {
        if (g->iommu->id == id)
            return g;
    }
    return NULL;
}

struct vfio_group *vfio_group_get(struct iommu_group *iommu)
{
    struct vfio_group *g = find_group(iommu->id);

    if (g)
        return g;
    g = heap_alloc(sizeof(*g));
    if (!g)
        return NULL;
    g->iommu = iommu;
    LIST_INSERT_HEAD(&vfio_groups, g, link);
    return g;
}

void vfio_group_release(struct vfio_group *g)
{
    if (!g->fd_open && g->devices_open == 0 && g->container)
        vfio_container_remove(g);
}

/* --- ioctls ---------------------------------------------------------------------------------- */

/* Functions of the group that are not offered have their bus mastering off for good, so a group is
 * viable unless it may never be given away. */
static long get_status(void *object, uint64_t uarg)
{
    const struct vfio_group *g = object;
    struct vfio_group_status status;
    int err = vfio_args_in(&status, uarg, sizeof(status));

    if (err)
        return err;
    status.flags = (g->iommu->refusal ? 0 : VFIO_GROUP_FLAGS_VIABLE) |
                   (g->container ? VFIO_GROUP_FLAGS_CONTAINER_SET : 0);
    return vfio_env->copy_out(uarg, &status, sizeof(status));
}

static long set_container(void *object, uint64_t uarg)
{
    struct vfio_group *g = object;
    struct vfio_container *c;
    int32_t fd;
    int err = vfio_env->copy_in(&fd, uarg, sizeof(fd));

    if (err)
        return err;
    err = vfio_env->container_of_fd(fd, &c);
    if (err == -RF_EBADF)
        return trace(err);
    if (g->container)
        return trace(-RF_EINVAL);
    return err ? trace(err) : vfio_container_add(c, g);
}

static long unset_container(void *object, uint64_t arg)
{
    struct vfio_group *g = object;

    (void)arg;
    if (!g->container)
        return trace(-RF_EINVAL);
    if (g->devices_open != 0)
        return trace(-RF_EBUSY);
    vfio_container_remove(g);
    return 0;
}

/* Reads a device's name byte by byte, as what lies behind its end may not be readable. A name that
 * is too long is cut, and then no device's. It is going to be printed: no character of it may look
 * like more than one. */
static int copy_name(char *name, size_t room, uint64_t uaddr)
{
    for (size_t i = 0; i < room; i++) {
        int err = vfio_env->copy_in(&name[i], uaddr + i, 1);

        if (err)
            return err;
        if (name[i] == '\0')
            return 0;
        if (name[i] < ' ' || name[i] > '~')
            name[i] = '?';
    }
    name[0] = '\0';
    return 0;
}

static struct vfio_device *find_device(const struct vfio_group *g, const char *name)
{
    struct vfio_device *d;

    TAILQ_FOREACH (d, &vfio_devices, link) {
        if (d->group == g && strcmp(d->pci->name, name) == 0)
            return d;
    }
    return NULL;
}

static long get_device_fd(void *object, uint64_t uarg)
{
    struct vfio_group *g = object;
    struct vfio_device *d;
    char name[sizeof(d->pci->name)];
    int fd, err = copy_name(name, sizeof(name), uarg);

    if (err)
        return err;
    d = find_device(g, name);
    if (!d) {
        log_warn_limited("group %u has no device \"%s\"", g->iommu->id, name);
        return -RF_ENODEV;
    }
    if (!vfio_group_attached(g)) {
        log_warn_limited("%s is not opened: its group %u has no container with an IOMMU yet", name,
                         g->iommu->id);
        return -RF_EINVAL;
    }
    err = vfio_device_open(d);
    if (err)
        return err;
    fd = vfio_env->install_device(d);
    if (fd < 0)
        vfio_device_close(d);
    return fd;
}

static const vfio_ioctl_fn ioctls[] = {
    [VFIO_IOCTL_INDEX(VFIO_GROUP_GET_STATUS)] = get_status,
    [VFIO_IOCTL_INDEX(VFIO_GROUP_SET_CONTAINER)] = set_container,
    [VFIO_IOCTL_INDEX(VFIO_GROUP_UNSET_CONTAINER)] = unset_container,
    [VFIO_IOCTL_INDEX(VFIO_GROUP_GET_DEVICE_FD)] = get_device_fd,
};

long vfio_group_ioctl(struct vfio_group *g, unsigned cmd, uint64_t arg)
{
    return vfio_ioctl_run(ioctls, ARRAY_SIZE(ioctls), g, cmd, arg);
}

/* --- Descriptor ------------------------------------------------------------------------------ */

int vfio_group_open(unsigned id, struct vfio_group **out)
{
    struct vfio_group *g = find_group(id);

    if (!g)
        return trace(-RF_ENOENT);
    if (g->fd_open || g->devices_open != 0)
        return trace(-RF_EBUSY);
    g->fd_open = true;
    *out = g;
    return 0;
}

void vfio_group_close(struct vfio_group *g)
{
    g->fd_open = false;
    vfio_group_release(g);
}
