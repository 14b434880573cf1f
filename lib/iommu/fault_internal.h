/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_IOMMU_FAULT_INTERNAL_H
#define RF_IOMMU_FAULT_INTERNAL_H

#include "lib/base/range.h"
#include "lib/iommu/fault.h"

/* One refusal: the records of one (unit, stream, event, direction) whose addresses follow each
 * other, in whatever order. */
struct refusal {
    const struct iommu_unit *unit;
    struct iommu_fault first; /* the record that began it */
    struct range seen;        /* addresses, when first.has_iova */
    uint64_t count;           /* records */
    uint64_t told;            /* of them, those that were in a report; 0: none was printed */
    bool kept_back;           /* its report was not printed, to hold the rate */
};

/* The whole report, and the line about what came after it. */
void fault_report(const struct refusal *r);
void fault_report_more(const struct refusal *r);

#endif
