/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/vfio/objects.h"

#include "lib/mem/heap.h"

/* VFIO_DEVICE_GET_IRQ_INFO and VFIO_DEVICE_SET_IRQS: what is asked for, and its checks in Linux's
 * order. The vectors themselves are in msi.c. */

/* Pin interrupts are not offered: several functions may share one, none of them says reliably that
 * it raised it, and each would have to be masked at the interrupt controller until it did. */
static unsigned intx_count(const struct vfio_device *d)
{
    (void)d;
    return 0;
}

static unsigned msi_count(const struct vfio_device *d)
{
    return d->msi && d->pci->msi.cap ? d->pci->msi.count : 0;
}

static unsigned msix_count(const struct vfio_device *d)
{
    return d->msi ? d->msix_count : 0;
}

static unsigned err_count(const struct vfio_device *d)
{
    return d->pci->is_pcie;
}

static unsigned req_count(const struct vfio_device *d)
{
    (void)d;
    return 1;
}

unsigned vfio_irq_count(const struct vfio_device *d, uint32_t index)
{
    static unsigned (*const counts[])(const struct vfio_device *) = {
        [VFIO_PCI_INTX_IRQ_INDEX] = intx_count, [VFIO_PCI_MSI_IRQ_INDEX] = msi_count,
        [VFIO_PCI_MSIX_IRQ_INDEX] = msix_count, [VFIO_PCI_ERR_IRQ_INDEX] = err_count,
        [VFIO_PCI_REQ_IRQ_INDEX] = req_count,
    };

    return index < ARRAY_SIZE(counts) ? counts[index](d) : 0;
}

/* Of MSI-X single vectors can be added later; the others are set up as a whole. */
long vfio_irq_get_info(struct vfio_device *d, uint64_t uarg)
{
    struct vfio_irq_info info;
    int err = vfio_args_in(&info, uarg, sizeof(info));

    if (err)
        return err;
    if (info.index >= VFIO_PCI_NUM_IRQS ||
        (info.index == VFIO_PCI_ERR_IRQ_INDEX && !d->pci->is_pcie))
        return trace(-RF_EINVAL);
    info.flags = VFIO_IRQ_INFO_EVENTFD |
                 (info.index == VFIO_PCI_MSIX_IRQ_INDEX ? 0 : VFIO_IRQ_INFO_NORESIZE);
    info.count = vfio_irq_count(d, info.index);
    return vfio_env->copy_out(uarg, &info, sizeof(info));
}

/* --- VFIO_DEVICE_SET_IRQS -------------------------------------------------------------------- */

/* The header, and the data that follows it in the workload's memory. */
struct request {
    union {
        uint8_t *bools;
        int32_t *fds;
        void *data; /* NULL: DATA_NONE, or count 0 */
    };
    struct vfio_irq_set set;
};

/* Bytes of data for one interrupt, by the data's type; -1: no type, or more than one. */
static const int data_sizes[VFIO_IRQ_SET_DATA_TYPE_MASK + 1] = {
    [0] = -1,
    [VFIO_IRQ_SET_DATA_NONE] = 0,
    [VFIO_IRQ_SET_DATA_BOOL] = sizeof(uint8_t),
    [3] = -1,
    [VFIO_IRQ_SET_DATA_EVENTFD] = sizeof(int32_t),
    [5] = -1,
    [6] = -1,
    [7] = -1,
};

static int refuse_range(const struct vfio_device *d, const struct vfio_irq_set *set, unsigned count)
{
    if (set->index == VFIO_PCI_INTX_IRQ_INDEX)
        log_warn_limited("%s: SET_IRQS: INTx is not offered: use MSI or MSI-X", d->pci->name);
    else
        log_warn_limited("%s: SET_IRQS: vectors %u and %u more of index %u: it has %u",
                         d->pci->name, set->start, set->count, set->index, count);
    return -RF_EINVAL;
}

/* The data's size in bytes, or an error. */
static long check_request(const struct vfio_device *d, const struct vfio_irq_set *set)
{
    unsigned count;
    int each;

    if (set->index >= VFIO_PCI_NUM_IRQS || set->count >= UINT32_MAX - set->start ||
        set->flags & ~(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK))
        return trace(-RF_EINVAL);
    count = vfio_irq_count(d, set->index);
    if (set->start >= count || set->start + set->count > count)
        return refuse_range(d, set, count);
    each = data_sizes[set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK];
    if (each == 0)
        return 0;
    if (each < 0 || set->argsz - sizeof(*set) < (uint64_t)set->count * (unsigned)each)
        return trace(-RF_EINVAL);
    return (long)set->count * each;
}

