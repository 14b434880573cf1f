/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_VTD_INTERNAL_H
#define RF_TESTS_MODEL_VTD_INTERNAL_H

#include <stddef.h>

#include "tests/model/bits.h"
#include "tests/model/memory.h"
#include "tests/model/vtd/model.h"

enum reg {
    R_VER = 0x00,
    R_CAP = 0x08,
    R_ECAP = 0x10,
    R_GCMD = 0x18,
    R_GSTS = 0x1c,
    R_RTADDR = 0x20,
    R_CCMD = 0x28,
    R_FSTS = 0x34,
    R_FECTL = 0x38,
    R_FEDATA = 0x3c,
    R_FEADDR = 0x40,
    R_FEUADDR = 0x44,
    R_PMEN = 0x64,
    R_PLMBASE = 0x68,
    R_PLMLIMIT = 0x6c,
    R_IQH = 0x80,
    R_IQT = 0x88,
    R_IQA = 0x90,
    R_IQER = 0xb0,
    R_IRTA = 0xb8,
};

enum { /* GCMD and GSTS */
       G_CFI = 23,
       G_SIRTP = 24,
       G_IRE = 25,
       G_QIE = 26,
       G_WBF = 27,
       G_EAFL = 28,
       G_SFL = 29,
       G_SRTP = 30,
       G_TE = 31,
};
#define G_KEPT (1u << G_CFI | 1u << G_IRE | 1u << G_QIE | 1u << G_EAFL | 1u << G_TE)

enum { S_PFO = 1 << 0, S_PPF = 1 << 1, S_IQE = 1 << 4, S_ICE = 1 << 5, S_ITE = 1 << 6 };

/* ---- caches: singly linked lists, as the model is not in a hurry ----------------------------- */

enum cache_kind { CACHE_CONTEXT, CACHE_PASID, CACHE_TABLE, CACHE_PAGE, CACHE_IRTE, CACHE_KINDS };

struct cached {
    struct cached *next;
    uint64_t w[8];       /* what was read: an entry of one of the five kinds */
    uint64_t iova, size; /* of CACHE_TABLE and CACHE_PAGE */
    uint32_t key;        /* requester id; entry number; of CACHE_TABLE the level */
    uint16_t did;
    uint8_t reason; /* it is absent or invalid, and a request gets this */
    bool fs;        /* a first-stage translation: PASID-based invalidation only */
    bool snooped;
};

struct wait { /* wait descriptors that have been fetched */
    uint64_t data, address;
    unsigned left;  /* accesses */
    unsigned marks; /* invalidations before it */
    bool aborted;
};

struct frcd {
    uint64_t low, high;
};

#define WAITS_MAX   64
#define PENDING_MAX 4096
#define FRCD_MAX    256

struct vtd_model {
    struct vtd_model_config cfg;
    uint32_t gsts, fsts, fectl, fedata, feaddr, feuaddr, pmen, plmbase, plmlimit;
    uint64_t rtaddr, ccmd, iqh, iqt, iqa, irta, iva, iotlb;
    uint64_t root, irt;      /* of the last SRTP and SIRTP */
    uint32_t command, value; /* the one under way, and GSTS after it */
    unsigned command_left, pmen_left, direct_left;
    bool tail_needed;    /* after an error the queue goes on with a write of IQT */
    bool ends_with_wait; /* the queue, as far as it was fetched: then it may go off (6.5.2) */
    struct cached *caches[CACHE_KINDS];
    uint64_t pending[PENDING_MAX][2];
    unsigned pending_count;
    struct wait waits[WAITS_MAX];
    unsigned wait_count;
    struct frcd frcd[FRCD_MAX];
    unsigned frcd_next, messages;
    struct model_memory *memory; /* what it does not snoop; NULL: it snoops all */
    bool drop[16];
    unsigned counts[16];
    uint64_t last[16][2];
    unsigned fail_nth, fail_times;
    uint32_t fail_bit;
    struct model_watch watch;
};

static inline bool is_on(const struct vtd_model *m, unsigned g)
{
    return bit(m->gsts, g);
}

static inline bool is_scalable(const struct vtd_model *m)
{
    return bits(m->root, 11, 10) == 1;
}

/* ---- memory.c ---- physical memory; false: it is not there */
enum memory { MEM_STRUCTURE, MEM_PAGING, MEM_QUEUE };
bool vtm_read(struct vtd_model *m, enum memory kind, uint64_t pa, uint64_t *out, unsigned words);
bool vtm_write32(uint64_t pa, uint32_t value);
void vtm_memory_init(struct vtd_model *m);
void vtm_flush_write_buffer(struct vtd_model *m);

/* ---- cache.c --------------------------------------------------------------------------------- */
struct cached *vtm_find(const struct vtd_model *m, enum cache_kind kind, uint32_t key);
struct cached *vtm_add(struct vtd_model *m, enum cache_kind kind, const struct cached *c);
void vtm_invalidate(struct vtd_model *m, const uint64_t desc[2]);
void vtm_caches_free(struct vtd_model *m);

/* ---- queue.c --------------------------------------------------------------------------------- */
void vtm_queue_run(struct vtd_model *m);
void vtm_waits_run(struct vtd_model *m);
void vtm_carry_out_all(struct vtd_model *m);

/* ---- config.c -------------------------------------------------------------------------------- */
struct context {
    uint64_t root;
    uint16_t did;
    uint8_t levels, reason; /* reason: why there is none; 0: there is */
    bool fs, snoop;
};
/* With `fresh` nothing is taken from or put into a cache. */
struct context vtm_context(struct vtd_model *m, uint16_t sid, bool fresh);

/* ---- walk.c ---------------------------------------------------------------------------------- */
struct walked {
    uint8_t reason; /* 0: translated */
    uint64_t paddr;
    bool snooped;
};
struct walked vtm_translate(struct vtd_model *m, uint16_t sid, uint64_t iova, bool write,
                            bool fresh);

/* ---- fault.c --------------------------------------------------------------------------------- */
void vtm_record(struct vtd_model *m, uint64_t low, uint64_t high);
uint32_t vtm_fsts(const struct vtd_model *m);
void vtm_fault_event(struct vtd_model *m);

#endif
