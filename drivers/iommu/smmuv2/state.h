/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_SMMUV2_STATE_H
#define RF_DRIVERS_SMMUV2_STATE_H

#include "drivers/iommu/smmuv2/regs.h"
#include "drivers/iommu/smmuv2/smmuv2.h"
#include "lib/iommu/domain.h"

/* What the files of this driver share. */

/* What this part can do, read once at probe and edited by quirks.c. */
struct smmuv2_features {
    uint32_t idr0, idr1, idr2, idr7; /* as read */
    uint8_t version;                 /* of the architecture: 1 or 2 */
    bool stage2;                     /* banks translate at stage 2; else at stage 1 */
    bool aarch32;                    /* by long descriptors of AArch32; else VMSAv8-64 */
    bool split64;                    /* 64-bit registers are written in halves */
    bool no_prefetch;                /* MMU-500: ACTLR.CPRE has to be 0 */
    uint8_t page_lg2;                /* of a page of registers */
    uint8_t pages_lg2;               /* of such pages in each half of the window */
    uint16_t groups;                 /* of stream mapping registers */
    bool matching;                   /* streams are matched; else they are an index */
    bool extended;                   /* stream ids have 16 bits */
    uint16_t sid_bits;               /* bits of SMR.ID that exist ... */
    uint16_t ignorable;              /* ... and of SMR.MASK */
    uint8_t banks_first, banks_end;  /* the usable context banks */
    uint8_t asid_bits;
    uint8_t asid_base;  /* added to each ASID or VMID */
    const char *errata; /* what was worked around, for the report; NULL: nothing */
};

/* A context bank. */
struct smmuv2_bank {
    const struct iommu_domain *domain; /* that it translates by; NULL: nobody's, and off */
    uint16_t streams;                  /* that lead to it */
};

/* A stream mapping group. */
struct smmuv2_entry {
    bool used;
    uint8_t bank;
    uint32_t sid;
};

struct smmuv2 {
    struct iommu_unit unit;
    struct smmuv2_config cfg;
    struct mmio global0;
    struct mmio global1;
    struct smmuv2_features feat;
    struct smmuv2_entry entries[STREAM_GROUPS_MAX];
    struct smmuv2_bank banks[BANKS_MAX];
    uint8_t banks_top; /* above it no bank was ever on: there are no faults */
    struct smmuv2_stats stats;
};

static inline struct smmuv2 *smmuv2_of(struct iommu_unit *u)
{
    return CONTAINER_OF(u, struct smmuv2, unit);
}

#define SMMUV2_WAIT_US 1000000u /* for the completion of an invalidation */

/* ---- features.c ------------------------------------------------------------------------------ */

/* Reads where everything is, which is needed to block: pages, stream mapping groups, banks.
 * -RF_ENODEV: no SMMU answers; -RF_ENXIO: the window is too small. Logged. */
int smmuv2_read_layout(struct smmuv2 *s);

/* Fills s->feat and s->unit.caps; every stream is blocked. -RF_ENXIO with one line for each thing
 * that is missing. */
int smmuv2_read_features(struct smmuv2 *s);

/* ---- quirks.c -------------------------------------------------------------------------------- */

/* What the part is, by the name that firmware gives it. */
const char *smmuv2_part_name(enum smmuv2_part part);
uint8_t smmuv2_part_version(enum smmuv2_part part);

/* Edits the features once, before anything is derived from them. -RF_ENXIO (logged). */
int smmuv2_apply_quirks(struct smmuv2 *s);

/* ---- entry.c --------------------------------------------------------------------------------- */

/* The group of a stream that is let in; negative: there is none. */
int smmuv2_entry_of(const struct smmuv2 *s, uint32_t sid);

/* A group for a stream that has none. -RF_ERANGE, -RF_ENOSPC, logged. */
int smmuv2_entry_alloc(const struct smmuv2 *s, uint32_t sid);

/* Lets the stream into the bank, which is on. -RF_EIO: the registers do not hold what was written;
 * the stream is denied. */
int smmuv2_entry_translate(struct smmuv2 *s, unsigned i, uint32_t sid, unsigned bank);

/* What the group matched is denied. */
void smmuv2_entry_deny(struct smmuv2 *s, unsigned i);

/* All of them; with the meaning that SMRs have now. */
void smmuv2_entries_deny(struct smmuv2 *s, bool extended);

/* -RF_ENXIO (logged): one of them does not deny. */
int smmuv2_entries_check_denied(const struct smmuv2 *s);

/* Finds which bits SMRs have. No group is in use. */
void smmuv2_entries_probe(struct smmuv2 *s);

/* -RF_ENXIO (logged): they lack a bit that firmware's map of streams needs. */
int smmuv2_entries_check_bits(const struct smmuv2 *s);

/* ---- tables.c -------------------------------------------------------------------------------- */

struct mmio smmuv2_bank_regs(const struct smmuv2 *s, unsigned bank);
uint64_t smmuv2_read64(const struct smmuv2 *s, const struct mmio *regs, reg64_t reg);

/* ASID of a stage 1 domain, VMID of a stage 2 domain. */
uint16_t smmuv2_asid(const struct smmuv2 *s, const struct iommu_domain *d);

/* The bank of a domain; negative: it has none, and nothing of it is cached. */
int smmuv2_bank_of(const struct smmuv2 *s, const struct iommu_domain *d);

/* The same, making it translate by the domain's tables. -RF_ENOSPC, logged. */
int smmuv2_bank_get(struct smmuv2 *s, const struct iommu_domain *d);

/* Switches it off: no stream leads to it, and nothing of its domain is cached. */
void smmuv2_bank_put(struct smmuv2 *s, unsigned bank);

/* No bank interrupts any more; they stay on. */
void smmuv2_banks_silence(struct smmuv2 *s);

/* Ends what firmware has stalled. Nothing stalls any more (sCR0.STALLD). */
void smmuv2_banks_end_stalls(struct smmuv2 *s);

/* Switches all of them off, with the faults that firmware left. */
void smmuv2_banks_reset(struct smmuv2 *s);

/* ---- stream.c -------------------------------------------------------------------------------- */

int smmuv2_attach(struct iommu_unit *u, uint32_t sid, const struct iommu_domain *d);
int smmuv2_detach(struct iommu_unit *u, uint32_t sid);

/* ---- invalidate.c ---------------------------------------------------------------------------- */

int smmuv2_flush(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_gather *g);

/* Everything that the bank's domain may have in the TLB. -RF_ETIMEDOUT. */
int smmuv2_invalidate_bank(struct smmuv2 *s, unsigned bank);

/* Everything of everybody. -RF_ETIMEDOUT. */
int smmuv2_invalidate_all(struct smmuv2 *s);

/* ---- fault.c --------------------------------------------------------------------------------- */

unsigned smmuv2_faults(struct iommu_unit *u, struct iommu_fault *out, unsigned max);

#endif
