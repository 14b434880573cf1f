/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_SMMUV3_H
#define RF_DRIVERS_SMMUV3_H

#include "arch/mmio.h"
#include "lib/iommu/unit.h"

/* Arm SMMUv3 (IHI 0070), non-secure programming interface, stage 1 only.
 *
 * Deliberately not used, although hardware may offer it: stage 2, substreams (PASID), ATS, PRI,
 * stalling faults, hardware update of access flags and dirty state, prefetch, broadcast TLB
 * maintenance, MSIs of the SMMU itself. Each is one more way to reach memory or to hang, and none
 * is needed to give a device to a workload. */
struct smmuv3_config {
    struct mmio regs; /* both register pages, 128 KiB; 64 KiB with page0_only */
    const char *name; /* for reports, "smmuv3@9050000"; stays valid */
    bool dt_coherent; /* firmware says that table walks snoop the CPU's caches; it has the last word
                       */
    bool page0_only;  /* "cavium,smmu-v2": the event queue's indices are in page 0 */
};

/* Makes the unit without touching the hardware; iommu_unit_start() does that. The unit lives until
 * power-off. -RF_EINVAL: the register window is too small (logged); -RF_ENOMEM. */
int smmuv3_create(const struct smmuv3_config *cfg, struct iommu_unit **out);

/* What was found and what is used, for the boot report: two lines without a newline at the end.
 * Cut to n bytes, always terminated. The unit has been started. */
void smmuv3_describe(const struct iommu_unit *u, char *text, size_t n);

/* Handlers for the wired interrupts (irq_handler_t of lib/irq/irq.h); `unit` is the struct
 * iommu_unit. The event queue's drains every unit's records into the fault report; the global
 * errors' acknowledges and reports them. Both are edge triggered (IHI 0070 3.18). */
void smmuv3_irq_eventq(uint32_t id, void *unit);
void smmuv3_irq_gerror(uint32_t id, void *unit);

/* Counted since the unit was made. */
struct smmuv3_stats {
    uint64_t commands;       /* submitted, CMD_SYNC included */
    uint64_t syncs;          /* CMD_SYNC among them */
    uint64_t events;         /* records taken off the event queue */
    uint64_t overflows;      /* times the event queue lost records */
    uint64_t command_errors; /* recovered and not */
};
void smmuv3_get_stats(const struct iommu_unit *u, struct smmuv3_stats *out);

#endif
