/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_MODEL_GICV3_INTERNAL_H
#define RF_TESTS_MODEL_GICV3_INTERNAL_H

#include <stddef.h>

#include "tests/model/bits.h"
#include "tests/model/gicv3/model.h"
#include "tests/model/memory.h"

#define WIRED      1024u
#define SPI_FIRST  32u
#define LPI_FIRST  8192u
#define LPIS       8192u
#define LINE       64u /* LPIs whose configuration is read at once */
#define NOTHING    1023u
#define DEVICES    8u
#define EVENTS     512u
#define COLLECTS   4u
#define BASERS     8u
#define AP1RS      4u
#define PIDR2      0xffe8u
#define FRAME      0x10000u
#define GICV3_ARCH 0x3bu /* PIDR2 of a GICv3 */

struct irq {
    struct gicv3_model_irq s;
    bool going_off; /* disabled, and not off until RWP is 0 */
};

struct event {
    bool valid;
    uint32_t lpi;
    uint16_t collection;
};

struct device {
    bool valid;
    uint32_t id;
    uint64_t itt;
    unsigned bits; /* of event ids */
    struct event event[EVENTS];
};

/* What the ITS translates by. */
struct translation {
    struct device device[DEVICES];
    bool collection[COLLECTS];
};

struct gicv3_model {
    struct gicv3_model_config cfg;
    struct model_memory *shadow;
    struct model_watch watch;

    /* distributor, redistributor, CPU */
    uint32_t ctlr;
    unsigned rwp_left, redist_rwp_left, wake_left;
    struct irq irq[WIRED];
    bool asleep, waking, lpis_on;
    uint64_t propbaser, pendbaser;
    uint8_t config[LPIS]; /* as it was read last */
    bool reload[LPIS], clear[LPIS];
    bool lpi_pending[LPIS];
    uint64_t pmr, cpu_ctlr, igrpen1, bpr1, ap1r[AP1RS];
    uint32_t running; /* 0: nothing; SGI 0 is never used */

    /* ITS */
    bool on;
    bool quiescent;
    uint64_t cbaser, baser[BASERS];
    uint32_t cwriter, creadr;
    bool stalled;
    struct translation next, live;
    unsigned count[256], refuse[256];
    bool was_refused; /* a command, by a test: what follows may be in error for it */
};

uint64_t own_redist(const struct gicv3_model *m);

uint64_t dist_read(struct gicv3_model *m, uint64_t off, unsigned width);
void dist_write(struct gicv3_model *m, uint64_t off, unsigned width, uint64_t v);
uint64_t redist_read(struct gicv3_model *m, uint64_t off, unsigned width);
void redist_write(struct gicv3_model *m, uint64_t off, unsigned width, uint64_t v);
uint64_t its_read(struct gicv3_model *m, uint64_t off, unsigned width);
void its_write(struct gicv3_model *m, uint64_t off, unsigned width, uint64_t v);

/* ---- state.c: interrupts by bits of 32 */
uint32_t get_bits(const struct gicv3_model *m, unsigned first, size_t member);
void enable_bits(struct gicv3_model *m, unsigned first, uint32_t v);
void disable_bits(struct gicv3_model *m, unsigned first, uint32_t v);
void clear_pending(struct gicv3_model *m, unsigned first, uint32_t v);
void clear_active(struct gicv3_model *m, unsigned first, uint32_t v);
void set_group(struct gicv3_model *m, unsigned first, uint32_t v);
void set_priority(struct gicv3_model *m, unsigned first, uint32_t v);
void all_off(struct gicv3_model *m, unsigned first, unsigned end);

/* ---- lpi.c */
uint8_t lpi_read_config(struct gicv3_model *m, uint32_t lpi);
void lpis_switch(struct gicv3_model *m, bool on);

/* ---- table.c */
/* Where the entry of a device is; 0: nowhere. */
uint64_t device_entry(struct gicv3_model *m, uint32_t id);
void check_zero(struct gicv3_model *m, uint64_t pa, uint64_t bytes, const char *what);
bool table_is_valid(struct gicv3_model *m, uint64_t baser);
struct device *find_device(struct translation *t, uint32_t id);
void check_entries(struct gicv3_model *m, const struct device *d, uint32_t event);
void put_device(struct gicv3_model *m, const struct device *d);
void put_event(struct gicv3_model *m, const struct device *d, uint32_t event);

/* ---- command.c */
void take_commands(struct gicv3_model *m);
void take_lazily(struct gicv3_model *m);

#endif
