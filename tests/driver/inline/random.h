/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RF_TESTS_DRIVER_INLINE_RANDOM_H
#define RF_TESTS_DRIVER_INLINE_RANDOM_H

#include <stdlib.h>

#include "tests/driver/inline/unit_fixture.h"

/* Random programs of maps, unmaps, attaches and detaches, while devices access memory at every
 * register access and after every store. What a device reaches was mapped for it when the access
 * was made, or is just being unmapped. A failure prints its seed. */

#define DOMAINS 2u
#define STREAMS 4u
#define PLACES  24u /* of a page each, two to a table */
#define STEPS   120u
#define NOBODY  DOMAINS

struct place {
    uint64_t pa;
    bool writable;
    bool mapped;
    bool leaving; /* its flush is under way: still reachable, never again afterwards */
};

static struct world {
    struct iommu_domain *d[DOMAINS];
    struct place place[DOMAINS][PLACES];
    unsigned owner[STREAMS]; /* a domain, or NOBODY */
    unsigned parting;        /* a stream whose detach is under way; STREAMS: none */
    unsigned old_owner;      /* of the parting one */
    uint32_t sids[STREAMS];
    unsigned granule_lg2; /* of the domains */
    uint64_t page, seed, state;
    void (*disturb)(void); /* what the hardware does beside */
    unsigned reached;
} w;

static inline uint64_t below(uint64_t n)
{
    w.state = w.state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (w.state >> 33) % n;
}

static inline uint64_t iova_of(unsigned place)
{
    return FX_IOVA + place / 2 * w.page * w.page / 8 + place % 2 * w.page;
}

/* ---- the devices ----------------------------------------------------------------------------- */

static inline bool allowed_in(unsigned domain, unsigned place, bool write, uint64_t pa)
{
    const struct place *p = &w.place[domain][place];

    return (p->mapped || p->leaving) && p->pa == pa && (p->writable || !write);
}

static inline bool allowed(unsigned s, unsigned place, bool write, uint64_t pa)
{
    if (w.owner[s] != NOBODY && allowed_in(w.owner[s], place, write, pa))
        return true;
    return s == w.parting && allowed_in(w.old_owner, place, write, pa);
}

static inline void access_one(unsigned s, unsigned place, bool write)
{
    struct FX_NAME(model_result) r = fx_dma(w.sids[s], iova_of(place), write);

    if (!r.passed)
        return;
    w.reached++;
    if (r.bypassed || !allowed(s, place, write, r.paddr))
        fail_msg("seed %lu: stream %x reached %lx by %lx, which nothing allows", w.seed, w.sids[s],
                 r.paddr, iova_of(place));
}

/* An own sequence: the program stays the same whatever the devices do. */
static inline void devices(void *ctx)
{
    static uint64_t turn;

    (void)ctx;
    turn = turn * UINT64_C(2862933555777941757) + 3037000493;
    access_one((turn >> 40) % STREAMS, (turn >> 45) % PLACES, turn >> 60 & 1);
}

static inline void devices_after_store(void *ctx, paddr_t pa, unsigned width)
{
    (void)pa;
    (void)width;
    devices(ctx);
}

/* When nothing is under way what is allowed is also reached. */
static inline void check_all(void)
{
    for (unsigned i = 0; i < STREAMS * PLACES * 2; i++) {
        unsigned s = i / 2 / PLACES, place = i / 2 % PLACES;
        struct FX_NAME(model_result) r = fx_dma(w.sids[s], iova_of(place), i % 2);
        const struct place *p = w.owner[s] == NOBODY ? NULL : &w.place[w.owner[s]][place];

        if (r.passed != (p && p->mapped && (p->writable || i % 2 == 0)) ||
            (r.passed && (r.paddr != p->pa || r.stale)))
            fail_msg("seed %lu: stream %x at %lx: passed %u, %lx", w.seed, w.sids[s],
                     iova_of(place), r.passed, r.paddr);
    }
}

/* ---- the program ----------------------------------------------------------------------------- */

static inline void map_place(void)
{
    unsigned domain = (unsigned)below(DOMAINS), place = (unsigned)below(PLACES);
    struct place *p = &w.place[domain][place];
    uint64_t pa = FX_PA + below(1000) * w.page;
    bool writable = below(2);
    int err;

    if (p->mapped)
        return;
    *p = (struct place){.pa = pa, .writable = writable, .mapped = true};
    inject_after(below(4) == 0 ? 1 + (unsigned)below(2) : 0);
    err = iommu_domain_map(w.d[domain], iova_of(place), PADDR(pa), w.page,
                           writable ? FX_RW : PT_READ);
    inject_after(0);
    assert_true(!err || err == -RF_ENOMEM);
    if (err)
        *p = (struct place){0};
}

