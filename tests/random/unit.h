/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_UNIT_H
#define RF_TESTS_RANDOM_UNIT_H

#include "lib/base/range.h"
#include "lib/iommu/unit.h"
#include "tests/model/watch.h"

/* A kind of IOMMU: a driver as it ships, on the model of its hardware. Programs do not know which
 * one they run on. */

struct machine_unit {
    const struct unit_kind *kind;
    void *model;
    struct model_watch *watch; /* of the model */
    struct iommu_unit *unit;
};

/* What became of an access. */
struct access {
    bool passed;
    bool bypassed;       /* passed without translation */
    bool stale;          /* what is in memory now would not have led there */
    bool registers;      /* as an access to registers, where the kind tells them from memory */
    bool says_unmapped;  /* the fault's reason may mean that nothing is mapped there, */
    bool says_forbidden; /* and that what is mapped does not allow this */
    uint64_t paddr;
    unsigned reason; /* the hardware's number; 0: no fault */
};

struct unit_kind {
    const char *name;
    uint64_t input_size;     /* of its addresses, from 0 on */
    struct range interrupts; /* addresses that are the kernel's, for messages */
    uint64_t granules;       /* bitmap of sizes */
    bool has_write_only;
    bool tells_registers;     /* its tables say what is registers, and what is memory */
    bool isolates_interrupts; /* it remaps them, and checks who sent them */
    bool forgets_when_dead;   /* a unit that no longer answers is also cut off from its caches */
    unsigned mode;            /* the kind's own */

    /* Unit 0 is as OP_MACHINE's arguments say, unit 1 is plain. */
    void (*start)(struct machine_unit *u, unsigned i, const uint64_t *arg);
    /* A unit lives until power-off; here it has to go before the next program. */
    void (*stop)(struct machine_unit *u);

    struct access (*dma)(struct machine_unit *u, uint32_t sid, uint64_t iova, bool write);
    /* The device sends a message: NULL, or what is wrong with where it gets. */
    const char *(*ring)(struct machine_unit *u, uint32_t sid, struct msi_message m);

    /* An event of the hardware's, whatever it may say. */
    void (*raise_event)(struct machine_unit *u, uint64_t record, uint64_t iova);
    /* True: of this error the unit may die. */
    bool (*raise_error)(struct machine_unit *u, uint32_t bits);
    /* The n-th command or descriptor from now on fails so many times; n = 0: none does any more.
     * True: of this the unit may die. */
    bool (*fail)(struct machine_unit *u, unsigned n, unsigned code, unsigned times);
    /* No invalidation completes. */
    void (*stick)(struct machine_unit *u, bool stuck);
};

extern const struct unit_kind unit_smmuv3, unit_vtd_legacy, unit_vtd_second_stage,
    unit_vtd_first_stage, unit_mmu401, unit_smmuv1, unit_smmuv2;

/* The n-th kind, as OP_MACHINE counts them. */
#define UNIT_KINDS 7u
const struct unit_kind *unit_kind(uint64_t n);

#endif
