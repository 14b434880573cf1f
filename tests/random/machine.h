/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_MACHINE_H
#define RF_TESTS_RANDOM_MACHINE_H

#include "lib/iommu/unit.h"
#include "lib/pci/pci.h"
#include "lib/vfio/objects.h"
#include "tests/random/program.h"
#include "tests/random/unit.h"

/* The machine of a program: two IOMMUs of one kind, three PCI functions in three isolation groups,
 * a frame for messages, RAM; and around them the code of the kernel. The first two groups are
 * behind the first IOMMU, the third is behind the second. */

/* One PCI function: registers of which hardware protects nothing but its read-only ones. */
struct machine_function {
    struct pci_dev pci;
    uint8_t cfg[256], initial[256];
    uint8_t table[VECTORS * 16];
    struct msi_controller *msi;
};

struct machine {
    const struct unit_kind *kind;
    struct machine_unit unit[UNITS];
    struct machine_function fn[GROUPS];
    struct pci_host host;
    struct vfio_device *device[GROUPS];
    uint64_t granule;
    bool stuck; /* some unit completes nothing: then the clock runs faster */
    uint64_t pages;
};
extern struct machine machine;

/* Where a function's DMA goes: its stream id, which unit, which group. */
struct stream {
    uint32_t sid;
    unsigned unit;
    unsigned group;
};
struct stream machine_stream(unsigned i);
struct stream machine_function_stream(unsigned i); /* the first of function i */

void machine_start(const uint64_t *arg); /* of OP_MACHINE */

/* The workload is gone (vfio_shutdown). Takes the machine apart, and fails the program when a page
 * is missing, or in quarantine though every invalidation was answered. */
void machine_stop(bool may_lose_pages);

/* ---- function.c ------------------------------------------------------------------------------ */

#define FRAME    UINT64_C(0x08020000) /* of a GICv2m */
#define DOORBELL (FRAME + 0x40)
extern struct msi_controller machine_frame; /* it, or on x86 the local APIC */

void function_build(unsigned i);
void frame_reset(void);
/* unit_kind.ring where a message is a write like any other, and translated. */
const char *frame_ring(struct machine_unit *u, uint32_t sid, struct msi_message m);
bool function_is_master(unsigned i);
/* What the function would write to interrupt with this vector of MSI-X (index 2) or MSI (1); false:
 * it is not enabled or masked. */
bool function_message(unsigned i, unsigned index, unsigned vector, struct msi_message *out);
bool function_has_irq(unsigned irq); /* some function was given that interrupt */

#endif
