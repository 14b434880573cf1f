/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_SMMUV2_INTERNAL_H
#define RF_TESTS_MODEL_SMMUV2_INTERNAL_H

#include <stddef.h>

#include "tests/model/bits.h"
#include "tests/model/memory.h"
#include "tests/model/smmuv2/model.h"

/* Global register space 0 (IHI 0062 chapter 10). */
enum gr0 {
    GR0_CR0 = 0x00,
    GR0_CR1 = 0x04,
    GR0_ACR = 0x10,
    GR0_IDR0 = 0x20,
    GR0_IDR1 = 0x24,
    GR0_IDR2 = 0x28,
    GR0_IDR7 = 0x3c,
    GR0_GFAR = 0x40,
    GR0_GFSR = 0x48,
    GR0_GFSYNR0 = 0x50,
    GR0_GFSYNR1 = 0x54,
    GR0_GFSYNR2 = 0x58,
    GR0_TLBIVMID = 0x64,
    GR0_TLBIALLNSNH = 0x68,
    GR0_TLBIALLH = 0x6c,
    GR0_TLBGSYNC = 0x70,
    GR0_TLBGSTATUS = 0x74,
    GR0_SMR = 0x800,
    GR0_S2CR = 0xc00,
};

/* Global register space 1. */
enum gr1 { GR1_CBAR = 0x000, GR1_CBFRSYNRA = 0x400, GR1_CBA2R = 0x800 };

/* A context bank (chapter 16). */
enum cb {
    CB_SCTLR = 0x00,
    CB_ACTLR = 0x04,
    CB_RESUME = 0x08,
    CB_TCR2 = 0x10,
    CB_TTBR0 = 0x20,
    CB_TTBR1 = 0x28,
    CB_TCR = 0x30,
    CB_CONTEXTIDR = 0x34,
    CB_MAIR0 = 0x38,
    CB_MAIR1 = 0x3c,
    CB_FSR = 0x58,
    CB_FAR = 0x60,
    CB_FSYNR0 = 0x68,
    CB_FSYNR1 = 0x6c,
    CB_TLBIVA = 0x600,
    CB_TLBIASID = 0x610,
    CB_TLBIALL = 0x618,
    CB_TLBIVAL = 0x620,
    CB_TLBIIPAS2 = 0x630,
    CB_TLBIIPAS2L = 0x638,
    CB_TLBSYNC = 0x7f0,
    CB_TLBSTATUS = 0x7f4,
};

enum {
    CR0_CLIENTPD = 1u << 0,
    CR0_GFIE = 1u << 2,
    CR0_EXIDENABLE = 1u << 3,
    CR0_USFCFG = 1u << 10,
    CR0_SMCFCFG = 1u << 21
};
enum { GFSR_ICF = 1u << 0, GFSR_USF = 1u << 1, GFSR_SMCF = 1u << 2, GFSR_UCBF = 1u << 3 };
#define GFSR_MULTI 0x80000000u
enum { SCTLR_M = 1u << 0, SCTLR_CFIE = 1u << 6, SCTLR_CFCFG = 1u << 7, SCTLR_HUPCF = 1u << 8 };
enum { FSR_TF = 1u << 1, FSR_AFF = 1u << 2, FSR_PF = 1u << 3, FSR_EF = 1u << 4, FSR_ASF = 1u << 7 };
#define FSR_SS     0x40000000u
#define FSR_MULTI  0x80000000u
#define FSR_FAULTS 0x1feu
enum s2cr_type { S2CR_TRANSLATE, S2CR_BYPASS, S2CR_FAULT };

#define GROUPS_MAX 128u
#define BANKS_MAX  128u

struct sync {
    bool active;
    unsigned wait; /* accesses left */
    uint64_t last; /* number of the last invalidation that it covers */
};

struct bank {
    uint32_t cbar, cba2r, frsynra;
    uint32_t sctlr, actlr, tcr2, tcr, contextidr, mair[2];
    uint32_t fsr, fsynr0;
    uint64_t ttbr[2], far;
    uint32_t op_high; /* upper half of an invalidation's operand, written by words */
    struct sync sync;
};

struct route { /* the way of a stream */
    enum { ROUTE_FAULT, ROUTE_BYPASS, ROUTE_BANK } kind;
    uint8_t bank;
    uint32_t gfsr; /* ROUTE_FAULT: the fault */
};

struct kept_route {
    struct kept_route *next;
    uint32_t sid;
    struct route route;
};

struct tlb_entry { /* a translation, or (table) a pointer to the next table */
    struct tlb_entry *next;
    uint64_t iova, size;
    uint64_t out;  /* of iova; or the next table */
    uint64_t desc; /* the descriptor */
    uint16_t vmid, asid;
    uint8_t level;
    bool stage2, table;
    bool prefetched; /* by MMU-500: an invalidation by address misses it */
};

struct tlbi { /* takes away entries for which every test that it asks for holds */
    enum smmuv2_model_op op;
    int bank; /* that it was issued in; -1: globally */
    bool by_vmid, by_asid, by_address, stage1, stage2;
    bool tables; /* pointers to tables too, not only translations */
    uint16_t vmid, asid;
    uint64_t address;
    uint64_t number; /* in order of issue */
};

