/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_VTD_H
#define RF_DRIVERS_VTD_H

#include "arch/mmio.h"
#include "lib/iommu/unit.h"

/* Intel VT-d (Intel Virtualization Technology for Directed I/O, D51397): translation of requests
 * without PASID, and interrupt remapping. Three ways to translate, chosen by what CAP and ECAP
 * offer: scalable mode with first-stage tables, scalable mode with second-stage tables, legacy
 * mode.
 *
 * Deliberately not used, although hardware may offer it: pass-through, nested translation, PASIDs
 * other than the one that stands for none, device TLBs (ATS), page requests, posted interrupts,
 * hardware updates of accessed and dirty bits in the second stage, advanced fault logging. */
struct vtd_config {
    struct mmio regs;
    const char *name;  /* for reports, "vtd@fed90000"; stays valid */
    uint8_t haw;       /* DMAR host address width: physical address bits */
    bool intr_remap;   /* DMAR flag INTR_REMAP: firmware lets interrupts be remapped */
    bool x2apic;       /* the CPU is, or will be, an x2APIC: needs ECAP.EIM */
    bool flush_writes; /* CAP.RWBF is wrong: Mobile 4 Series chipsets (host bridge 8086:2a40) */
};

/* Whether interrupts that it remaps can go to an x2APIC (ECAP.EIM). Reads only, at any time. */
bool vtd_takes_x2apic(const struct mmio *regs);

/* Makes the unit without touching the hardware; iommu_unit_start() does that. The unit lives until
 * power-off. -RF_EINVAL: the register window is too small (logged); -RF_ENOMEM. */
int vtd_create(const struct vtd_config *cfg, struct iommu_unit **out);

/* What was found and what is used, for the boot report: two lines without a newline at the end.
 * Cut to n bytes, always terminated. The unit has been started. */
void vtd_describe(const struct iommu_unit *u, char *text, size_t n);

/* Has the unit raise `m` when it records a fault; vtd_irq_fault handles it (irq_handler_t of
 * lib/irq/irq.h; `unit` is the struct iommu_unit). The unit's own interrupts are not remapped. */
void vtd_set_fault_message(struct iommu_unit *u, struct msi_message m);
void vtd_irq_fault(uint32_t id, void *unit);

/* Counted since the unit was made. */
struct vtd_stats {
    uint64_t descriptors; /* invalidations submitted, waits included */
    uint64_t waits;       /* waits among them */
    uint64_t faults;      /* records taken */
    uint64_t overflows;   /* times that records were lost */
    uint64_t errors;      /* of the invalidation queue, recovered and not */
};
void vtd_get_stats(const struct iommu_unit *u, struct vtd_stats *out);

#endif
