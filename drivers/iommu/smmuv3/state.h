/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_SMMUV3_STATE_H
#define RF_DRIVERS_SMMUV3_STATE_H

#include "drivers/iommu/smmuv3/smmuv3.h"
#include "drivers/iommu/smmuv3/structs.h"
#include "lib/iommu/domain.h"

/* What the files of this driver share. */

/* What this part can do, read once at probe and edited by quirks.c. */
struct smmuv3_features {
    uint32_t idr0, idr1, idr3, idr5, iidr, aidr; /* as read */
    uint8_t sid_bits;
    uint8_t cmdq_lg2; /* largest queues in log2 entries */
    uint8_t eventq_lg2;
    bool two_level;     /* stream table */
    bool range_inv;     /* IDR3.RIL */
    unsigned batch_max; /* commands that may precede a CMD_SYNC */
    const char *errata; /* what was worked around, for the report; NULL: nothing */
};

/* A ring in memory. Indices carry one wrap bit above the lg2 index bits, so that subtracting them
 * modulo 2^(lg2 + 1) gives the number of entries between them (3.5.1). */
struct smmuv3_queue {
    paddr_t pa;
    uint64_t *base;
    uint8_t order; /* of its pages */
    uint8_t lg2;   /* entries */
    uint8_t entry_words;
    uint32_t prod; /* command queue: next entry to write */
    uint32_t cons; /* event queue: next entry to read; command queue: CONS as last seen */
};

struct smmuv3_strtab {
    uint64_t *top; /* L1STDs, or STEs of a linear table; NULL: not made */
    paddr_t pa;
    uint8_t order;
    uint8_t sid_bits;
    bool two_level;
};

/* A page of context descriptors. */
struct smmuv3_cd_page {
    SLIST_ENTRY(smmuv3_cd_page) link;
    paddr_t pa;
    uint64_t used; /* one bit a descriptor */
};

struct smmuv3 {
    struct iommu_unit unit;
    struct smmuv3_config cfg;
    struct mmio page0;
    struct mmio page1;
    struct smmuv3_features feat;
    struct smmuv3_strtab strtab;
    struct smmuv3_queue cmdq;
    struct smmuv3_queue eventq;
    uint32_t eventq_ack; /* EVENTQ_CONS.OVACKFLG */
    SLIST_HEAD(, smmuv3_cd_page) cd_pages;
    struct smmuv3_stats stats;
    bool commands_on; /* CMDQEN is acknowledged and the queue has not been given up */
};

static inline struct smmuv3 *smmuv3_of(struct iommu_unit *u)
{
    return CONTAINER_OF(u, struct smmuv3, unit);
}

#define SMMUV3_WAIT_US 1000000u /* for a register, room in a queue, a CMD_SYNC */

/* ---- features.c ------------------------------------------------------------------------------ */

/* Reads the identification registers into s->feat and s->unit.caps. -RF_ENXIO with one line for
 * each thing that is missing. */
int smmuv3_read_features(struct smmuv3 *s);

/* ---- quirks.c -------------------------------------------------------------------------------- */

void smmuv3_apply_quirks(struct smmuv3_features *f);

/* ---- queue.c --------------------------------------------------------------------------------- */

struct smmuv3_cmd {
    uint64_t w[CMD_WORDS];
};

/* Commands that one CMD_SYNC will complete. They are in the queue; the SMMU may not know yet. */
struct smmuv3_batch {
    unsigned count;
};

static inline void smmuv3_batch_init(struct smmuv3_batch *b)
{
    b->count = 0;
}

/* Allocates the ring with at most 2^max_lg2 entries, half as many as long as memory does not
 * suffice, down to one page. -RF_ENOMEM. */
int smmuv3_queue_init(struct smmuv3 *s, struct smmuv3_queue *q, unsigned max_lg2,
                      unsigned entry_words);
void smmuv3_queue_fini(struct smmuv3_queue *q, bool hardware_is_off);
uint64_t smmuv3_queue_base(const struct smmuv3 *s, const struct smmuv3_queue *q);
uint64_t *smmuv3_queue_entry(const struct smmuv3_queue *q, uint32_t index);
uint32_t smmuv3_queue_advance(const struct smmuv3_queue *q, uint32_t index, uint32_t n);
uint32_t smmuv3_queue_used(const struct smmuv3_queue *q, uint32_t prod, uint32_t cons);

