/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_VTD_STATE_H
#define RF_DRIVERS_VTD_STATE_H

#include "drivers/iommu/vtd/structs.h"
#include "drivers/iommu/vtd/vtd.h"
#include "lib/iommu/domain.h"

/* What the files of this driver share. */

enum vtd_mode { VTD_LEGACY, VTD_SCALABLE_SS, VTD_SCALABLE_FS };

/* What this part can do, read once at probe and edited by quirks.c. */
struct vtd_features {
    uint32_t ver; /* as read */
    uint64_t cap, ecap;
    enum vtd_mode mode;
    bool kept_mode;    /* translation was on when it was found: the table mode had to stay */
    bool remap;        /* interrupts are remapped */
    uint8_t levels;    /* of second-stage tables */
    uint32_t iva_off;  /* of IVA; IOTLB is behind it */
    uint32_t frcd_off; /* of the first fault recording register */
    unsigned frcd_count;
    const char *errata; /* what was worked around, for the report; NULL: nothing */
};

/* The invalidation queue: one page of descriptors, and a page whose words wait descriptors write in
 * turn. */
struct vtd_queue {
    paddr_t pa;
    uint64_t *base;
    uint32_t *status;
    uint32_t sequence; /* what the last wait writes */
    uint32_t head;     /* as last seen */
    uint32_t tail;     /* next entry to write */
    uint32_t entries;  /* a power of two */
    uint32_t words;    /* of an entry */
};

struct vtd {
    struct iommu_unit unit;
    struct vtd_config cfg;
    struct mmio regs;
    struct vtd_features feat;
    uint64_t *root; /* NULL: not made */
    uint64_t *irt;  /* NULL: interrupts are not remapped */
    struct vtd_queue queue;
    struct vtd_stats stats;
    bool queue_on; /* QIES is set and the queue has not been given up */
    bool given_up; /* an invalidation was not answered */
};

static inline struct vtd *vtd_of(struct iommu_unit *u)
{
    return CONTAINER_OF(u, struct vtd, unit);
}

static inline bool vtd_scalable(const struct vtd *v)
{
    return v->feat.mode != VTD_LEGACY;
}

#define VTD_WAIT_US 1000000u /* for a register or a wait descriptor */

/* Writes back what the hardware reads without snooping (ECAP.C = 0); over when it returns. */
void vtd_clean(const struct vtd *v, const void *p, size_t n);

/* ---- features.c ------------------------------------------------------------------------------ */

/* True when nobody answers at its address. Reads only. */
bool vtd_is_silent(const struct vtd *v);

/* Reads the capabilities into v->feat and v->unit.caps; writes nothing. -RF_ENXIO with one line for
 * what is missing; -RF_EINVAL: the register window is too small. */
int vtd_read_features(struct vtd *v);

/* ---- quirks.c -------------------------------------------------------------------------------- */

void vtd_apply_quirks(struct vtd_features *f, const struct vtd_config *cfg);

/* ---- command.c ------------------------------------------------------------------------------- */

/* One command of GCMD, and its effect in GSTS (VT-d 11.4.4). `bit` is one of GCMD_*. */
int vtd_enable(struct vtd *v, uint64_t bit);
int vtd_disable(struct vtd *v, uint64_t bit);
bool vtd_is_on(const struct vtd *v, uint64_t bit);

/* RWBF = 1: what was stored is in buffers of the chipset until this (VT-d 6.8). */
int vtd_flush_write_buffer(struct vtd *v);

/* ---- queue.c --------------------------------------------------------------------------------- */

struct vtd_desc {
    uint64_t w[DESC_WORDS];
};

#define VTD_BATCH 64u
struct vtd_batch {
    unsigned count;
    struct vtd_desc descs[VTD_BATCH];
};

static inline void vtd_batch_init(struct vtd_batch *b)
{
    b->count = 0;
}

void vtd_batch_add(struct vtd_batch *b, struct vtd_desc desc);

/* Submits the batch and one wait descriptor, and waits until the hardware has written its status;
 * where there is no queue, by the registers. -RF_ETIMEDOUT; -RF_EIO: a descriptor was refused, or
 * the queue was given up. */
int vtd_batch_sync(struct vtd *v, struct vtd_batch *b);

