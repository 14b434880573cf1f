/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/msi.h"

#include "lib/irq/irq.h"
#include "lib/mem/heap.h"
#include "lib/pci/regs.h"

/* Vectors of MSI and MSI-X as VFIO_DEVICE_SET_IRQS sets them. A call takes everything that can fail
 * first, so that an error leaves the device and all vectors as they were. */

/* --- Events for a block of vectors ----------------------------------------------------------- */

static void put_events(void **events, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (events[i])
            vfio_env->event_put(events[i]);
    }
}

static int get_events(void **events, const int32_t *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        int err = fds[i] < 0 ? 0 : vfio_env->event_get(fds[i], &events[i]);

        if (err) {
            put_events(events, i);
            return err;
        }
    }
    return 0;
}

/* Interrupts for those that get an event and have none. A vector that is live without an event is
 * one that this call made so. */
static int acquire_block(struct vfio_device *d, unsigned start, void *const *events, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        int err = events[i] && !d->irqs.vec[start + i].live ? vfio_vector_acquire(d, start + i) : 0;

        if (!err)
            continue;
        while (i-- > 0) {
            if (d->irqs.vec[start + i].live && !d->irqs.vec[start + i].event)
                vfio_vector_release(d, start + i);
        }
        return err;
    }
    return 0;
}

static void start_vector(struct vfio_device *d, unsigned i)
{
    irq_enable(d->irqs.vec[i].irq);
    if (vfio_is_msix(d))
        vfio_msix_start(d, i);
}

static void stop_vector(struct vfio_device *d, unsigned i)
{
    if (vfio_is_msix(d))
        vfio_msix_stop(d, i);
    vfio_vector_release(d, i);
}

/* Cannot fail. */
static void commit_vector(struct vfio_device *d, unsigned i, void *event)
{
    struct vfio_vector *v = &d->irqs.vec[i];
    void *old = v->event;

    if (!event) {
        if (v->live)
            stop_vector(d, i);
        return;
    }
    v->event = event;
    if (old)
        vfio_env->event_put(old);
    else
        start_vector(d, i);
}

static int set_block(struct vfio_device *d, unsigned start, unsigned count, const int32_t *fds)
{
    void **events = heap_alloc(MAX(count, 1) * sizeof(*events));
    int err;

    if (!events)
        return trace(-RF_ENOMEM);
    err = get_events(events, fds, count);
    if (!err) {
        err = acquire_block(d, start, events, count);
        if (err)
            put_events(events, count);
    }
    for (unsigned i = 0; !err && i < count; i++)
        commit_vector(d, start + i, events[i]);
    heap_free(events);
    return err;
}

/* --- Enable and disable ---------------------------------------------------------------------- */

static int enable_msix(struct vfio_device *d)
{
    int err = vfio_msix_map(d);

    if (!err)
        vfio_msix_enable(d);
    return err;
}

/* All vectors share one message whose low data bits the device replaces by the vector's number. */
static int enable_msi(struct vfio_device *d)
{
    struct vfio_irqs *q = &d->irqs;
    int err = vfio_irq_alloc(d, q->count, &q->block);

    if (err)
        return err;
    q->msg = d->msi->ops->message(d->msi, q->block);
    err = aspace_doorbell_get(vfio_msi_space(d), d->msi, q->msg, &q->iova);
    if (err)
        goto free_block;
    err = pci_msi_enable(d->pci, q->count, q->iova, q->msg.data);
    if (err)
        goto put_doorbell;
    return 0;
put_doorbell:
    aspace_doorbell_put(vfio_msi_space(d), q->msg);
free_block:
    d->msi->ops->free(d->msi, q->block, q->count);
    return err;
}

/* The read brings in every message that the device had sent, as in vfio_msix_stop(). */
static void disable_device(const struct vfio_device *d)
{
    if (vfio_is_msix(d))
        pci_msix_disable(d->pci);
    else
        pci_msi_disable(d->pci);
    (void)pci_read(d->pci, PCI_VENDOR_ID, 2);
}

static void give_back_msi(struct vfio_device *d)
{
    aspace_doorbell_put(vfio_msi_space(d), d->irqs.msg);
    d->msi->ops->free(d->msi, d->irqs.block, d->irqs.count);
}

static void forget(struct vfio_irqs *q)
{
    q->count = 0;
    q->index = VFIO_IRQ_NONE;
}

/* Vectors that are not live are all zero. */
static int make_room(struct vfio_irqs *q, unsigned count)
{
    struct vfio_vector *vec;

    if (count <= q->room)
        return 0;
    vec = heap_alloc(count * sizeof(*vec));
    if (!vec)
        return trace(-RF_ENOMEM);
    heap_free(q->vec);
    q->vec = vec;
    q->room = count;
    return 0;
}

/* MSI-X has room for all vectors from the start, so that any can be added later. */
static int enable(struct vfio_device *d, uint32_t index, unsigned vectors)
{
    struct vfio_irqs *q = &d->irqs;
    bool msix = index == VFIO_PCI_MSIX_IRQ_INDEX;
    int err;

    q->count = msix ? d->msix_count : 1u << log2_ceil(vectors);
    q->index = index;
    err = make_room(q, q->count);
    if (!err)
        err = msix ? enable_msix(d) : enable_msi(d);
    if (err)
        forget(q);
    return err;
}

void vfio_msi_off(struct vfio_device *d)
{
    struct vfio_irqs *q = &d->irqs;

    if (q->index == VFIO_IRQ_NONE)
        return;
    for (unsigned i = 0; vfio_is_msix(d) && q->live != 0; i++) {
        if (q->vec[i].live)
            stop_vector(d, i);
    }
    disable_device(d);
    for (unsigned i = 0; q->live != 0; i++) {
        if (q->vec[i].live)
            vfio_vector_release(d, i);
    }
    if (!vfio_is_msix(d))
        give_back_msi(d);
    forget(q);
}

int vfio_msi_set(struct vfio_device *d, uint32_t index, unsigned start, unsigned count,
                 const int32_t *fds)
{
    bool was_off = d->irqs.index == VFIO_IRQ_NONE;
    int err = 0;

    if (!vfio_group_attached(d->group))
        return trace(-RF_ENODEV);
    if (d->lost)
        return trace(-RF_EIO);
    if (start + count == 0)
        return trace(-RF_EINVAL);
    if (!was_off && start + count > d->irqs.count) {
        log_warn_limited("%s: MSI was enabled with %u vectors: disable it first to have more",
                         d->pci->name, d->irqs.count);
        return -RF_EINVAL;
    }
    if (was_off)
        err = enable(d, index, start + count);
    if (!err)
        err = set_block(d, start, count, fds);
    if (err && was_off)
        vfio_msi_off(d);
    return err;
}

void vfio_msi_restore(struct vfio_device *d)
{
    struct vfio_irqs *q = &d->irqs;

    if (q->index == VFIO_PCI_MSI_IRQ_INDEX) {
        (void)pci_msi_enable(d->pci, q->count, q->iova, q->msg.data); /* as it was: cannot fail */
    } else if (q->index == VFIO_PCI_MSIX_IRQ_INDEX) {
        vfio_msix_enable(d);
        for (unsigned i = 0; i < q->count; i++) {
            if (q->vec[i].live)
                vfio_msix_start(d, i);
        }
    }
}
