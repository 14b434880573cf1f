/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/msi.h"

#include "lib/irq/irq.h"

/* The interrupt of one vector of MSI or MSI-X. */

static void fired(uint32_t id, void *arg)
{
    const struct vfio_vector *v = arg;

    (void)id;
    vfio_env->event_signal(v->event);
}

int vfio_irq_alloc(const struct vfio_device *d, unsigned count, uint32_t *first)
{
    int err = d->msi->ops->alloc(d->msi, count, first);

    if (err)
        log_warn_limited("%s: %s has no %u interrupt%s left (%s)", d->pci->name, d->msi->name,
                         count, count == 1 ? "" : "s in a block", err_name(err));
    return err;
}

static int request(struct vfio_device *d, struct vfio_vector *v)
{
    return irq_request(v->irq, IRQ_EDGE, fired, v, d->pci->name);
}

/* MSI-X: each vector has an interrupt and a use of the doorbell of its own. */
static int acquire_msix(struct vfio_device *d, struct vfio_vector *v)
{
    int err = vfio_irq_alloc(d, 1, &v->irq);

    if (err)
        return err;
    v->msg = d->msi->ops->message(d->msi, v->irq);
    err = aspace_doorbell_get(vfio_msi_space(d), d->msi, v->msg, &v->iova);
    if (err)
        goto free_irq;
    err = request(d, v);
    if (err)
        goto put_doorbell;
    return 0;
put_doorbell:
    aspace_doorbell_put(vfio_msi_space(d), v->msg);
free_irq:
    d->msi->ops->free(d->msi, v->irq, 1);
    return err;
}

int vfio_vector_acquire(struct vfio_device *d, unsigned vector)
{
    struct vfio_vector *v = &d->irqs.vec[vector];
    int err;

    if (vfio_is_msix(d)) {
        err = acquire_msix(d, v);
    } else {
        v->irq = d->irqs.block + vector; /* taken when MSI was enabled */
        err = request(d, v);
    }
    if (err)
        *v = (struct vfio_vector){0};
    v->live = !err;
    d->irqs.live += v->live;
    return err;
}

void vfio_vector_release(struct vfio_device *d, unsigned vector)
{
    struct vfio_vector *v = &d->irqs.vec[vector];

    irq_disable(v->irq);
    irq_free(v->irq);
    if (vfio_is_msix(d)) {
        aspace_doorbell_put(vfio_msi_space(d), v->msg);
        d->msi->ops->free(d->msi, v->irq, 1);
    }
    if (v->event)
        vfio_env->event_put(v->event);
    *v = (struct vfio_vector){0};
    d->irqs.live--;
}
