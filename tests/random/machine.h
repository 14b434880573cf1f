/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_MACHINE_H
#define RF_TESTS_RANDOM_MACHINE_H

#include "lib/iommu/unit.h"
#include "lib/pci/pci.h"
#include "lib/vfio/objects.h"
#include "tests/model/smmuv3/model.h"
#include "tests/random/program.h"

/* The machine of a program: two SMMUs, three PCI functions in three isolation groups, a GICv2m
 * frame, RAM; and around them the code of the kernel. The first two groups are behind the first
 * SMMU, the third is behind the second. */

struct machine_unit {
    struct smmuv3_model *model;
    struct iommu_unit *unit;
};

/* One PCI function: registers of which hardware protects nothing but its read-only ones. */
struct machine_function {
    struct pci_dev pci;
    uint8_t cfg[256], initial[256];
    uint8_t table[VECTORS * 16];
};

struct machine {
    struct machine_unit unit[UNITS];
    struct machine_function fn[GROUPS];
    struct pci_host host;
    struct vfio_device *device[GROUPS];
    uint64_t granule;
    bool stuck; /* some unit completes nothing: then the clock runs faster */
    uint64_t pages;
};
extern struct machine machine;

/* Where a function's DMA goes: its stream id, which SMMU, which group. */
struct stream {
    uint32_t sid;
    unsigned unit;
    unsigned group;
};
struct stream machine_stream(unsigned i);

void machine_start(const uint64_t *arg); /* of OP_MACHINE */

/* The workload is gone (vfio_shutdown). Takes the machine apart, and fails the program when a page
 * is missing, or in quarantine though every invalidation was answered. */
void machine_stop(bool may_lose_pages);

/* ---- function.c ------------------------------------------------------------------------------ */

#define FRAME UINT64_C(0x08020000) /* of the GICv2m; its doorbell is at FRAME + 0x40 */
extern struct msi_controller machine_frame;

void function_build(unsigned i);
void frame_reset(void);
bool function_is_master(unsigned i);
/* What the function would write to interrupt with this vector of MSI-X (index 2) or MSI (1); false:
 * it is not enabled or masked. */
bool function_message(unsigned i, unsigned index, unsigned vector, uint64_t *address);

#endif
