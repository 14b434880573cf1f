/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IRQ_MSI_H
#define RF_IRQ_MSI_H

#include "lib/base/types.h"

/* What a device must write to ring: the physical address of the doorbell register, and the data.
 * Behind an IOMMU that translates MSIs the address in the device is the doorbell's IOVA. */
struct msi_message {
    paddr_t address;
    uint32_t data;
};

/* Who may ring: the requester ids first .. last. One function, or (behind a bridge that writes in
 * the name of its devices) all of some whole buses. */
struct msi_source {
    uint16_t first, last;
};

struct msi_controller;
struct msi_ops {
    /* `count` consecutive interrupts, count a power of two, first aligned to it: *first.
     * -RF_ENOSPC; -RF_EINVAL when count is not a power of two or more than there are; where a unit
     * routes them, also its errors. */
    int (*alloc)(struct msi_controller *c, unsigned count, uint32_t *first);
    void (*free)(struct msi_controller *c, uint32_t first, unsigned count);
    struct msi_message (*message)(const struct msi_controller *c, uint32_t irq);
    /* Only of a controller that tells devices apart by an id of its own, and gives no interrupts
     * itself; NULL: any other. Makes *out: the interrupts that only the device with this id can
     * raise, up to `vectors` of them. Two devices that have one id share them. It lives until
     * power-off. -RF_ERANGE: the controller has no such id; -RF_ENOMEM. */
    int (*for_device)(struct msi_controller *c, uint32_t device_id, unsigned vectors,
                      struct msi_controller **out);
};

struct msi_controller {
    const struct msi_ops *ops;
    const char *name;
    bool isolates;      /* tells who rings (ITS, interrupt remapping); GICv2m cannot */
    paddr_t base;       /* of its register frame; the doorbell is inside */
    uint64_t size;      /* of the frame in bytes */
    uint8_t alone_lg2;  /* lg2 of the largest aligned block around the frame in which firmware
                         * describes no other device: what one doorbell mapping may expose */
    uint32_t irq_first; /* for the report */
    uint32_t irq_count;
};

#endif
