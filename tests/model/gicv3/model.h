/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_GICV3_H
#define RF_TESTS_MODEL_GICV3_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/model/watch.h"

/* A model of a GICv3 with one ITS, written from IHI 0069 with its own constants and without a
 * header of a driver.
 *
 * The redistributor reads the configuration of every LPI when LPIs are switched on, and again only
 * when it is told. What an ITS command changes is in effect for devices when a SYNC behind it is
 * over, as late as allowed. Entries of tables are written into the memory that software gave, and
 * looked at whenever they are used. What is switched off goes off when RWP is read as 0. It checks
 * what the specification asks of software, and keeps the first thing that was broken. */
struct gicv3_model_config {
    unsigned lines;        /* GICD_TYPER.ITLinesNumber */
    unsigned redists, own; /* how many redistributors, and which is this CPU's */
    bool vlpis;            /* each of them has four frames */
    bool last_is_missing;  /* none of them says that it is the last */
    bool two_states;       /* Non-secure side of two Security states: no groups, no WAKER */
    unsigned pri_bits;     /* of preemption: 5, 6 or 7 */
    bool no_lpis;
    uint8_t num_lpis;           /* GICD_TYPER.num_LPIs */
    bool lpis_are_on;           /* firmware left them on ... */
    bool lpis_stay_on;          /* ... and nothing switches them off */
    unsigned rwp_delay;         /* reads until RWP is 0 */
    bool rwp_stuck, wake_stuck; /* never */
    unsigned wake_delay;

    bool no_its;       /* its frames read as 0 */
    unsigned dev_bits; /* device ids ... */
    unsigned event_bits;
    unsigned itt_entry, dev_entry; /* bytes */
    unsigned hcc;                  /* collections inside */
    bool pta;                      /* targets are addresses */
    bool no_collection_table, no_device_table;
    bool flat_only;
    unsigned page_sizes; /* bits: 4K, 16K, 64K */
    uint32_t iidr;
    bool was_on;          /* firmware left it on */
    bool never_quiescent; /* GITS_CTLR.Quiescent stays 0 when it is on */
    bool stalls;          /* at a command error; else such a command is passed over */
    bool lazy;            /* a command a register access, not all at once */
    bool stuck;           /* no command is ever taken */

    bool no_share;     /* shareability fields stay 0 */
    bool non_coherent; /* sees only what was cleaned */
    uint64_t ram_base, ram_size;
};

/* As QEMU's virt has it, but for the places where hardware may be slower. */
extern const struct gicv3_model_config gicv3_model_virt;

#define GICV3_MODEL_DIST   0x08000000ull
#define GICV3_MODEL_ITS    0x08080000ull
#define GICV3_MODEL_REDIST 0x080a0000ull

enum gicv3_model_command {
    ITS_CLEAR = 0x04,
    ITS_SYNC = 0x05,
    ITS_MAPD = 0x08,
    ITS_MAPC = 0x09,
    ITS_MAPTI = 0x0a,
    ITS_INV = 0x0c,
    ITS_INVALL = 0x0d,
    ITS_DISCARD = 0x0f,
};

struct gicv3_model;

/* Its registers are then at the addresses above of the host machine (arch/host/host.h). */
struct gicv3_model *gicv3_model_new(const struct gicv3_model_config *cfg);
void gicv3_model_free(struct gicv3_model *m);
uint64_t gicv3_model_redist_size(const struct gicv3_model *m);

/* ---- this CPU's end, of the model that was made last ----------------------------------------- */
uint64_t gicv3_model_affinity(void);
uint64_t gicv3_model_acknowledge(void);
void gicv3_model_end(uint32_t id);
uint64_t gicv3_model_cpu_read(unsigned reg); /* enum gic_register */
void gicv3_model_cpu_write(unsigned reg, uint64_t value);

/* ---- devices --------------------------------------------------------------------------------- */
/* A wire is raised: a private or shared interrupt becomes pending. */
void gicv3_model_raise(struct gicv3_model *m, uint32_t id);
/* A device writes an event to GITS_TRANSLATER: the LPI that becomes pending; 0: none. */
uint32_t gicv3_model_ring(struct gicv3_model *m, uint32_t device, uint32_t event);

/* ---- errors on demand ------------------------------------------------------------------------ */
/* The next `times` commands of this kind are refused. */
void gicv3_model_refuse(struct gicv3_model *m, enum gicv3_model_command c, unsigned times);
void gicv3_model_stop_commands(struct gicv3_model *m);

/* ---- what it saw ----------------------------------------------------------------------------- */
struct gicv3_model_irq {
    bool enabled, pending, active, group1, edge;
    uint8_t priority;
    uint64_t route;
};
struct gicv3_model_irq gicv3_model_irq(const struct gicv3_model *m, uint32_t id);
bool gicv3_model_has_device(const struct gicv3_model *m, uint32_t device);
bool gicv3_model_its_is_on(const struct gicv3_model *m);
unsigned gicv3_model_count(const struct gicv3_model *m, enum gicv3_model_command c);
/* What the last GITS_BASERn of devices, or of collections, was written as. */
uint64_t gicv3_model_device_baser(const struct gicv3_model *m);
struct model_watch *gicv3_model_watch(struct gicv3_model *m);

#endif
