/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_SMMUV2_H
#define RF_TESTS_MODEL_SMMUV2_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/model/watch.h"

/* A model of an SMMUv1 or SMMUv2, written from IHI 0062 with its own constants and without a header
 * of the driver: two readings of the specification that must agree.
 *
 * It keeps every translation and table entry that it ever read until an invalidation takes it away,
 * and that takes effect as late as allowed: when a later sync completes. Until then a stream also
 * keeps the way that it last went, as accesses are under way that were accepted before. It checks
 * what the specification asks of software, and keeps a list of what was broken.
 *
 * The CPU is non-secure: what it sees at the offsets of banked registers (sCR0, sGFSR, ...) are the
 * non-secure ones; their aliases for secure accesses, from 0x400 on, are not there. */
struct smmuv2_model_config {
    unsigned version; /* 1 or 2 */
    bool granule_64k; /* version 1 with the 64 KiB granule (MMU-401), which no register tells */
    bool mmu500;      /* sACR and ACTLR as MMU-500 has them */
    uint32_t idr0, idr1, idr2, idr7;
    uint16_t sid_bits;  /* bits that SMR.ID and stream ids have */
    uint16_t mask_bits; /* that SMR.MASK has */
    uint32_t cr0;       /* value at reset */
    uint32_t smr, s2cr; /* of each group at reset */
    bool silent;        /* nobody drives the bus: reads give silent_value */
    uint32_t silent_value;
    bool words_only;     /* 64-bit accesses are broken (Armada-AP806) */
    bool cr0_stuck;      /* writes of sCR0 are lost */
    bool keeps_routes;   /* a stream goes its old way until a sync completes */
    unsigned sync_delay; /* accesses until a sync completes */
    bool sync_stuck;     /* no sync ever completes */
    bool non_coherent;   /* walks see only what was cleaned */
    unsigned forget;     /* drops all that it cached before one access in so many; 0: never */
    uint64_t ram_base, ram_size; /* the arena; for non_coherent only */
};

extern const struct smmuv2_model_config smmuv2_model_mmu401; /* as on Juno: stage 2 only */
extern const struct smmuv2_model_config smmuv2_model_v1;     /* both stages, 32-bit tables only */
extern const struct smmuv2_model_config smmuv2_model_mmu500; /* SMMUv2, all granules */

/* The operations that a test may want to count or drop. */
enum smmuv2_model_op {
    SMMU2_TLBIVA,
    SMMU2_TLBIVAL,
    SMMU2_TLBIASID,
    SMMU2_TLBIALL,
    SMMU2_TLBIIPAS2,
    SMMU2_TLBIIPAS2L,
    SMMU2_TLBIVMID,
    SMMU2_TLBIALLNSNH,
    SMMU2_TLBIALLH,
    SMMU2_SYNC, /* global or of a bank */
    SMMU2_OPS,
};

struct smmuv2_model;

struct smmuv2_model *smmuv2_model_new(const struct smmuv2_model_config *cfg);
void smmuv2_model_free(struct smmuv2_model *m);

/* Bytes of its register space, as SMMU_IDR1 tells. */
uint64_t smmuv2_model_size(const struct smmuv2_model *m);

/* Puts its registers at physical address `base` of the host machine (arch/host/host.h). */
void smmuv2_model_map(struct smmuv2_model *m, uint64_t base);

/* Register accesses of the CPU; offset below smmuv2_model_size, width in bytes. */
uint64_t smmuv2_model_read(struct smmuv2_model *m, uint32_t offset, unsigned width);
void smmuv2_model_write(struct smmuv2_model *m, uint32_t offset, unsigned width, uint64_t value);

/* ---- a device's access ----------------------------------------------------------------------- */

struct smmuv2_model_result {
    bool passed;        /* the access reached memory at paddr */
    bool bypassed;      /* passed without translation */
    bool stale;         /* what is in memory and registers now would not have led there */
    bool device_memory; /* the mapping's type is Device */
    bool stalled;       /* it waits for SMMU_CBn_RESUME */
    uint64_t paddr;
    uint32_t gfsr; /* the bit of sGFSR that it raised; 0: none */
    uint32_t fsr;  /* the bit of SMMU_CBn_FSR that it raised; 0: none */
};
struct smmuv2_model_result smmuv2_model_dma(struct smmuv2_model *m, uint32_t sid, uint64_t iova,
                                            bool write);

/* The level of its interrupts, which are one line: a fault is recorded whose interrupt is on. */
bool smmuv2_model_interrupts(const struct smmuv2_model *m);

/* ---- errors on demand ------------------------------------------------------------------------ */

void smmuv2_model_drop(struct smmuv2_model *m, enum smmuv2_model_op op, bool drop);
void smmuv2_model_set_sync_stuck(struct smmuv2_model *m, bool stuck);
void smmuv2_model_set_silent(struct smmuv2_model *m, uint32_t value);
/* Firmware keeps the stream mapping group for itself: what is written to it is lost. */
void smmuv2_model_keep_group(struct smmuv2_model *m, unsigned group);
void smmuv2_model_raise_global(struct smmuv2_model *m, uint32_t gfsr, uint32_t sid, uint64_t iova);
void smmuv2_model_raise_context(struct smmuv2_model *m, unsigned bank, uint32_t fsr, uint32_t sid,
                                uint64_t iova, bool write);

/* What firmware left behind: a register's value without the checks of a write. */
void smmuv2_model_preset(struct smmuv2_model *m, uint32_t offset, uint64_t value);

/* ---- what it saw ----------------------------------------------------------------------------- */

unsigned smmuv2_model_count(const struct smmuv2_model *m, enum smmuv2_model_op op);
void smmuv2_model_clear_counts(struct smmuv2_model *m);

/* Offset of a bank's register. */
uint32_t smmuv2_model_bank(const struct smmuv2_model *m, unsigned bank, uint32_t reg);

struct model_watch *smmuv2_model_watch(struct smmuv2_model *m);

#endif