static bool is_type(const struct request *r, uint32_t type)
{
    return r->set.flags & type;
}

/* Lets the workload fire its own events: all that are named (DATA_NONE), or those whose byte is not
 * 0 (DATA_BOOL). */
static int loop_back(struct vfio_device *d, const struct request *r)
{
    for (unsigned i = 0; i < r->set.count; i++) {
        unsigned n = r->set.start + i;

        if (is_type(r, VFIO_IRQ_SET_DATA_BOOL) && !r->bools[i])
            continue;
        if (n < d->irqs.count && d->irqs.vec[n].live)
            vfio_env->event_signal(d->irqs.vec[n].event);
    }
    return 0;
}

static int trigger_msi(struct vfio_device *d, const struct request *r)
{
    uint32_t index = r->set.index, active = d->irqs.index;

    if (active == index && r->set.count == 0 && is_type(r, VFIO_IRQ_SET_DATA_NONE)) {
        vfio_msi_off(d);
        return 0;
    }
    if (active != index && active != VFIO_IRQ_NONE) {
        log_warn_limited("%s: MSI and MSI-X cannot be enabled together: disable the other first",
                         d->pci->name);
        return -RF_EINVAL;
    }
    if (is_type(r, VFIO_IRQ_SET_DATA_EVENTFD))
        return vfio_msi_set(d, index, r->set.start, r->set.count, r->fds);
    return active == index ? loop_back(d, r) : trace(-RF_EINVAL);
}

/* --- ERR and REQ: one event each, kept for the workload -------------------------------------- */

static void put_event(void **slot, void *event)
{
    if (*slot)
        vfio_env->event_put(*slot);
    *slot = event;
}

static int notify_set(void **slot, int32_t fd)
{
    void *event = NULL;
    int err = fd >= 0 ? vfio_env->event_get(fd, &event) : 0;

    if (fd < -1)
        return 0;
    if (!err)
        put_event(slot, event);
    return err;
}

static int notify_fire(void **slot, const struct request *r)
{
    if (is_type(r, VFIO_IRQ_SET_DATA_NONE) && r->set.count == 0)
        put_event(slot, NULL);
    else if (is_type(r, VFIO_IRQ_SET_DATA_NONE) || r->bools[0])
        vfio_env->event_signal(*slot);
    return 0;
}

static int trigger_notify(struct vfio_device *d, const struct request *r)
{
    void **slot = &d->irqs.notify[r->set.index - VFIO_PCI_ERR_IRQ_INDEX];
    bool none = is_type(r, VFIO_IRQ_SET_DATA_NONE);

    if (none ? !*slot : r->set.count == 0)
        return trace(-RF_EINVAL);
    if (is_type(r, VFIO_IRQ_SET_DATA_EVENTFD))
        return notify_set(slot, r->fds[0]);
    return *slot ? notify_fire(slot, r) : 0;
}

/* --- Dispatch -------------------------------------------------------------------------------- */

/* Masking by the host is for level-triggered interrupts; MSIs are masked in the device by its
 * driver or not at all, as in Linux. */
static int run(struct vfio_device *d, const struct request *r)
{
    static int (*const trigger[])(struct vfio_device *, const struct request *) = {
        [VFIO_PCI_MSI_IRQ_INDEX] = trigger_msi,
        [VFIO_PCI_MSIX_IRQ_INDEX] = trigger_msi,
        [VFIO_PCI_ERR_IRQ_INDEX] = trigger_notify,
        [VFIO_PCI_REQ_IRQ_INDEX] = trigger_notify,
    };

    if ((r->set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) != VFIO_IRQ_SET_ACTION_TRIGGER)
        return trace(-RF_ENOTTY);
    return trigger[r->set.index](d, r);
}

static __attribute__((noinline)) int run_with_data(struct vfio_device *d, struct request *r,
                                                   uint64_t uarg, size_t size)
{
    int err;

    r->data = heap_alloc(size);
    if (!r->data)
        return trace(-RF_ENOMEM);
    err = vfio_env->copy_in(r->data, uarg + sizeof(r->set), size);
    if (!err)
        err = run(d, r);
    heap_free(r->data);
    return err;
}

long vfio_irq_set(struct vfio_device *d, uint64_t uarg)
{
    struct request r;
    long size = vfio_words_in(&r.set, uarg, sizeof(r.set));

    if (size == 0)
        size = check_request(d, &r.set);
    if (size < 0)
        return size;
    if (size > 0)
        return run_with_data(d, &r, uarg, (size_t)size);
    r.data = NULL;
    return run(d, &r);
}
