/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_SMMUV3_INTERNAL_H
#define RF_TESTS_MODEL_SMMUV3_INTERNAL_H

#include <stddef.h>

#include "tests/model/bits.h"
#include "tests/model/memory.h"
#include "tests/model/smmuv3/model.h"

enum reg {
    R_IDR0 = 0x00,
    R_IDR1 = 0x04,
    R_IDR3 = 0x0c,
    R_IDR5 = 0x14,
    R_IIDR = 0x18,
    R_AIDR = 0x1c,
    R_CR0 = 0x20,
    R_CR0ACK = 0x24,
    R_CR1 = 0x28,
    R_CR2 = 0x2c,
    R_GBPA = 0x44,
    R_IRQ_CTRL = 0x50,
    R_IRQ_CTRLACK = 0x54,
    R_GERROR = 0x60,
    R_GERRORN = 0x64,
    R_GERROR_IRQ_CFG0 = 0x68,
    R_STRTAB_BASE = 0x80,
    R_STRTAB_BASE_CFG = 0x88,
    R_CMDQ_BASE = 0x90,
    R_CMDQ_PROD = 0x98,
    R_CMDQ_CONS = 0x9c,
    R_EVENTQ_BASE = 0xa0,
    R_EVENTQ_IRQ_CFG0 = 0xb0,
    R_EVENTQ_PROD = 0x100a8,
    R_EVENTQ_CONS = 0x100ac,
};

/* ---- caches: singly linked lists, as the model is not in a hurry ----------------------------- */

struct cached_words { /* an L1STD, an STE or a CD */
    struct cached_words *next;
    uint32_t key; /* stream id, for an L1STD the first one */
    uint64_t w[8];
};

struct tlb_entry { /* a translation, or (table) a pointer to the next table */
    struct tlb_entry *next;
    uint64_t iova, size;
    uint64_t out;  /* of iova; or the next table */
    uint64_t desc; /* the descriptor */
    uint16_t asid;
    uint8_t granule; /* log2 */
    uint8_t level;
    bool table;
};

struct pending { /* commands consumed since the last CMD_SYNC, which completes them */
    uint64_t (*cmd)[2];
    unsigned count, room;
};

struct smmuv3_model {
    struct smmuv3_model_config cfg;
    uint32_t gbpa_effect; /* of the last update that completed */
    uint32_t cr0, cr0ack, cr1, cr2, gbpa, irq_ctrl, irq_ctrlack, gerror, gerrorn;
    uint32_t strtab_cfg, cmdq_prod, cmdq_cons, eventq_prod, eventq_cons;
    uint64_t strtab_base, cmdq_base, eventq_base, gerror_irq_cfg0, eventq_irq_cfg0;
    unsigned cr0_wait, gbpa_wait, irq_wait, sync_wait; /* accesses left */
    bool sync_running;
    struct cached_words *l1stds, *stes, *cds;
    struct tlb_entry *tlb;
    struct pending pending;
    struct model_memory *memory; /* NULL: coherent */
    bool drop[256];
    unsigned counts[256];
    unsigned fail_nth, fail_times;
    uint8_t fail_code;
    struct model_watch watch;
    unsigned accesses; /* by devices */
};

/* CR0 and CR0ACK */
enum { EN_SMMU = 1u << 0, EN_PRIQ = 1u << 1, EN_EVENTQ = 1u << 2, EN_CMDQ = 1u << 3 };

/* ---- cmdq.c ---------------------------------------------------------------------------------- */
void sm3_cmdq_run(struct smmuv3_model *m, unsigned budget);
void sm3_cmdq_check_prod(struct smmuv3_model *m, uint32_t old);
void sm3_raise_gerror(struct smmuv3_model *m, uint32_t bits);

/* ---- cache.c --------------------------------------------------------------------------------- */
const uint64_t *sm3_cache_find(const struct cached_words *list, uint32_t key);
const uint64_t *sm3_cache_add(struct cached_words **list, uint32_t key, const uint64_t *w,
                              unsigned n);
void sm3_cache_drop(struct cached_words **list, uint32_t first, uint32_t last);
void sm3_tlb_add(struct smmuv3_model *m, const struct tlb_entry *e);
void sm3_cache_apply(struct smmuv3_model *m, const uint64_t cmd[2]);
void sm3_cache_free(struct smmuv3_model *m); /* all of it */

/* ---- config.c -------------------------------------------------------------------------------- */
struct context {
    uint64_t ttb;
    uint16_t asid;
    uint8_t granule, input_bits, output_bits;
    uint64_t mair;
};
enum found { FOUND_CONTEXT, FOUND_ABORT, FOUND_BYPASS, FOUND_EVENT };
struct lookup {
    uint8_t event;
    uint64_t fetch;
};
/* With `fresh` nothing is taken from or put into a cache. */
enum found sm3_config_find(struct smmuv3_model *m, uint32_t sid, bool fresh, struct context *c,
                           struct lookup *why);
unsigned sm3_oas_bits(const struct smmuv3_model *m);

/* ---- walk.c ---------------------------------------------------------------------------------- */
struct walked {
    uint8_t event; /* 0: translated */
    uint64_t paddr;
    uint64_t fetch;
    bool device_memory;
};
struct walked sm3_walk(struct smmuv3_model *m, const struct context *c, uint64_t iova, bool write,
                       bool fresh);

/* ---- event.c --------------------------------------------------------------------------------- */
void sm3_event_record(struct smmuv3_model *m, const uint64_t record[4]);

#endif
