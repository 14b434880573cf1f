/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_FAULT_H
#define RF_IOMMU_FAULT_H

#include "lib/base/types.h"

struct iommu_unit;

/* One decoded record of a unit's fault queue. Strings are constant. */
struct iommu_fault {
    const char *event;   /* the specification's name: "F_TRANSLATION" */
    unsigned code;       /* its number, where the name is not enough to find it by; else 0 */
    const char *meaning; /* what happened, in a sentence */
    const char *advice;  /* what to check */
    uint32_t sid;
    uint64_t iova;
    bool has_iova;
    bool write; /* the access that was refused; else a read */
    bool execute;
    bool has_index; /* an interrupt was refused: entry `index` of the interrupt remapping table */
    uint32_t index;
    bool has_fetch; /* the hardware could not read its own table at `fetch` */
    uint64_t fetch;
    uint64_t raw[4];
};

/* Drains every unit and prints each refusal once: records of one (stream, event, direction) whose
 * addresses follow each other are one report with a count, and a report like the last one is only
 * counted. At most FAULT_REPORTS a second are printed, then one line says how many were kept back.
 * A report names device, BDF, stream id, event, address, direction, the nearest mapping and what to
 * check. Returns the number of records taken. */
#define FAULT_REPORTS 8
unsigned iommu_fault_poll(void);

/* Prints what was only counted so far (when the workload ends). */
void iommu_fault_flush(void);

#endif
