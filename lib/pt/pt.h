/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_PT_PT_H
#define RF_PT_PT_H

#include "lib/pt/gather.h"

/* Page tables: one engine, and a format of small functions for each table layout.
 *
 * The language used here: an *entry* is one 64-bit word of a *table*; a *leaf* maps memory, a table
 * entry points to the next table. Level 0 is the level that has leaves only; specification names
 * (ARM: level 3 = our 0, level 2 = our 1, ...) appear only inside a format. *lg2* is log2 of a size
 * in bytes. Addresses in: iova (or user address); addresses out: paddr_t. Ranges are closed. */
enum pt_prot {
    PT_READ = 1u << 0,
    PT_WRITE = 1u << 1,
    PT_EXEC = 1u << 2,
    PT_USER = 1u << 3,   /* unprivileged access; every device mapping has it */
    PT_DEVICE = 1u << 4, /* Device-nGnRE; never together with PT_EXEC */
};

struct pt;

struct pt_config {
    uint8_t granule_lg2; /* 12, 14 or 16: size of a table and of the smallest leaf */
    uint8_t ias;         /* input address bits; a mapping above is -RF_ERANGE */
    uint8_t oas;         /* output address bits; an output byte above is -RF_ERANGE */
    bool coherent;       /* the walker snoops the CPU's caches; else every entry is cleaned */
    bool global;         /* entries are not tagged by ASID (the kernel's own tables) */
    bool snoop;          /* VT-d second stage: leaves force snooping (only with ECAP.SC) */
    uint8_t levels; /* VT-d second stage: tables from the root down, which the hardware is told;
                     * other formats derive it from ias */
    uint64_t leaf_sizes; /* VT-d: the sizes that the hardware takes (bitmap as in struct pt) */
    uint16_t keep;       /* tables that stay linked when they become empty: see pt_unmap */
};

/* What all formats do in one way is data, which a walk needs at each level; the rest is functions.
 */
struct pt_format {
    const char *name;
    /* An entry is valid when one of these bits is set. The engine writes invalid entries as 0. */
    uint64_t valid_mask;
    /* Above level 0, an entry is a leaf when (entry & block_mask) == block_bits. */
    uint64_t block_mask, block_bits;
    /* The address that a leaf or a table entry holds. It is a plain addend of the entry: the leaf
     * of pa + n is the leaf of pa, plus n. */
    uint64_t addr_mask;
    uint64_t table_bits; /* all else of a table entry */
    /* Can this configuration be built? 0, -RF_EINVAL (granule), -RF_ERANGE (ias, oas). Fills
     * top_level, index bits and leaf sizes in pt. */
    int (*geometry)(struct pt *pt);
    uint64_t (*encode_leaf)(const struct pt *pt, unsigned level, paddr_t pa, unsigned prot);
    unsigned (*prot_of)(const struct pt *pt, uint64_t entry);
    /* 0, or -RF_EOPNOTSUPP with what the format cannot express (write-only on ARM stage 1). What no
     * format allows never gets here. */
    int (*check_prot)(unsigned prot);
};

struct pt {
    const struct pt_format *fmt;
    struct pt_config cfg;
    uint8_t top_level;   /* level of the root table */
    uint8_t index_bits;  /* index bits of every table below the root */
    uint8_t root_bits;   /* index bits of the root table */
    bool adopted;        /* some tables are not the page allocator's: see pt_adopt */
    uint64_t leaf_sizes; /* bitmap of leaf sizes (bit lg2) */
    paddr_t root;
    /* Calls come back to few places and few rights, and finding those is most of what a small call
     * costs: so some entries of level 1 are remembered, and the bits of a leaf of level 0. What is
     * known of a table is forgotten when it is unlinked. */
    struct pt_near {
        uint64_t start;  /* of what the entry covers */
        uint64_t *entry; /* NULL: nothing is remembered */
        uint64_t *pages; /* the table of level 0 that it points to; NULL: look there */
        uint16_t *live;  /* of that table, the number of valid entries */
    } near[4];
    uint8_t region_lg2;  /* of the bytes that one covers */
    uint64_t page_size;  /* of the smallest leaf */
    uint64_t not_offset; /* bits that are 0 in every offset of a page in what an entry covers */
    uint64_t not_output; /* ... in every output address of a page */
    unsigned page_prot;  /* ~0: none */
    uint64_t page_bits;
    uint32_t tables; /* tables that pt_fini would free */
    uint16_t kept;   /* of these, the empty ones, but for the root */
    uint64_t leaves; /* valid leaves, for statistics and tests */
};

struct pt_leaf {
    paddr_t pa; /* of the iova that was asked for */
    unsigned prot;
    uint8_t size_lg2; /* of the leaf it is in */
};