struct smmuv2_model {
    struct smmuv2_model_config cfg;
    uint32_t cr0, acr, gfsr, gfsynr0, gfsynr1;
    uint64_t gfar;
    uint32_t smr[GROUPS_MAX], s2cr[GROUPS_MAX];
    bool s2cr_fresh[GROUPS_MAX]; /* written since the group was last valid */
    bool kept[GROUPS_MAX];       /* by firmware */
    struct bank bank[BANKS_MAX];
    unsigned groups, banks, s2_banks;
    struct sync sync;
    struct tlb_entry *tlb;
    struct tlbi *pending;
    unsigned pending_count, pending_room;
    uint64_t tlbis; /* issued */
    struct kept_route *routes;
    struct model_memory *memory; /* NULL: coherent */
    bool drop[SMMU2_OPS];
    unsigned counts[SMMU2_OPS];
    struct model_watch watch;
    unsigned accesses; /* by devices */
};

/* Sizes in bits by their code in SMMU_IDR2, TCR and TCR2. */
unsigned sm2_size_bits(unsigned code);

/* ---- regs.c ---------------------------------------------------------------------------------- */
uint64_t sm2_page_size(const struct smmuv2_model *m);
unsigned sm2_pages(const struct smmuv2_model *m); /* of each half of the register space */
/* A register's place without checks, for presets; NULL: it has none. */
uint32_t *sm2_gr0_word(struct smmuv2_model *m, uint32_t offset);
void sm2_write_gr0(struct smmuv2_model *m, uint32_t offset, uint32_t value);
uint32_t sm2_read_gr0(struct smmuv2_model *m, uint32_t offset);

/* ---- bank.c ---------------------------------------------------------------------------------- */
uint32_t *sm2_gr1_word(struct smmuv2_model *m, uint32_t offset);
void sm2_write_gr1(struct smmuv2_model *m, uint32_t offset, uint32_t value);
void *sm2_bank_place(struct smmuv2_model *m, unsigned n, uint32_t offset, unsigned *width);
void sm2_write_bank(struct smmuv2_model *m, unsigned n, uint32_t offset, unsigned width,
                    uint64_t value);
uint64_t sm2_read_bank(struct smmuv2_model *m, unsigned n, uint32_t offset, unsigned width);
static inline unsigned sm2_cbar_type(const struct bank *b)
{
    return (unsigned)bits(b->cbar, 17, 16);
}

/* ---- stream.c -------------------------------------------------------------------------------- */
bool sm2_group_valid(const struct smmuv2_model *m, unsigned n);
struct route sm2_route(struct smmuv2_model *m, uint32_t sid);
void sm2_write_smr(struct smmuv2_model *m, unsigned n, uint32_t value);
void sm2_write_s2cr(struct smmuv2_model *m, unsigned n, uint32_t value);
void sm2_write_cr0(struct smmuv2_model *m, uint32_t value);
/* True when some stream goes to the bank now. */
bool sm2_bank_is_used(const struct smmuv2_model *m, unsigned bank);
/* The way that the stream goes: the kept one, if there is. */
struct route sm2_kept_route(struct smmuv2_model *m, uint32_t sid);
void sm2_drop_routes(struct smmuv2_model *m, int bank); /* -1: all */

/* ---- tlb.c ----------------------------------------------------------------------------------- */
void sm2_tlb_add(struct smmuv2_model *m, const struct tlb_entry *e);
void sm2_tlb_clear(struct smmuv2_model *m);
void sm2_tlbi(struct smmuv2_model *m, const struct tlbi *t);
void sm2_sync(struct smmuv2_model *m, int bank); /* -1: global */
void sm2_sync_tick(struct smmuv2_model *m);

/* ---- walk.c ---------------------------------------------------------------------------------- */
struct walked {
    uint32_t fsr; /* 0: translated */
    uint8_t level;
    uint64_t paddr;
    bool device_memory;
};
/* With `fresh` nothing is taken from or put into the TLB. */
struct walked sm2_walk(struct smmuv2_model *m, unsigned bank, uint64_t iova, bool write,
                       bool fresh);

/* ---- regime.c -------------------------------------------------------------------------------- */
struct regime { /* what a bank's registers say of its tables */
    bool stage2, aarch64;
    uint8_t granule, input_bits, output_bits, start_level;
    uint16_t vmid, asid;
    uint64_t ttb, mair;
};
/* False, and a violation: they say nothing that the specification allows. */
bool sm2_regime(struct smmuv2_model *m, unsigned bank, struct regime *r);

/* ---- fault.c --------------------------------------------------------------------------------- */
void sm2_global_fault(struct smmuv2_model *m, uint32_t gfsr, uint32_t sid, uint64_t iova,
                      bool write);
void sm2_context_fault(struct smmuv2_model *m, unsigned bank, uint32_t fsr, uint8_t level,
                       uint32_t sid, uint64_t iova, bool write);

#endif