/* Adds a command. There is no wait unless the queue is full, or an erratum wants one. */
int smmuv3_batch_add(struct smmuv3 *s, struct smmuv3_batch *b, struct smmuv3_cmd cmd);

/* Submits what is left and one CMD_SYNC, and waits until the SMMU has consumed that, by which all
 * commands before it have completed (4.7.3). -RF_ETIMEDOUT; -RF_EIO: a command was refused, or the
 * queue was given up. */
int smmuv3_batch_sync(struct smmuv3 *s, struct smmuv3_batch *b);

/* One command and its CMD_SYNC. */
int smmuv3_command_sync(struct smmuv3 *s, struct smmuv3_cmd cmd);

/* ---- entry.c --------------------------------------------------------------------------------- */

void smmuv3_ste_abort(uint64_t ste[STE_WORDS]);
void smmuv3_ste_s1(paddr_t cd, bool coherent, uint64_t ste[STE_WORDS]);
void smmuv3_cd_s1(const struct iommu_domain *d, uint64_t cd[CD_WORDS]);

/* Which bits of an entry the hardware looks at, given the entry. */
typedef void (*smmuv3_used_t)(const uint64_t *entry, uint64_t *used);
void smmuv3_ste_used(const uint64_t *ste, uint64_t *used);
void smmuv3_cd_used(const uint64_t *cd, uint64_t *used);

/* An STE or CD in memory that the SMMU may be reading. */
struct smmuv3_live {
    uint64_t *words; /* STE_WORDS == CD_WORDS of them */
    smmuv3_used_t used;
    int (*commit)(struct smmuv3_live *l); /* drops every cached copy and waits; 0 or an error */
    struct smmuv3 *s;
    uint32_t sid;
};

/* Changes the entry to `target` so that hardware which reads any word at any moment sees the old
 * entry, the new one, or one that denies. The commit's error, if one fails: the entry is then in
 * one of these three states. */
int smmuv3_live_write(struct smmuv3_live *l, const uint64_t target[STE_WORDS]);

/* ---- tables.c -------------------------------------------------------------------------------- */

int smmuv3_strtab_init(struct smmuv3 *s);
void smmuv3_strtab_fini(struct smmuv3 *s, bool hardware_is_off);
uint64_t smmuv3_strtab_base(const struct smmuv3 *s);
uint32_t smmuv3_strtab_base_cfg(const struct smmuv3 *s);

/* The stream's entry; NULL: out of range, or its level 2 table was never needed. */
uint64_t *smmuv3_strtab_ste(const struct smmuv3 *s, uint32_t sid);

/* The same, making the level 2 table: all of it denies before it is linked. -RF_ERANGE, -RF_ENOMEM,
 * or an error of the command queue. */
int smmuv3_strtab_make_ste(struct smmuv3 *s, uint32_t sid, uint64_t **ste);

/* Every entry denies, in memory; nothing is invalidated. */
void smmuv3_strtab_abort_all(struct smmuv3 *s);

/* A context descriptor, V = 0, or NULL. */
uint64_t *smmuv3_cd_alloc(struct smmuv3 *s);
void smmuv3_cd_free(struct smmuv3 *s, paddr_t cd);

/* ---- stream.c -------------------------------------------------------------------------------- */

int smmuv3_attach(struct iommu_unit *u, uint32_t sid, const struct iommu_domain *d);
int smmuv3_detach(struct iommu_unit *u, uint32_t sid);

/* ---- invalidate.c ---------------------------------------------------------------------------- */

struct smmuv3_cmd smmuv3_cmd_cfgi_ste(uint32_t sid, bool leaf);
struct smmuv3_cmd smmuv3_cmd_cfgi_all(void);
struct smmuv3_cmd smmuv3_cmd_tlbi_all(unsigned op);
int smmuv3_flush(struct iommu_unit *u, const struct iommu_domain *d, const struct pt_gather *g);

/* ---- fault.c --------------------------------------------------------------------------------- */

unsigned smmuv3_faults(struct iommu_unit *u, struct iommu_fault *out, unsigned max);

/* Reports and acknowledges the global errors but CMDQ_ERR, which queue.c recovers from. */
void smmuv3_handle_gerror(struct smmuv3 *s);

#endif
