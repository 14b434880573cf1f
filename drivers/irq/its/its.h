/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_ITS_H
#define RF_DRIVERS_IRQ_ITS_H

#include "arch/mmio.h"
#include "lib/irq/msi.h"

/* Interrupt Translation Service of a GICv3 (IHI 0069 chapter 5): a device writes the number of an
 * event to one register, and the ITS, which is told by the bus who wrote, looks the pair up and
 * raises an LPI. What a device was not given it cannot raise. */
struct its_config {
    struct mmio regs;  /* both frames */
    paddr_t base;      /* of the control frame, as the CPU and devices see it */
    const char *name;  /* stays valid */
    uint8_t alone_lg2; /* as in struct msi_controller */
    bool noncoherent;  /* firmware says that it does not snoop the CPU's caches */
};

/* Takes it over from any state: no device is mapped. LPIs are switched on when they are not yet.
 * *out gives a controller for each device (msi_ops.for_device). It lives for ever.
 *   -RF_ENODEV     no ITS answers, it has no physical LPIs, or the GIC has none
 *   -RF_EINVAL     the register block is too small
 *   -RF_EBUSY      firmware's LPIs cannot be switched off
 *   -RF_ERANGE     a table is where the hardware cannot reach it
 *   -RF_ENOMEM, -RF_ETIMEDOUT, -RF_EIO (it refuses commands); each is logged */
int its_create(const struct its_config *cfg, struct msi_controller **out);

#endif