/* A run of places, in one gather. */
static inline void unmap_places(void)
{
    unsigned domain = (unsigned)below(DOMAINS), first = (unsigned)below(PLACES);
    unsigned last = first + (unsigned)below(PLACES - first);
    struct pt_gather g;

    for (unsigned i = first; i <= last; i++) {
        w.place[domain][i].leaving = w.place[domain][i].mapped;
        w.place[domain][i].mapped = false;
    }
    pt_gather_init(&g);
    for (unsigned i = first; i <= last; i++)
        if (w.place[domain][i].leaving)
            assert_int_equal(iommu_domain_unmap(w.d[domain], iova_of(i), w.page, &g), 0);
    assert_int_equal(iommu_domain_sync(w.d[domain], &g), 0);
    for (unsigned i = first; i <= last; i++)
        w.place[domain][i].leaving = false;
}

static inline void attach_stream(void)
{
    unsigned s = (unsigned)below(STREAMS), domain = (unsigned)below(DOMAINS);

    if (w.owner[s] != NOBODY) {
        assert_int_equal(iommu_domain_attach(w.d[domain], w.sids[s]), -RF_EBUSY);
        return;
    }
    w.owner[s] = domain;
    inject_after(below(4) == 0);
    if (iommu_domain_attach(w.d[domain], w.sids[s]))
        w.owner[s] = NOBODY;
    inject_after(0);
}

static inline void detach_stream(void)
{
    unsigned s = (unsigned)below(STREAMS);

    if (w.owner[s] == NOBODY)
        return;
    w.parting = s;
    w.old_owner = w.owner[s];
    w.owner[s] = NOBODY;
    assert_int_equal(iommu_domain_detach(w.d[w.old_owner], w.sids[s]), 0);
    w.parting = STREAMS;
}

static inline struct iommu_domain *make_domain(void)
{
    struct iommu_domain *d;

    assert_int_equal(iommu_domain_create(fx.unit, w.granule_lg2, &d), 0);
    return d;
}

static inline void remake_domain(void)
{
    unsigned domain = (unsigned)below(DOMAINS);

    for (unsigned s = 0; s < STREAMS; s++)
        if (w.owner[s] == domain)
            return;
    memset(w.place[domain], 0, sizeof(w.place[domain]));
    iommu_domain_destroy(w.d[domain]);
    w.d[domain] = make_domain();
}

static inline void step(void)
{
    void (*const ops[])(void) = {map_place,     map_place,     map_place,
                                 unmap_places,  attach_stream, attach_stream,
                                 detach_stream, w.disturb,     remake_domain};

    ops[below(ARRAY_SIZE(ops))]();
    if (below(4) == 0)
        check_all();
}

/* ---- a program ------------------------------------------------------------------------------- */

/* From here on below() is the program's. */
static inline void random_begin(uint64_t seed)
{
    memset(&w, 0, sizeof(w));
    w.seed = seed;
    w.state = seed;
    w.parting = STREAMS;
    for (unsigned s = 0; s < STREAMS; s++)
        w.owner[s] = NOBODY;
}

static inline void run_steps(void)
{
    if (below(2))
        host_park_enable(w.seed);
    model_on_access(fx_watch(), devices, NULL);
    host_store_hook(devices_after_store, NULL);
    for (unsigned i = 0; i < STEPS; i++)
        step();
    model_on_access(fx_watch(), NULL, NULL);
    host_store_hook(NULL, NULL);
    host_park_disable();
}

/* On a unit that has just been started. */
static inline void random_run(const uint32_t sids[STREAMS], unsigned granule_lg2,
                              void (*disturb)(void))
{
    memcpy(w.sids, sids, sizeof(w.sids));
    w.granule_lg2 = granule_lg2;
    w.page = BIT(granule_lg2);
    w.disturb = disturb;
    for (unsigned i = 0; i < DOMAINS; i++)
        w.d[i] = make_domain();
    run_steps();
    check_all();
    if (model_violation(fx_watch()))
        print_error("seed %lu\n", w.seed);
    fx_assert_no_violation();
    assert_true(w.reached > 0);
    for (unsigned s = 0; s < STREAMS; s++)
        if (w.owner[s] != NOBODY)
            fx_detach(w.d[w.owner[s]], w.sids[s]);
    for (unsigned i = 0; i < DOMAINS; i++)
        iommu_domain_destroy(w.d[i]);
}

/* DRIVER_SEED=N runs that program alone; DRIVER_PROGRAMS=N that many. */
static inline void random_programs(void (*run)(uint64_t seed))
{
    const char *one = getenv("DRIVER_SEED"), *many = getenv("DRIVER_PROGRAMS");
    uint64_t n = many ? strtoull(many, NULL, 0) : 150;

    if (one)
        run(strtoull(one, NULL, 0));
    for (uint64_t seed = 1; !one && seed <= n; seed++)
        run(seed);
}

#endif
