/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_DRIVERS_IRQ_ITS_STATE_H
#define RF_DRIVERS_IRQ_ITS_STATE_H

#include <sys/queue.h>

#include "drivers/irq/gicv3/lpi.h"
#include "drivers/irq/its/its.h"

/* Private to drivers/irq/its. */

/* What it can do, errata applied. */
struct its_features {
    uint32_t iidr;
    const char *errata;  /* NULL: none known */
    uint8_t event_bits;  /* event ids are 0 .. 2^event_bits - 1 */
    uint8_t device_bits; /* device ids the same */
    uint8_t itt_entry;   /* bytes */
    uint8_t hcc;         /* collections that it keeps in itself */
    bool target_address; /* redistributors are named by their addresses, not their numbers */
    bool uncached;       /* tables must be Device memory to it, whatever it says */
};

/* A table whose entries the ITS writes (GITS_BASERn). */
struct its_table {
    uint64_t *base;  /* NULL: it needs none */
    unsigned number; /* of the GITS_BASERn */
    unsigned order;
    uint64_t page;  /* bytes */
    uint32_t entry; /* bytes */
    uint64_t ids;   /* that it has room for */
    bool two_level; /* base has the addresses of pages of entries */
    bool clean;     /* the ITS does not snoop the CPU's caches there */
};

struct its_queue {
    uint64_t *base;
    uint32_t bytes;
    uint32_t write;   /* offset of the next command */
    unsigned pending; /* commands since the last wait */
    int error;        /* of a wait since the last its_sync() */
    bool clean;       /* the ITS does not snoop the CPU's caches there */
};

struct its_device {
    struct msi_controller msi; /* first */
    struct its *its;
    struct lpi_block lpis; /* event i is LPI first + i; count 0: the device is not mapped */
    uint32_t id;
    unsigned vectors; /* that were asked for */
    unsigned live;    /* events that are given out */
    uint64_t *used;   /* a bit an event */
    paddr_t itt;
    unsigned itt_order;
    LIST_ENTRY(its_device) link;
};

struct its {
    struct msi_controller msi; /* first */
    struct its_config cfg;
    struct its_features feat;
    struct its_table devices, collections;
    struct its_queue queue;
    uint64_t target; /* RDbase of this CPU's redistributor, as commands name it */
    bool dead;       /* switched off for good after it did not follow */
    LIST_HEAD(, its_device) list;
};

#define ITS_WAIT_US    1000000
#define ITS_COLLECTION 0u /* the only one: this CPU */

/* Switches it off for good: it translates nothing from here on. */
void its_kill(struct its *s, const char *why);

/* Where the ITS does not snoop: writes back what the CPU wrote, for the next dma_sync(). */
void its_clean(bool clean, const void *p, size_t n);

/* ---- quirks.c */
void its_apply_quirks(struct its_features *f);

/* ---- tables.c */
/* Gives the ITS the tables that it asks for. -RF_ENOMEM, -RF_ERANGE. */
int its_tables_init(struct its *s);
/* Has it no longer use them, and gives them back; only while it is off. */
void its_tables_fini(struct its *s);
/* Whether there is such a device id. */
bool its_tables_have(const struct its *s, uint32_t id);
/* Makes room for the device's entry. -RF_ENOMEM. */
int its_tables_add_device(const struct its *s, uint32_t id);

/* ---- queue.c */
struct its_command {
    uint64_t word[4];
};
int its_queue_init(struct its *s);
void its_queue_fini(struct its *s);
/* Commands are taken in order. its_sync() puts a SYNC behind them, and waits until it is over: what
 * they change is in effect then. -RF_EIO: one of them was refused, and skipped; -RF_ETIMEDOUT. Both
 * are logged, and the second kills it. */
void its_push(struct its *s, struct its_command c);
int its_sync(struct its *s);

/* ---- command.c */
struct its_command its_mapd(const struct its_device *d, bool valid);
struct its_command its_mapc(const struct its *s);
struct its_command its_mapti(const struct its_device *d, uint32_t event);
struct its_command its_inv(const struct its_device *d, uint32_t event);
struct its_command its_invall(void);
struct its_command its_clear(const struct its_device *d, uint32_t event);
struct its_command its_discard(const struct its_device *d, uint32_t event);
struct its_command its_sync_of(const struct its *s);

/* ---- device.c */
int its_for_device(struct msi_controller *c, uint32_t device_id, unsigned vectors,
                   struct msi_controller **out);

#endif
