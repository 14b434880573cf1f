/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_BOARDS_DRIVER_H
#define RF_BOARDS_DRIVER_H

#include "arch/mmio.h"
#include "boards/machine.h"
#include "lib/irq/irq.h"

/* What a board may be made of: each record ties a driver, which knows no firmware, to the machine's
 * description. A board lists the records that it may need (boards/NAME/board.c); all others are
 * left out of its image. */

/* How the machine describes itself. */
struct firmware {
    const char *name;
    bool (*is_there)(const struct bootinfo *boot);
    /* The console, before the rest is believed; kind NONE: there is none. May write to m->hw. */
    struct hw_uart (*console)(struct machine *m);
    /* Fills m->hw; stops when that cannot be. */
    void (*describe)(struct machine *m, char *why, size_t why_size);
};
extern const struct firmware firmware_dtb;
extern const struct firmware firmware_acpi;

struct uart_driver {
    enum hw_uart_kind kind;
    bool (*is_there)(const struct mmio *regs); /* NULL: it has nothing to be known by */
    void (*init)(const struct mmio *regs);
    void (*sink)(void *ctx, const char *text, size_t n);
};
extern const struct uart_driver uart_pl011;
extern const struct uart_driver uart_sbsa;
extern const struct uart_driver uart_ns16550;

struct unit_stats {
    uint64_t commands, syncs, events;
};

struct iommu_driver {
    enum hw_iommu_kind kind;
    const char *name;
    int (*create)(const struct machine *m, const struct hw_iommu *hw, const struct mmio *regs,
                  struct iommu_unit **out);
    void (*listen)(const struct machine *m, unsigned i); /* to the interrupts of m->unit[i] */
    void (*describe)(const struct iommu_unit *unit, char *text, size_t n);
    void (*stats)(const struct iommu_unit *unit, struct unit_stats *out);
};
extern const struct iommu_driver iommu_smmuv3;
extern const struct iommu_driver iommu_smmuv2;
extern const struct iommu_driver iommu_vtd;

/* The interrupt controller with its timer and its MSIs. */
struct irq_driver {
    /* The number of the timer's interrupt. */
    uint32_t (*start)(const struct machine *m);
    /* For the boot report, lines without a newline at the end. NULL: nothing to say. */
    void (*describe)(const struct machine *m, char *text, size_t n);
    /* The controller of m->hw.msi[i]. NULL: it is not usable, as was logged. */
    struct msi_controller *(*create_msi)(const struct machine *m, unsigned i);
};
extern const struct irq_driver irq_gic;
extern const struct irq_driver irq_apic;

/* x86-64: whether the local APIC is to be an x2APIC, which units know before it is. */
bool apic_uses_x2apic(const struct machine *m);

/* For listen(): has fn called for the interrupt, or says that it cannot be. Nothing for id 0. */
void interrupts_listen(const struct hw_irq *irq, irq_handler_t fn, void *arg, const char *name);

/* ACPI's soft off, where the tables tell how, becomes the last resort of power_off(). */
void power_by_acpi(const struct hw_acpi_power *p);

/* Maps the registers of `what`, or stops. */
struct mmio map_or_stop(struct range r, const char *what);

#endif
