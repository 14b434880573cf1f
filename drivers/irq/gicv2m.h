/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_GICV2M_H
#define RF_DRIVERS_IRQ_GICV2M_H

#include "arch/mmio.h"
#include "lib/irq/msi.h"

/* An MSI frame of a GICv2 (Server Base System Architecture 2.2, appendix on GICv2m): a write of an
 * SPI's number to one register makes the SPI pending. It cannot tell who wrote. */
struct gicv2m_config {
    struct mmio regs;
    paddr_t base;                 /* of the frame, as devices see it */
    const char *name;             /* stays valid */
    uint32_t spi_base, spi_count; /* INTIDs; count 0: MSI_TYPER tells */
    uint8_t alone_lg2;            /* as in struct msi_controller */
    bool address_only;            /* the message is in the address: 8 bytes an SPI, data 0 */
};

/* One controller a frame; it lives for ever. The interrupt controller must be set (irq_set_chip).
 * -RF_EINVAL: the SPI range is outside what a GIC, or this one, has, which is logged; -RF_ENODEV:
 * no interrupt controller; -RF_ENOMEM. */
int gicv2m_create(const struct gicv2m_config *cfg, struct msi_controller **out);

#endif
