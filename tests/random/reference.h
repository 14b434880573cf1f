/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_RANDOM_REFERENCE_H
#define RF_TESTS_RANDOM_REFERENCE_H

#include <sys/queue.h>

#include "lib/base/range.h"
#include "tests/random/program.h"

/* What the kernel has to look like from outside: a list of intervals a container, and who is
 * attached to which. It knows nothing of tables, domains or invalidations.
 *
 * While a call is under way, what it makes or takes away is MAYBE there. */
enum sure { NO, MAYBE, YES };

struct ref_map {
    LIST_ENTRY(ref_map) link;
    struct range iova;
    bool read, write;
    enum sure sure;
    int registers; /* of this device; -1: memory */
    bool revoked;  /* they are not there any more: nothing is reached, but the IOVAs stay taken */
    uint64_t pa[]; /* of each page; 0: the call that brings it in is under way */
};

struct ref_container {
    bool open, iommu;
    bool tracking; /* of dirty pages */
    LIST_HEAD(, ref_map) maps;
    unsigned count;
    uint64_t bytes;
};

struct ref_group {
    bool open;
    int container; /* -1: none */
    enum sure attached;
};

struct ref_device {
    unsigned opens;
    uint16_t command;
    unsigned index; /* that is enabled: 1 MSI, 2 MSI-X, 0 none */
    unsigned count; /* vectors of it */
    unsigned live;  /* bitmap: those that have an event */
};

struct ref {
    uint64_t granule;
    bool unsafe_allowed;
    struct ref_container container[CONTAINERS];
    struct ref_group group[GROUPS];
    struct ref_device device[GROUPS];
    bool dead[UNITS];
    bool failing[UNITS]; /* it says so itself (SFM_ERR), and will be killed when that is seen */
    bool may_die[UNITS]; /* in this step, because of what the program did to it */
    bool lost[RAM_SIZE / PAGE_SIZE];
    bool ever_in_danger;   /* then pages may stay in quarantine */
    bool doorbells_moving; /* a call is under way that may map or unmap one */
};
extern struct ref ref;

void ref_start(const uint64_t *arg); /* of OP_MACHINE */
void ref_stop(void);

/* ---- what a call has to give ----------------------------------------------------------------- */
long ref_want_open_group(unsigned g);
long ref_want_set_container(unsigned g, unsigned c);
long ref_want_unset_container(unsigned g);
long ref_want_set_iommu(unsigned c);
long ref_want_map(const uint64_t *arg);
long ref_want_unmap(const uint64_t *arg);
long ref_want_irqs(const uint64_t *arg);

/* ---- registers.c, dirty.c -------------------------------------------------------------------- */

/* Whose registers the workload has at this address; -1: nobody's, or not all of them are there. */
int ref_registers(uint64_t vaddr, uint64_t size);
/* Where they are. */
uint64_t ref_registers_pa(uint64_t vaddr);
long ref_want_registers(unsigned d);

/* pins.c */
long ref_want_pin(uint64_t vaddr, uint64_t size, bool write);
void ref_check_pins(unsigned turn);
/* The unmap of c that is under way was not confirmed: devices may go on using its pages, which are
 * lost. */
void ref_lose(unsigned c);
void ref_check_lost(void);

long ref_want_dirty(const uint64_t *arg);
/* A bitmap of pages from iova on: of the range's, those that devices may write are set. */
long ref_want_bitmap(unsigned c, uint64_t size);
void ref_check_bitmap(unsigned c, struct range r, const uint64_t *bitmap);
/* A map of c lies partly inside r. */
bool ref_cuts(unsigned c, struct range r);

/* ---- maps ------------------------------------------------------------------------------------ */

/* The new interval, MAYBE; it is settled by ref_map_done, with the same arguments. */
struct ref_map *ref_map_begin(const uint64_t *arg);
void ref_map_done(const uint64_t *arg, struct ref_map *m, bool ok);

/* Those that the call takes away become MAYBE; the sum of their bytes. */
uint64_t ref_unmap_begin(const uint64_t *arg);
/* They are gone, or (not gone) back. */
void ref_unmap_done(unsigned c, bool gone);

/* Every map of the device's registers goes for good, whatever container it is in. */
void ref_revoke_begin(unsigned d);
void ref_revoke_done(unsigned d);

/* ---- groups ---------------------------------------------------------------------------------- */
void ref_join_begin(unsigned g, unsigned c);
void ref_join_done(unsigned g, unsigned c, bool ok);
void ref_set_iommu_begin(unsigned c);
void ref_set_iommu_done(unsigned c, bool ok);
/* The group leaves its container; nothing when it is in none. */
void ref_leave_begin(unsigned g);
void ref_leave_done(unsigned g);

/* ---- what a device may reach ----------------------------------------------------------------- */
struct ref_reach {
    enum sure sure;
    uint64_t pa;
    bool anywhere;  /* where it is is not known yet */
    bool registers; /* a doorbell's, or another device's */
    bool mapped;    /* but not for this access */
};
struct ref_reach ref_reach(unsigned stream, uint64_t iova, bool write);

/* VFIO_DEVICE_SET_IRQS succeeded. */
void ref_irqs_done(const uint64_t *arg);

/* The ranges that a container's user may map, in order. */
unsigned ref_usable(unsigned c, struct range *out);

/* An enabled doorbell is in the container. */
bool ref_rings(unsigned c);

static inline bool ref_attached(unsigned g)
{
    return ref.group[g].attached == YES;
}

#endif
