/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

const struct vfio_env *vfio_env;
struct vfio_policy vfio_policy;

void vfio_set_env(const struct vfio_env *env)
{
    vfio_env = env;
}

void vfio_set_policy(const struct vfio_policy *p)
{
    vfio_policy = *p;
}

void vfio_shutdown(void)
{
    struct vfio_device *d;
    struct vfio_group *g;

    TAILQ_FOREACH (d, &vfio_devices, link) {
        while (d->opens != 0)
            vfio_device_close(d);
    }
    LIST_FOREACH (g, &vfio_groups, link) {
        if (g->fd_open)
            vfio_group_close(g);
    }
    while (!LIST_EMPTY(&vfio_containers))
        vfio_container_close(LIST_FIRST(&vfio_containers));
}