int vtd_queue_alloc(struct vtd *v);
void vtd_queue_free(struct vtd *v);
int vtd_queue_start(struct vtd *v);

/* The queue that firmware or an earlier start left is drained and off. */
int vtd_queue_stop(struct vtd *v);

/* ---- direct.c -------------------------------------------------------------------------------- */

/* Carries out a context-cache or IOTLB descriptor by CCMD, IVA and IOTLB (VT-d 6.5.1). */
int vtd_invalidate_direct(struct vtd *v, const struct vtd_desc *desc);

/* ---- entry.c --------------------------------------------------------------------------------- */

void vtd_ctx_legacy(const struct iommu_domain *d, uint64_t ctx[CTX_WORDS]);
void vtd_ctx_scalable(paddr_t pasid_dir, uint64_t ctx[SM_CTX_WORDS]);
void vtd_pasid_entry(const struct vtd *v, const struct iommu_domain *d, uint64_t e[PASID_WORDS]);

/* Makes an entry that is not present present, or the other way round: hardware that reads any word
 * at any moment sees it absent or whole. Nothing is invalidated. */
void vtd_entry_publish(const struct vtd *v, uint64_t *entry, const uint64_t *value, unsigned words);
void vtd_entry_retract(const struct vtd *v, uint64_t *entry);

/* ---- tables.c -------------------------------------------------------------------------------- */

int vtd_root_alloc(struct vtd *v);
void vtd_root_free(struct vtd *v);
uint64_t vtd_root_address(const struct vtd *v); /* RTADDR */

/* The stream's context entry; NULL: its table was never needed. sid has 16 bits. */
uint64_t *vtd_context(const struct vtd *v, uint32_t sid);

/* The same, making the table. -RF_ERANGE: no such stream (logged); -RF_ENOMEM. */
int vtd_make_context(struct vtd *v, uint32_t sid, uint64_t **ctx);

/* A PASID directory, its table behind it, and in that entry 0 for the domain. */
int vtd_pasid_alloc(struct vtd *v, const struct iommu_domain *d, paddr_t *dir);
void vtd_pasid_free(paddr_t dir, bool unused);
uint16_t vtd_pasid_did(paddr_t dir);

/* No stream is let in any more, in memory; nothing is invalidated, and the tables below the root go
 * into quarantine. */
void vtd_deny_all(struct vtd *v);

/* ---- stream.c -------------------------------------------------------------------------------- */

int vtd_attach(struct iommu_unit *u, uint32_t sid, const struct iommu_domain *d);
int vtd_detach(struct iommu_unit *u, uint32_t sid);

/* ---- invalidate.c ---------------------------------------------------------------------------- */

/* Everything about one stream of domain did, or (did = 0) what was kept of it while it was absent:
 * entries that are not present are tagged with domain 0 (VT-d 6.1). */
void vtd_add_stream(const struct vtd *v, struct vtd_batch *b, uint32_t sid, uint16_t did);

/* Every translation of the domain. */
void vtd_add_domain(const struct vtd *v, struct vtd_batch *b, uint16_t did);

/* All but interrupt entries. */
int vtd_invalidate_all(struct vtd *v);

/* 2^lg2 interrupt entries from `index` on, or all of them. */
int vtd_invalidate_irtes(struct vtd *v, uint16_t index, unsigned lg2);
int vtd_invalidate_all_irtes(struct vtd *v);

int vtd_flush(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_gather *g);

/* ---- irte.c ---------------------------------------------------------------------------------- */

int vtd_irt_alloc(struct vtd *v);
int vtd_irt_start(struct vtd *v);
void vtd_irt_deny_all(struct vtd *v);
int vtd_msi_route(struct iommu_unit *u, struct msi_source who, struct msi_controller *parent,
                  struct msi_controller **out);

/* ---- reason.c -------------------------------------------------------------------------------- */

struct vtd_reason {
    uint8_t code;
    const char *name; /* of the condition */
    const char *meaning;
    const char *advice;
};

/* Never NULL: there is a record for those that are not known. */
const struct vtd_reason *vtd_find_reason(uint8_t code);

/* ---- fault.c --------------------------------------------------------------------------------- */

unsigned vtd_faults(struct iommu_unit *u, struct iommu_fault *out, unsigned max);

/* Masks the fault event and drops what is recorded. */
void vtd_fault_reset(struct vtd *v);

#endif