extern const struct pt_format pt_arm_s1; /* VMSAv8-64 stage 1, 4K 16K 64K (DDI 0487 D8.3) */
extern const struct pt_format pt_arm_s2; /* VMSAv8-64 stage 2, the same granules */

extern const struct pt_format pt_cpu_x86; /* the CPU's own tables, x86-64, 4 levels (SDM 3A 4.5) */

extern const struct pt_format pt_vtd_fs; /* VT-d first stage, 4 levels (VT-d 9.7) */
extern const struct pt_format pt_vtd_ss; /* VT-d second stage, 3 to 5 levels (VT-d 9.8) */

/* MAIR_EL1 / CD.MAIR that pt_arm_s1 counts on: Attr0 Normal WB RWA, Attr1 Device-nGnRE. */
#define PT_ARM_MAIR UINT64_C(0x04ff)

/* An empty table: allocates the root, zeroed and (if the walker does not snoop) cleaned.
 * -RF_ENOMEM, -RF_EINVAL, -RF_ERANGE. */
int pt_init(struct pt *pt, const struct pt_format *fmt, const struct pt_config *cfg);

/* Wraps tables that already exist (the CPU's start-up tables): outside the page allocator's ranges,
 * as page_is_managed() tells, and invalid entries are 0. They are filled and cleared like others,
 * but never unlinked, never freed, and not counted in pt->tables. -RF_EINVAL, -RF_ERANGE. */
int pt_adopt(struct pt *pt, const struct pt_format *fmt, const struct pt_config *cfg, paddr_t root);

/* Frees every table. No walker may use them any more: the invalidation is the caller's duty. */
void pt_fini(struct pt *pt);

/* Maps [iova, iova + size) to [pa, ...) with the largest leaves that iova, pa and size allow.
 * All or nothing: on any error the tables translate exactly as before, and hold no more pages.
 * Only invalid entries are written, so nothing is ever replaced and a map needs no flush (where a
 * walker caches invalid entries, its driver adds one). Where an empty table was kept, the leaves
 * are that table's: pt_make_way for larger ones. The range must have been synchronised since
 * its last unmap.
 *   -RF_EINVAL   size 0, or iova, pa or size not a multiple of the smallest leaf, or prot
 *   -RF_EOPNOTSUPP  prot that the format cannot express
 *   -RF_EOVERFLOW   iova + size or pa + size wraps
 *   -RF_ERANGE   beyond ias or oas (any byte, not only the first)
 *   -RF_EEXIST   a leaf is already there
 *   -RF_ENOMEM   no page for a table
 * Every store is a dma_store64; on return all of them are visible to the walker. */
int pt_map(struct pt *pt, uint64_t iova, paddr_t pa, uint64_t size, unsigned prot);

/* Clears every leaf wholly inside [iova, iova + size); holes are fine. A leaf that the range cuts
 * is -RF_EINVAL before anything is changed: leaves are never split. *unmapped (may be NULL) gets
 * the bytes cleared. No allocation. -RF_EINVAL, -RF_EOVERFLOW, -RF_ERANGE as in pt_map.
 * Tables that became empty are unlinked into g, but for cfg.keep of them: one of which the range is
 * only a part stays linked, as a map is likely to come back to it, and walkers may go on to it. */
int pt_unmap(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g, uint64_t *unmapped);

/* Unlinks the kept tables that the range touches into g, or only those all of whose span it has,
 * which larger leaves may take the place of. The same rules. */
int pt_trim(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g);
int pt_make_way(struct pt *pt, uint64_t iova, uint64_t size, struct pt_gather *g);

/* Changes the rights of every leaf wholly inside the range; the same rules as pt_unmap, and those
 * of pt_map for prot. PT_DEVICE is not a right: every leaf keeps its memory type, and PT_EXEC is
 * -RF_EINVAL when one of them is Device. Only where rights get smaller does the leaf go into g. */
int pt_protect(struct pt *pt, uint64_t iova, uint64_t size, unsigned prot, struct pt_gather *g);

/* The translation of one address. */
bool pt_lookup(const struct pt *pt, uint64_t iova, struct pt_leaf *out);

/* The same, and of the `size` bytes from iova on (not 0): *run of them follow each other in memory,
 * with the same rights and leaf size, as far as one table goes. */
bool pt_lookup_run(const struct pt *pt, uint64_t iova, uint64_t size, struct pt_leaf *out,
                   uint64_t *run);

/* The leaf that holds iova, else the first one after it: where it starts in *leaf_iova, and its
 * first byte's translation in *out. False when there is none. */
bool pt_next_leaf(const struct pt *pt, uint64_t iova, uint64_t *leaf_iova, struct pt_leaf *out);

#endif
