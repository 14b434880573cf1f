/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_SMMUV2_H
#define RF_DRIVERS_SMMUV2_H

#include "arch/mmio.h"
#include "lib/iommu/unit.h"

/* Arm SMMUv1 and SMMUv2 (IHI 0062), non-secure programming interface, one stage of translation:
 * stage 1 where the part has it, else stage 2.
 *
 * Deliberately not used, although hardware may offer it: nested translation, stalling faults,
 * address translation operations, 16-bit VMIDs, broadcast TLB maintenance, the short descriptor
 * format. Each is one more way to reach memory or to hang, and none is needed to give a device to a
 * workload. */

/* No register tells the version of the architecture: firmware names the part. */
enum smmuv2_part {
    SMMUV2_PART_V1,     /* SMMUv1, MMU-400 */
    SMMUV2_PART_MMU401, /* SMMUv1 with VMSAv8-64 tables of 64 KiB granule */
    SMMUV2_PART_V2,     /* SMMUv2 */
    SMMUV2_PART_MMU500,
    SMMUV2_PART_AP806,  /* MMU-500 of Marvell's AP806 */
    SMMUV2_PART_CAVIUM, /* ThunderX */
};

struct smmuv2_config {
    struct mmio regs; /* global space and context banks */
    const char *name; /* for reports, "iommu@e0a00000"; stays valid */
    enum smmuv2_part part;
    bool dt_coherent; /* firmware says that table walks snoop the CPU's caches; it has the last word
                       */
    uint32_t sid_ignore; /* bits of a stream id that carry no stream: "stream-match-mask". Streams
                          * of attach, detach and fault records have them 0 */
    uint32_t sid_last;   /* the largest stream id that firmware names: extended ids (16 bits) are
                          * used only where they are needed */
};

/* Makes the unit without touching the hardware; iommu_unit_start() does that. The unit lives until
 * power-off. -RF_EINVAL: the register window is too small (logged); -RF_ENOMEM. */
int smmuv2_create(const struct smmuv2_config *cfg, struct iommu_unit **out);

/* What was found and what is used, for the boot report: two lines without a newline at the end.
 * Cut to n bytes, always terminated. The unit has been started. */
void smmuv2_describe(const struct iommu_unit *u, char *text, size_t n);

/* Handler for every wired interrupt of a unit (irq_handler_t of lib/irq/irq.h), global and context;
 * `unit` is the struct iommu_unit. Drains every unit's faults into the fault report. They are level
 * triggered: the line falls when the fault status registers are cleared. */
void smmuv2_irq(uint32_t id, void *unit);

/* Counted since the unit was made. */
struct smmuv2_stats {
    uint64_t invalidations; /* TLBI registers written */
    uint64_t syncs;         /* waits for them */
    uint64_t faults;        /* records taken */
    uint64_t lost;          /* times that a fault status register said there had been more */
};
void smmuv2_get_stats(const struct iommu_unit *u, struct smmuv2_stats *out);

#endif
