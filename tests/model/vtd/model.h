/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_VTD_H
#define RF_TESTS_MODEL_VTD_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/model/watch.h"

/* A model of a VT-d unit, written from the specification (D51397) with its own constants and
 * without a header of the driver: two readings of the specification that must agree.
 *
 * It keeps every context, PASID-table entry, table entry, translation and interrupt entry that it
 * ever read (in caching mode absent ones, too) until an invalidation takes it away, and an
 * invalidation takes effect as late as allowed: when its wait descriptor completes. It finds
 * translations by requester before it looks at the context. It checks what the specification asks
 * of software, and keeps a list of what was broken. */
struct vtd_model_config {
    uint32_t ver;
    uint64_t cap, ecap;
    unsigned haw; /* physical address bits */
    bool silent;  /* nobody drives the bus: reads give silent_value */
    uint64_t silent_value;
    unsigned ack_delay;   /* accesses until a command of GCMD, or PRS, takes effect */
    uint32_t stuck;       /* commands (bits of GCMD) that never do */
    bool lazy_queue;      /* descriptors are fetched one an access, not on the write of IQT */
    unsigned wait_delay;  /* accesses from a wait descriptor to its status */
    bool wait_stuck;      /* the status is never written */
    bool direct_stuck;    /* ICC and IVT never clear */
    bool direct_refused;  /* the granularity that was carried out reads as 0 */
    bool late_status;     /* the status of a wait that was aborted is written all the same, and the
                           * queue goes on where it stood */
    bool protected_stuck; /* PRS never clears */
    uint64_t ram_base, ram_size; /* the arena; where something is not coherent, or RWBF is set */
};

/* As QEMU 10 has it (legacy; x-scalable-mode=on; that and x-flts=on), but for walks that snoop. */
extern const struct vtd_model_config vtd_model_legacy, vtd_model_ss, vtd_model_fs;

enum vtd_model_type { /* of descriptors; what registers ask counts as one */
                      VTD_INV_CONTEXT = 1,
                      VTD_INV_IOTLB = 2,
                      VTD_INV_IEC = 4,
                      VTD_INV_WAIT = 5,
                      VTD_INV_PIOTLB = 6,
                      VTD_INV_PASID = 7,
};

struct vtd_model;

struct vtd_model *vtd_model_new(const struct vtd_model_config *cfg);
void vtd_model_free(struct vtd_model *m);

/* Puts its registers, 4 KiB, at physical address `base` of the host machine. */
void vtd_model_map(struct vtd_model *m, uint64_t base);

/* ---- a device's access ----------------------------------------------------------------------- */

struct vtd_model_result {
    bool passed;    /* the access reached memory at paddr */
    bool bypassed;  /* passed without translation */
    bool stale;     /* what is in memory now would not have led there */
    bool protected; /* stopped by a protected memory region */
    bool snooped;   /* forced to snoop */
    uint64_t paddr;
    uint8_t reason; /* of the fault; 0: none */
};
struct vtd_model_result vtd_model_dma(struct vtd_model *m, uint16_t sid, uint64_t iova, bool write);

struct vtd_model_msi {
    bool delivered;
    bool compatible; /* without an entry */
    bool stale;
    uint8_t vector;
    uint32_t destination;
    uint8_t reason;
};
struct vtd_model_msi vtd_model_msi(struct vtd_model *m, uint16_t sid, uint64_t address,
                                   uint32_t data);

/* ---- errors on demand ------------------------------------------------------------------------ */

void vtd_model_drop(struct vtd_model *m, enum vtd_model_type type, bool drop); /* no effect */

/* The n-th descriptor from now on raises the error: a bit of FSTS. */
void vtd_model_fail(struct vtd_model *m, unsigned nth, uint32_t fsts_bit, unsigned times);
void vtd_model_set_wait_stuck(struct vtd_model *m, bool stuck);
void vtd_model_set_stuck(struct vtd_model *m, uint32_t gcmd_bits);
void vtd_model_raise_fault(struct vtd_model *m, uint64_t low, uint64_t high);

/* What firmware left behind: a register's value without the checks of a write. */
void vtd_model_preset(struct vtd_model *m, uint32_t offset, uint64_t value);

/* ---- what it saw ----------------------------------------------------------------------------- */

uint64_t vtd_model_register(const struct vtd_model *m, uint32_t offset); /* not an access */
unsigned vtd_model_count(const struct vtd_model *m, enum vtd_model_type type);
void vtd_model_clear_counts(struct vtd_model *m);
unsigned vtd_model_fault_messages(const struct vtd_model *m); /* fault events that were raised */

/* The last descriptor of a type. */
void vtd_model_last(const struct vtd_model *m, enum vtd_model_type type, uint64_t out[2]);

struct model_watch *vtd_model_watch(struct vtd_model *m);

#endif
