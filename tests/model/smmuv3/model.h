/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_SMMUV3_H
#define RF_TESTS_MODEL_SMMUV3_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/model/watch.h"

/* A model of an SMMUv3, written from IHI 0070 with its own constants and without a header of the
 * driver: two readings of the specification that must agree.
 *
 * It keeps every L1STD, STE, CD, table entry and translation that it ever read until a command
 * takes it away, and a command takes effect as late as allowed: when a later CMD_SYNC completes. It
 * checks what the specification asks of software, and keeps a list of what was broken. */
struct smmuv3_model_config {
    uint32_t idr0, idr1, idr3, idr5, iidr, aidr;
    uint32_t gbpa; /* value at reset */
    bool silent;   /* nobody drives the bus: reads give silent_value */
    uint32_t silent_value;
    bool gbpa_stuck;       /* UPDATE never clears */
    bool cr0ack_stuck;     /* CR0ACK never follows */
    unsigned ack_delay;    /* accesses until an acknowledgement or UPDATE follows */
    bool lazy_commands;    /* consumed on later register accesses, not on the write of PROD */
    unsigned burst;        /* commands an access consumes when lazy; 0: one */
    unsigned sync_delay;   /* accesses a CMD_SYNC takes */
    bool sync_stuck;       /* CMD_SYNC never completes */
    bool commands_stuck;   /* no command is ever consumed */
    bool no_overflow_flag; /* a full event queue raises EVENTQ_ABT_ERR instead of OVFLG */
    bool page0_only;       /* no page 1: the event queue's indices are in page 0 */
    bool non_coherent;     /* sees only what was cleaned */
    unsigned forget;       /* drops all that it cached before one access in so many; 0: never */
    uint64_t ram_base, ram_size; /* the arena; for non_coherent only */
};

/* As QEMU has it: both stages, 16-bit stream ids, 44-bit output, RIL, 2-level stream table. */
extern const struct smmuv3_model_config smmuv3_model_virt;

/* The opcodes a test may want to count or drop. */
enum smmuv3_model_opcode {
    SMMU_OP_CFGI_STE = 0x03,
    SMMU_OP_CFGI_ALL = 0x04,
    SMMU_OP_CFGI_CD = 0x05,
    SMMU_OP_CFGI_CD_ALL = 0x06,
    SMMU_OP_TLBI_NH_ALL = 0x10,
    SMMU_OP_TLBI_NH_ASID = 0x11,
    SMMU_OP_TLBI_NH_VA = 0x12,
    SMMU_OP_TLBI_NH_VAA = 0x13,
    SMMU_OP_TLBI_EL2_ALL = 0x20,
    SMMU_OP_TLBI_NSNH_ALL = 0x30,
    SMMU_OP_SYNC = 0x46,
};

struct smmuv3_model;

struct smmuv3_model *smmuv3_model_new(const struct smmuv3_model_config *cfg);
void smmuv3_model_free(struct smmuv3_model *m);

/* Puts its registers, 128 KiB, at physical address `base` of the host machine (arch/host/host.h).
 */
void smmuv3_model_map(struct smmuv3_model *m, uint64_t base);

/* Register accesses of the CPU; offsets 0 .. 0x1ffff, width in bytes. */
uint64_t smmuv3_model_read(struct smmuv3_model *m, uint32_t offset, unsigned width);
void smmuv3_model_write(struct smmuv3_model *m, uint32_t offset, unsigned width, uint64_t value);

/* ---- a device's access ----------------------------------------------------------------------- */

struct smmuv3_model_result {
    bool passed;        /* the access reached memory at paddr */
    bool bypassed;      /* passed without translation */
    bool stale;         /* what is in memory now would not have led there */
    bool device_memory; /* the mapping's type is Device */
    uint64_t paddr;
    uint8_t event; /* number of the event it raised; 0: none */
};
struct smmuv3_model_result smmuv3_model_dma(struct smmuv3_model *m, uint32_t sid, uint64_t iova,
                                            bool write);

/* ---- errors on demand ------------------------------------------------------------------------ */

void smmuv3_model_drop(struct smmuv3_model *m, enum smmuv3_model_opcode op,
                       bool drop); /* consumed, no effect */
void smmuv3_model_fail_command(struct smmuv3_model *m, unsigned nth, uint8_t cerror,
                               unsigned times);
void smmuv3_model_set_sync_stuck(struct smmuv3_model *m, bool stuck);
void smmuv3_model_raise_gerror(struct smmuv3_model *m, uint32_t bits);
void smmuv3_model_raise_event(struct smmuv3_model *m, const uint64_t record[4]);
void smmuv3_model_set_cr0ack_stuck(struct smmuv3_model *m, bool stuck);
void smmuv3_model_set_silent(struct smmuv3_model *m, uint32_t value);
void smmuv3_model_set_gbpa_stuck(struct smmuv3_model *m, bool stuck);

/* What firmware left behind: a register's value without the checks of a write. */
void smmuv3_model_preset(struct smmuv3_model *m, uint32_t offset, uint64_t value);

/* ---- what it saw ----------------------------------------------------------------------------- */

unsigned smmuv3_model_count(const struct smmuv3_model *m, enum smmuv3_model_opcode op);
void smmuv3_model_clear_counts(struct smmuv3_model *m);

struct model_watch *smmuv3_model_watch(struct smmuv3_model *m);

#endif
