/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_FAKE_VECTORS_H
#define RF_TESTS_FAKE_VECTORS_H

#include "tests/unit/fake_vfio.h"

/* VFIO_DEVICE_SET_IRQS, and what the function would send then. */

#define NONE    VFIO_IRQ_SET_DATA_NONE
#define BOOL    VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER
#define INTX    VFIO_PCI_INTX_IRQ_INDEX
#define MSI     VFIO_PCI_MSI_IRQ_INDEX
#define MSIX    VFIO_PCI_MSIX_IRQ_INDEX
#define ERR     VFIO_PCI_ERR_IRQ_INDEX
#define REQ     VFIO_PCI_REQ_IRQ_INDEX

#define HEADER (uint32_t)sizeof(struct vfio_irq_set)

static inline long set_irqs(const struct vfio_irq_set *set, const void *data, size_t size)
{
    memset(user.arg, 0xa5, 256);
    memcpy(user.arg, set, sizeof(*set));
    if (size)
        memcpy(user.arg + sizeof(*set), data, size);
    return vfio_device_ioctl(opened, VFIO_DEVICE_SET_IRQS, ARG);
}

static inline long set_none(uint32_t index, uint32_t start, uint32_t count)
{
    return set_irqs(&(struct vfio_irq_set){HEADER, NONE | TRIGGER, index, start, count}, NULL, 0);
}

static inline long set_fds(uint32_t index, uint32_t start, uint32_t count, const int32_t *fds)
{
    return set_irqs(
        &(struct vfio_irq_set){HEADER + 4 * count, EVENTFD | TRIGGER, index, start, count}, fds,
        4 * count);
}

/* Events 0.. for vectors start.. */
static inline long set_events(uint32_t index, uint32_t start, uint32_t count)
{
    int32_t fds[EVENTS];

    for (uint32_t i = 0; i < count; i++)
        fds[i] = FD_EVENT(i);
    return set_fds(index, start, count, fds);
}

static inline long disable(uint32_t index)
{
    return set_none(index, 0, 0);
}

/* ---- what the function would send ----------------------------------------------------------- */

static inline const uint8_t *entry(unsigned vector)
{
    return fn.bar0 + BAR0_TABLE + 16 * vector;
}

static inline bool is_masked(unsigned vector)
{
    return cfg_get(entry(vector), 12, 4) & 1;
}

/* A memory write of the function, through the IOMMU to the frame. */
static inline bool write_message(uint64_t iova, uint32_t data)
{
    paddr_t pa;

    if (!(fn.cfg[PCI_COMMAND] & PCI_COMMAND_MASTER) || !fake_access(&fake_a, SID, iova, &pa))
        return false;
    assert_int_equal(pa.v, FRAME + 0x40);
    assert_int_not_equal(iova & ~UINT64_C(0xfff), FRAME); /* remapped, not by accident the same */
    gic.pending |= BIT(data);
    return true;
}

static inline bool raise_msix(unsigned vector)
{
    uint64_t iova = cfg_get(entry(vector), 0, 4) | (uint64_t)cfg_get(entry(vector), 4, 4) << 32;

    return cfg_get(fn.cfg, CAP_MSIX + PCI_MSIX_CTRL, 2) & PCI_MSIX_ENABLE && !is_masked(vector) &&
           write_message(iova, cfg_get(entry(vector), 8, 4));
}

static inline bool raise_msi(unsigned vector)
{
    uint64_t iova = cfg_get(fn.cfg, CAP_MSI + 4, 4) | (uint64_t)cfg_get(fn.cfg, CAP_MSI + 8, 4)
                                                          << 32;

    return cfg_get(fn.cfg, CAP_MSI + PCI_MSI_CTRL, 2) & PCI_MSI_ENABLE &&
           write_message(iova, cfg_get(fn.cfg, CAP_MSI + 12, 2) | vector);
}

static inline int vfio_up_mastering(void **state)
{
    if (vfio_up_open(state))
        return -1;
    config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    return 0;
}

static inline unsigned taken(void)
{
    return (unsigned)__builtin_popcount(gic.taken);
}

static inline unsigned event_refs(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < EVENTS; i++)
        n += events[i].refs;
    return n;
}

static inline unsigned doorbell_refs(void)
{
    return containers[0]->aspace.doorbells[0].refs;
}

/* Not an interrupt, event or doorbell is in use, and the function sends nothing. */
static inline void assert_all_off(void)
{
    assert_int_equal(taken() | event_refs() | doorbell_refs(), 0);
    assert_int_equal(gic.enabled, 0);
    assert_false(cfg_get(fn.cfg, CAP_MSIX + PCI_MSIX_CTRL, 2) & PCI_MSIX_ENABLE);
    assert_false(cfg_get(fn.cfg, CAP_MSI + PCI_MSI_CTRL, 2) & PCI_MSI_ENABLE);
}

#endif
